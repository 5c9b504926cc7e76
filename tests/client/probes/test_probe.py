"""One probe on a connection that a test speaks for."""

import random
from collections.abc import Sequence
from typing import Any, Self, cast

import pytest
import trio
from trio.testing import MockClock

from gameserver.client.link.address import Address
from gameserver.client.probes.connection import Connection, Heard, ProbeRequest
from gameserver.client.probes.meter import Meter
from gameserver.client.probes.probe import RENAMES, Probe
from gameserver.errors import ConnectionLostError

ADDRESS = Address("localhost", 7777)


class Scripted(Connection):
    """Answers requests at once; the events that follow renames are the test's."""

    road = "scripted"

    def __init__(self, events: Sequence[int], answers: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(ADDRESS, Meter(), cast("trio.Nursery", None))  # it starts no task
        self.events, self.answers = events, list(answers)

    async def open(self, auth: dict[str, Any]) -> None:
        del auth
        self._tell(Heard("welcome", {"token": "t"}))
        await trio.lowlevel.checkpoint()

    async def say(self, asked: Sequence[ProbeRequest]) -> None:
        await trio.lowlevel.checkpoint()
        for each in asked:
            answer = self.answers.pop(0) if self.answers else {"result": {}}
            self._tell(Heard("answer", answer, each.number))
        if asked[0].name == "session.rename":
            for number in self.events:
                self._tell(Heard("session.renamed", {}, number))

    async def confirm(self, event: int, answer: int) -> None: ...

    def again(self) -> Self:
        return self


def probe_of(connection: Scripted) -> Probe:
    return Probe(connection, connection._meter)


@pytest.mark.parametrize(
    ("events", "lost", "doubled"),
    [
        ((1, 2, 3, 4), 0, 0),
        ((1, 2, 2, 3, 4), 0, 1),
        ((1, 2, 1, 2, 3, 4), 0, 2),
        ((1, 4), 2, 0),
        ((2, 2, 4), 2, 1),
    ],
)
async def test_lost_and_doubled_events_of_a_cut_are_counted(
    autojump_clock: MockClock,  # noqa: ARG001
    events: Sequence[int],
    lost: int,
    doubled: int,
) -> None:
    assert len(range(1, 5)) == RENAMES
    probe = probe_of(Scripted(events))
    await probe.sign_in()
    cut = await probe.cut(random.Random(1))
    assert (cut.lost, cut.doubled) == (lost, doubled)
    assert cut.back_s == pytest.approx(0, abs=1e-3)


async def test_a_session_that_is_told_to_wait_waits_and_asks_again(
    autojump_clock: MockClock,  # noqa: ARG001
) -> None:
    refusal = {"error": {"code": "rate_limited", "details": {"retry_after_s": 3.0}}}
    probe = probe_of(Scripted((), [refusal, refusal]))
    await probe.sign_in()
    began = trio.current_time()
    assert await probe.round_trip() < 1
    assert trio.current_time() - began == pytest.approx(6)
    assert probe.refusals == 2


@pytest.mark.parametrize("wait", [None, "soon", -1, 1e9, float("nan")])
async def test_a_refusal_without_a_time_to_wait_ends_the_probe(wait: object) -> None:
    refusal = {"error": {"sentence": "no\x1b[31m", "details": {"retry_after_s": wait}}}
    probe = probe_of(Scripted((), [refusal]))
    await probe.sign_in()
    with pytest.raises(ConnectionLostError, match=r"^the server refuses: no\[31m$"):
        await probe.round_trip()


async def test_an_answer_that_never_comes_ends_the_probe(autojump_clock: MockClock) -> None:  # noqa: ARG001
    connection = Scripted((1, 2))
    probe = probe_of(connection)
    await probe.sign_in()
    with pytest.raises(ConnectionLostError, match="no answer came within 10 s"):
        await probe.cut(random.Random(1))


async def test_a_cut_happens_at_its_byte_and_breaks_every_stream() -> None:
    first, far = trio.testing.memory_stream_pair()
    second, _ = trio.testing.memory_stream_pair()
    streams = [first, second]

    async def opens(_address: Address) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        return streams.pop(0)

    meter = Meter(opens)
    one, other = await meter.open_stream(ADDRESS), await meter.open_stream(ADDRESS)
    await one.send_all(b"12345")
    meter.cut_after(3)
    await far.send_all(b"ab")
    assert await one.receive_some() == b"ab"
    await far.send_all(b"cdef")
    assert await one.receive_some() == b"c"
    assert meter.counts[0] == 5 + 2 + 4
    for each in (one, other):
        with pytest.raises(trio.BrokenResourceError):
            await each.receive_some()
        with pytest.raises(trio.BrokenResourceError):
            await each.send_all(b"x")
