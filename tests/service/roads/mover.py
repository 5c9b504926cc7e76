"""A player whose session moves from road to road during one match, each road cut at some byte.

Law: of what the server promises nothing is taken for granted. Events are counted as they come, and
none may be missing or come twice; inputs carry a serial number, which the game `Tally` tells again
with the tick in which it applied it; lines of chat are said again only where the protocol says that
they were not carried out.
"""

from collections import Counter
from random import Random
from typing import Any, Final

import attrs
import trio

from tests.service.roads.binary import OverPolling, OverWebSocket
from tests.service.roads.road import GONE, Client, Dial, Heard, RefusedError
from tests.service.roads.scissors import Scissors
from tests.service.roads.spoken import OverSocketIoPolling, OverSocketIoWebSocket, OverSse
from tests.service.roads.talker import Talker

ROUND: Final[tuple[type[Client], ...]] = (
    OverPolling,
    OverSse,
    OverSocketIoPolling,
    OverSocketIoWebSocket,
    OverWebSocket,
)
"""The roads in the order in which they are taken, again and again."""

LEAD: Final = 8
"""Ticks by which inputs are ahead of the newest snapshot."""

AGAIN: Final = 8
"""Inputs that are sent again after a move, since they may have been lost with the old road."""

CHAT_S: Final = 2.2
"""Time between two lines of one speaker; more would be refused."""

STAY_S: Final = 30.0
"""A road that is not cut by itself by then is cut."""


@attrs.define(eq=False)
class Figures:
    """What happened."""

    moves: int = 0
    cut_openings: int = 0
    """Roads that were cut before the welcome came."""
    waits: int = 0
    """Resumes that were refused for their rate, and repeated later."""
    overlaps: int = 0
    """Moves while the old road still worked."""
    cuts: Counter[str] = attrs.field(factory=Counter)
    inputs: int = 0
    sent_again: int = 0
    applied: int = 0
    events: int = 0
    lines: int = 0


class Mover(Talker):
    """The player. `Talker` checks that each event is the next one."""

    def __init__(
        self, dial: Dial, nursery: trio.Nursery, random: Random, lag_s: float = 0.0
    ) -> None:
        super().__init__(OverWebSocket(dial, nursery))
        self.figures = Figures()
        self.said: list[str] = []
        """Lines that it has said, each to be heard by others once."""
        self.sent: dict[int, int] = {}
        """Ticks of the inputs, by serial number."""
        self.match_id = ""
        self._seat = -1
        self._raw_dial = dial
        self._nursery = nursery
        self._random = random
        self._pending: dict[int, str] = {}
        """Lines whose answers have not come, by number of the request."""
        self._scissors: list[Scissors] = []
        self._unsaid: list[str] = []
        """Lines that were refused for their rate, to be said again."""
        self._said_at = 0.0
        self._lag_s = lag_s

    # --- moving -----------------------------------------------------------------------------------

    async def move(self, times: int) -> None:
        """Play on over one road after another; at the end over a WebSocket that is not cut."""
        for number in range(times):
            await self._go_on(ROUND[number % len(ROUND)], cut=True)
            with trio.move_on_after(STAY_S):
                await self._play()
        await self._go_on(OverWebSocket, cut=False)
        for each in self._scissors:
            await each.discard()

    async def settle(self) -> None:
        """Hear everything that was said so far."""
        while self._pending or self._unsaid:
            await self.hear()
        await self.ask("server.info")

    async def resume(self, client: Client) -> dict[str, Any]:
        """Go on over another connection, behind all that has come over the last one.

        A road may have confirmed what was not heard yet: then it does not come again.
        """
        for heard in self.client.rest():
            self.note(heard)
        return await super().resume(client)

    async def _go_on(self, road: type[Client], *, cut: bool) -> None:
        """Resume over a road, as often as it needs, and enter the match again."""
        while True:
            older, scissors = self.client, self._new_scissors() if cut else None
            overlaps = self._random.random() < 0.5
            if not overlaps:
                await older.cut()
            client = road(scissors.dial if scissors else self._raw_dial, self._nursery)
            if scissors:
                scissors.told = client.lost
            try:
                welcome = await self.resume(client)
            except trio.EndOfChannel:
                self.figures.cut_openings += 1
                await older.cut()
                continue
            except RefusedError as refused:
                if refused.code != "rate_limited":
                    raise
                self.figures.waits += 1
                await client.cut()
                await trio.sleep(2.0)
                continue
            await older.cut()
            self.figures.moves += 1
            self.figures.overlaps += overlaps
            if scissors:
                self.figures.cuts[scissors.kind.value] += 1
            assert (welcome["player_id"], welcome["resumed"]) == (self.player_id, True)
            try:
                await self._arrive(welcome)
            except (trio.EndOfChannel, *GONE):
                if not cut:
                    raise
            return

    def _new_scissors(self) -> Scissors:
        scissors = Scissors.anywhere(self._raw_dial, self._random)
        self._scissors.append(scissors)
        return scissors

    async def _arrive(self, welcome: dict[str, Any]) -> None:
        client = self.client
        pending, self._pending = self._pending, {}
        if client.numbers_itself:
            client.next_request = max(client.next_request, *(n + 1 for n in pending), 1)
        for number, text in pending.items():
            if client.numbers_itself:
                await self._say(text, number)
            elif number >= welcome.get("next_request", 1):
                await self._say(text)  # it was not carried out
        entered = await self.ask("match.enter", match_id=self.match_id)
        seat = entered.get("seat", 0)
        assert self._seat in (-1, seat), "it is the same seat for the whole match"
        self._seat = seat
        for serial in list(self.sent)[-AGAIN:]:
            self.figures.sent_again += 1
            await self._send(serial)

    # --- playing ----------------------------------------------------------------------------------

    async def _play(self) -> None:
        """Play until the road is cut."""
        try:
            while True:
                if self._lag_s:
                    await trio.sleep(self._random.uniform(0.0, self._lag_s))
                heard = await self.hear()
                if heard.name == "snapshot":
                    await self._input(heard.number + LEAD)
                    await self._chat()
        except (trio.EndOfChannel, *GONE):
            pass

    async def _input(self, tick: int) -> None:
        serial = len(self.sent) + 1
        self.sent[serial] = tick
        await self._send(serial)

    async def _send(self, serial: int) -> None:
        tick = self.sent[serial]
        await self.client.numbers("input", [serial, tick, tick - LEAD, 0, serial, 1])

    async def _chat(self) -> None:
        if not self._pending and trio.current_time() > self._said_at + CHAT_S:
            self._said_at = trio.current_time()
            text = f"line {len(self.said) + 1}"
            self.said.append(text)
            await self._say(text)

    async def _say(self, text: str, number: int | None = None) -> None:
        # Noted before it is sent: the road may be cut while it is.
        self._pending[self.client.next_request if number is None else number] = text
        await self.client.ask("chat.send", {"channel": "lobby", "text": text}, number)

    async def hear(self) -> Heard:
        """Return the next thing; a line that was refused for its rate is said again."""
        heard = await super().hear()
        if self._unsaid:
            await trio.sleep(CHAT_S)
            await self._say(self._unsaid.pop())
        return heard

    def note(self, heard: Heard) -> None:
        """Count a thing that the server said."""
        super().note(heard)
        if heard.name == "answer" and (text := self._pending.pop(heard.number, "")):
            if heard.fields.get("error", {}).get("code") == "rate_limited":
                self._unsaid.append(text)
            else:
                assert "result" in heard.fields, heard

    def arrived(self) -> int:
        """Return the number up to which all answers have come."""
        return min(self._pending, default=max(self.answers, default=0) + 1) - 1


