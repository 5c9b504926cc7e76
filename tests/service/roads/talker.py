"""A player by hand over any road: counts events, matches answers, and keeps all that was said."""

from collections.abc import Callable
from typing import Any, Final

import attrs
import trio

from tests.service.roads.binary import OverPolling, OverWebSocket
from tests.service.roads.road import Client, Heard
from tests.service.roads.spoken import OverSocketIoPolling, OverSocketIoWebSocket, OverSse

ROADS: tuple[type[Client], ...] = (
    OverWebSocket,
    OverPolling,
    OverSse,
    OverSocketIoWebSocket,
    OverSocketIoPolling,
)


CONFIRM_S: Final = 0.5
"""Time between two confirmations of what has come."""


@attrs.define(eq=False)
class Talker:
    """A player on one connection after another.

    Attributes:
        last_event: Number of the last event, each checked to be the next one.
    """

    client: Client
    token: bytes = b""
    player_id: str = ""
    last_event: int = 0
    past: list[Heard] = attrs.field(factory=list)
    answers: dict[int, Any] = attrs.field(factory=dict)
    answered: list[int] = attrs.field(factory=list)
    """Numbers of the answers in the order in which they came."""
    _arrived: int = 0
    _confirmed_at: float = -1.0

    async def sign_in(self, name: str) -> dict[str, Any]:
        """Sign in as a new guest."""
        welcome = await self.client.sign_in(name)
        self.token, self.player_id = welcome["token"], welcome["player_id"]
        return welcome

    async def resume(self, client: Client) -> dict[str, Any]:
        """Go on over another connection."""
        self.client = client
        welcome = await client.sign_in(token=self.token, last_event=self.last_event)
        self.token, self._confirmed_at = welcome["token"], -1.0
        return welcome

    async def hear(self) -> Heard:
        """Return the next thing that the server says, counted."""
        client = self.client
        heard = await client.hear()
        self.note(heard)
        now = trio.current_time()
        if now >= self._confirmed_at + CONFIRM_S and self.client is client:
            self._confirmed_at = now
            await client.confirm(self.last_event, self.arrived())
        return heard

    def note(self, heard: Heard) -> None:
        """Count a thing that the server said."""
        self.past.append(heard)
        if heard.name == "answer":
            self.answers[heard.number] = heard.fields
            self.answered.append(heard.number)
        elif heard.number and heard.name != "snapshot":
            assert heard.number == self.last_event + 1, (heard, self.last_event)
            self.last_event = heard.number

    def arrived(self) -> int:
        """Return the number up to which all answers have come."""
        while self._arrived + 1 in self.answers:
            self._arrived += 1
        return self._arrived

    async def wait(self, name: str, fits: Callable[[Heard], bool] = lambda _: True) -> Heard:
        """Return the next thing of this name that fits."""
        while (heard := await self.hear()).name != name or not fits(heard):
            pass
        return heard

    async def answer(self, number: int) -> Any:
        """Return the answer to a request."""
        while number not in self.answers:
            await self.hear()
        return self.answers[number]

    async def ask(self, name: str, **fields: Any) -> Any:
        """Ask and return the result."""
        answer = await self.answer(await self.client.ask(name, fields))
        assert "result" in answer, answer
        return answer["result"]

    async def refused(self, name: str, **fields: Any) -> str:
        """Ask and return the code of the refusal."""
        answer = await self.answer(await self.client.ask(name, fields))
        assert answer["error"]["sentence"]
        code: str = answer["error"]["code"]
        return code

    def lines_of(self, sender: str) -> list[str]:
        """Return the chat lines of a player that were heard so far."""
        lines = [heard.fields["line"] for heard in self.past if heard.name == "chat.said"]
        return [line["text"] for line in lines if line.get("sender_name") == sender]
