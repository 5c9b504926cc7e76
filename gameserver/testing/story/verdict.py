"""The verdict on a story, once it is calm: what everybody believes is what the server knows."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

import trio

from gameserver.client import Online
from gameserver.testing.picture import differences
from gameserver.testing.story.guests import Guest
from gameserver.testing.story.players import StoryPlayer
from gameserver.testing.story.stage import Stage

SETTLE_TRIES: Final = 15
"""Most attempts to find clients and server equal, before a difference counts as a fault."""

SETTLE_S: Final = 0.2

RESULT_S: Final = 60.0
"""Longest wait for a first match with results, if there was none so far."""


class Judge:
    """Judges a story at its end."""

    def __init__(
        self, stage: Stage, players: Sequence[StoryPlayer], guests: Sequence[Guest]
    ) -> None:
        """Judge these; `judge` adds what is wrong to the report."""
        self._stage = stage
        self._players = players
        self._guests = guests

    async def judge(self) -> None:
        """Record all faults, after every client has had time to reconnect."""
        report = self._stage.report
        with trio.move_on_after(RESULT_S):
            while not report.matches:  # noqa: ASYNC110  nothing else tells of it
                await trio.sleep(SETTLE_S)
        for _ in range(SETTLE_TRIES):
            if next(self._wrong(), None) is None:
                break
            await trio.sleep(SETTLE_S)  # messages may still be in flight
        if not report.matches:
            report.fault("no match ended with results")
        for wrong in chain(self._wrong(), self._broken()):
            report.fault(wrong)
        self._count()

    def _wrong(self) -> Iterator[str]:
        """Yield what may become right when everything that was sent has arrived."""
        hall, now = self._stage.whole.server.hall, self._stage.whole.server.people.now()
        for player in self._players:
            client, name = player.client, player.hearing.name
            if client is None:
                yield f"{name} never got in"
            elif not isinstance(client.status, Online):
                yield f"{name} is not online: {client.status}"
            else:
                for wrong in differences(hall, client._talk, now):  # noqa: SLF001  its core
                    yield f"{name}: {wrong}"
        yield from (
            f"{guest.hearing.name} is not online" for guest in self._guests if not guest.online
        )
        yield from self._stage.chat.wrong()

    def _broken(self) -> Iterator[str]:
        """Yield what went wrong in matches, and what was never answered."""
        bots = [bot for player in self._players for bot in player.bots]
        if desyncs := sum(t.desyncs for bot in bots for t in bot.record.replicas):
            yield f"{desyncs} desyncs"
        broken = {why for bot in bots for why in bot.record.faults.values()}
        yield from (f"a match broke: {why}" for why in sorted(broken))
        for guest in self._guests:
            yield from (f"{guest.hearing.name}: {name} has no answer" for name in guest.overdue())

    def _count(self) -> None:
        report = self._stage.report
        hearings = [each.hearing for each in self._players]
        hearings += [each.hearing for each in self._guests]
        report.sessions = sum(hearing.sessions for hearing in hearings)
        report.reconnects = sum(hearing.reconnects for hearing in hearings)
        report.crossings = sum(hearing.crossings for hearing in hearings)
        report.lines = len(self._stage.chat.lines)
