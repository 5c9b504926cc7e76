"""People on roads without the SDK: they sign in, chat, play by chance, and resume after each cut.

Law: what they hear is checked as with the SDK's clients: events once and in order, answers once.
"""

import json
from contextlib import suppress
from typing import Any, Final

import attrs
import trio

from gameserver.client.link.address import Address
from gameserver.client.probes.connection import Connection, Heard, ProbeRequest
from gameserver.client.probes.meter import Meter
from gameserver.client.probes.socketio import OverSocketIoPolling, OverSocketIoWebSocket
from gameserver.client.probes.sse import OverSse
from gameserver.errors import Code, ConnectionLostError
from gameserver.messages.session import GetServerInfo
from gameserver.rooms.state import replies
from gameserver.testing.story.hearing import Hearing
from gameserver.testing.story.stage import Stage
from gameserver.testing.whole import URL

ROADS: Final[tuple[type[Connection], ...]] = (
    OverSse,
    OverSocketIoWebSocket,
    OverSocketIoPolling,
)

WELCOME_S: Final = 5.0
SILENT_S: Final = 12.0
"""Silence after which a guest takes its connection for broken: servers send something in 5 s."""

AGAIN_S: Final = 0.4
CONFIRM_S: Final = 2.0

REPEATABLE: Final = frozenset(
    (*(request.name for request in replies.REPEATABLE), GetServerInfo.name)
)

EXTRAS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("lobby.quick_play", {}),
    ("lobby.leave", {}),
    ("lobby.ready", {"ready": True}),
    ("lobby.sit", {"seat": -1}),
    ("lobby.list", {}),
    ("session.rename", {"player_name": "Guest"}),
    ("chat.history", {"channel": "global"}),
    ("server.info", {}),
    ("no.such", {"thing": [1, {"a": None}]}),
    ("lobby.sit", {"seat": "first"}),
    ("chat.send", {"channel": "nowhere", "text": 7}),
)
"""What a guest asks for besides chatting, right or wrong."""


@attrs.define(eq=False)
class _Asked:
    request: ProbeRequest
    text: str = ""
    since: float = attrs.field(factory=trio.current_time)
    decided: bool = False
    """Whether a resume has told that it was carried out: its answer may be lost with a connection,
    since on these roads the server counts the requests."""