async def speak(talker: Talker, said: list[str]) -> None:
    """Say a line every now and then, until cancelled; ``said`` gets those that were said."""
    while True:
        text = f"told {len(said) + 1}"
        await talker.ask("chat.send", channel="lobby", text=text)
        said.append(text)
        ends = trio.current_time() + CHAT_S
        while (left := ends - trio.current_time()) > 0:
            with trio.move_on_after(left):
                await talker.hear()


def counted(talker: Talker) -> list[tuple[int, int]]:
    """Return serial number and tick of each input that the game applied, as one player heard it."""
    told = [heard.fields for heard in talker.past if heard.name == "match.event"]
    return [(fields["fields"][1], fields["tick"]) for fields in told]


async def moved(
    dial: Dial, nursery: trio.Nursery, seed: int, moves: int, lag_s: float = 0.0
) -> Figures:
    """Move a session through a whole match, and check everything; return what happened.

    ``lag_s`` is the longest time that the player takes for a thing before it hears the next one.
    """
    mover = Mover(dial, nursery, Random(seed), lag_s)
    bob = Talker(OverWebSocket(dial, nursery))
    names = [(await each.sign_in("Guest"))["player_name"] for each in (mover, bob)]
    form = await mover.ask("lobby.form")
    fitting = [each["name"] for each in form["maps"] if each.get("min_players", 0) <= 2]
    config = {**form["default"], "map": fitting[0]}
    lobby = (await mover.ask("lobby.create", config=config))["lobby"]
    await bob.ask("lobby.join", lobby_id=lobby["lobby_id"])
    for each in (mover, bob):
        await each.ask("lobby.ready", ready=True)
    mover.match_id = (await mover.wait("match.started")).fields["match_id"]
    await bob.wait("match.started")
    told: list[str] = []
    async with trio.open_nursery() as speaking:
        speaking.start_soon(speak, bob, told)
        await mover.move(moves)
        speaking.cancel_scope.cancel()
    await trio.sleep(1.0)  # the last inputs are applied
    await mover.settle()
    await bob.ask("server.info")
    await mover.ask("server.info")
    await check(mover, bob, told, names)
    for each in (mover, bob):
        await each.client.ask("session.sign_out", {})
        await each.wait("goodbye")
        await each.client.cut()
    return mover.figures


async def check(mover: Mover, bob: Talker, told: list[str], names: list[str]) -> None:
    """Compare what was sent with what came."""
    assert mover.lines_of(names[1])[: len(told)] == told, (
        "each line that another player said comes once, in order"
    )
    assert bob.lines_of(names[0]) == mover.said, "each line is said once"
    applied = counted(mover)
    assert applied == counted(bob), "both heard the same of the match"
    assert [mover.sent[serial] for serial, _ in applied] == [tick for _, tick in applied]
    most = Counter(serial for serial, _ in applied).most_common(1)
    assert not most or most[0][1] == 1, "each input is applied once at most, in its own tick"
    stats = await mover.ask("match.stats", match_id=mover.match_id)
    assert stats["applied"] == len(applied)
    assert stats.get("malformed", 0) == 0
    figures = mover.figures
    figures.inputs, figures.applied = len(mover.sent), len(applied)
    figures.events, figures.lines = mover.last_event, len(told) + len(mover.said)