class Guest:
    """One guest with one session after the other."""

    def __init__(self, stage: Stage, number: int) -> None:
        """Prepare; `visit` connects."""
        self._stage = stage
        self._random = stage.random(f"guest {number}")
        self._name = f"Guest {number + 1}"
        self.hearing: Hearing = Hearing(self._name, stage.chat, stage.report.fault)
        self.online: bool = False
        self._token = ""
        self._last: int
        """Number of the last event that has come; the welcome to a new session sets it to 0."""
        self._next = 1
        self._decided: int
        """Number of the last request that had a result which no server may forget, as `_last`."""
        self._open: dict[int, _Asked] = {}
        self._said = 0

    async def visit(self) -> None:
        """Be there until cancelled."""
        await trio.sleep(self._random.uniform(0.0, 3.0))
        meter = Meter(self._stage.open_stream)
        async with trio.open_nursery() as nursery:
            road = self._random.choice(ROADS)
            connection: Connection = road(Address.parse(URL), meter, nursery)
            nursery.start_soon(self._cut, meter)
            while True:
                with suppress(ConnectionLostError):
                    await self._use(connection)
                connection.close()
                meter.cut()
                await trio.sleep(AGAIN_S)
                connection = connection.again()

    def overdue(self) -> list[str]:
        """Return the requests that were not answered in time."""
        limit = trio.current_time() - 60.0
        return [
            asked.request.name
            for asked in self._open.values()
            if asked.since < limit and not asked.decided
        ]

    async def _cut(self, meter: Meter) -> None:
        """Lose all streams now and then, as somebody does who goes through a tunnel."""
        while not await self._stage.wait_calm(self._random.expovariate(1 / 8.0)):
            meter.cut()

    async def _use(self, connection: Connection) -> None:
        auth: dict[str, Any] = {"name": self._name}
        if self._token:
            auth = {"token": self._token, "last_event": self._last}
        await connection.open(auth)
        heard = await self._hear(connection, WELCOME_S)
        if heard.name != "welcome":
            self._refused(heard)
            return
        self._welcomed(heard.fields)
        waiting = [asked.request for asked in self._open.values()]
        await connection.repeat(waiting, int(heard.fields.get("next_request", 1)))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._speak, connection)
            nursery.start_soon(self._confirm, connection)
            with suppress(ConnectionLostError):
                while True:
                    self._note(await self._hear(connection, SILENT_S))
            self.online = False
            nursery.cancel_scope.cancel()

    async def _hear(self, connection: Connection, seconds: float) -> Heard:
        with trio.move_on_after(seconds):
            return await connection.hear()
        raise ConnectionLostError(f"nothing came within {seconds:g} s")

    def _refused(self, heard: Heard) -> None:
        error = heard.fields.get("error", heard.fields)
        if error.get("code") == Code.TOKEN_UNKNOWN:
            self._token = ""

    def _welcomed(self, welcome: dict[str, Any]) -> None:
        # The first welcome may be lost with its stream, and its ticket resumes then.
        if not (welcome["resumed"] and self._token):
            self._last, self._decided, self._open = 0, 0, {}
        self.online = True
        self._token = str(welcome["token"])
        self.hearing.connected(str(welcome["player_id"]), int(welcome.get("last_event", 0)))
        self._count_from(int(welcome.get("next_request", 1)))

    def _count_from(self, number: int) -> None:
        """Count further requests from a number on, first those of which the server knows nothing.

        A crash may lose the count of requests that decided nothing, though they were answered.
        """
        if number <= self._decided:
            sentence = f"the result of request {self._decided} was told, and is forgotten"
            self._stage.report.fault(f"{self._name}: {sentence}")
        self.hearing.forgotten(number)
        known = {each: asked for each, asked in self._open.items() if each < number}
        left = [asked for each, asked in sorted(self._open.items()) if each >= number]
        for asked in known.values():
            asked.decided = True
        self._open, self._next = known, number
        for asked in left:
            asked.request = attrs.evolve(asked.request, number=self._next)
            self._open[self._next] = asked
            self._next += 1

    def _note(self, heard: Heard) -> None:
        if heard.name == "answer":
            self.hearing.answered(heard.number)
            self.hearing.answer(heard.number, self._comparable(heard))
            self._answered(heard)
        elif heard.name == "goodbye":
            raise ConnectionLostError("the server said goodbye")
        elif heard.number:
            self._last = max(self._last, heard.number)
            if self.hearing.event(heard.number, _same(heard.fields)) and heard.name == "chat.said":
                line = heard.fields["line"]
                if line["channel"] == "global":
                    self.hearing.listener.heard(int(line["message_id"]), str(line["text"]))

    def _comparable(self, heard: Heard) -> str | None:
        """Return an answer as a text; None for one that may be another when it comes again."""
        asked = self._open.get(heard.number)
        limited = heard.fields.get("error", {}).get("code") == Code.RATE_LIMITED
        if asked is None or asked.request.name in REPEATABLE or limited:
            return None
        return _same(heard.fields)

    def _answered(self, heard: Heard) -> None:
        asked = self._open.pop(heard.number, None)
        if asked is None:
            return
        error = heard.fields.get("error")
        if error is not None and error["code"] == Code.INTERNAL:
            self._stage.report.fault(f"{asked.request.name} met a bug of the server: {error}")
        if error is None and asked.request.name not in REPEATABLE:
            self._decided = max(self._decided, heard.number)
        if asked.text and error is None:
            self._stage.chat.acked(int(heard.fields["result"]["message_id"]), asked.text)

    async def _speak(self, connection: Connection) -> None:
        stage, random = self._stage, self._random
        while not await stage.wait_calm(random.uniform(1.0, 4.0)):
            if random.random() < 0.6:
                self._said += 1
                text = f"line {self._said} of {self._name}"
                await self._ask(connection, "chat.send", {"channel": "global", "text": text}, text)
            else:
                stage.report.deeds += 1
                await self._ask(connection, *random.choice(EXTRAS))

    async def _ask(
        self, connection: Connection, name: str, fields: dict[str, Any], text: str = ""
    ) -> None:
        request = ProbeRequest(self._next, name, fields)
        self._open[self._next] = _Asked(request, text)
        self._next += 1
        await connection.say([request])

    async def _confirm(self, connection: Connection) -> None:
        while True:
            await trio.sleep(CONFIRM_S)
            await connection.confirm(self._last, min(self._open, default=self._next) - 1)


def _same(fields: dict[str, Any]) -> str:
    return json.dumps(fields, sort_keys=True, default=repr)
