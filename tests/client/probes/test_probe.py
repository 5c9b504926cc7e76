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
from gameserver.client.probes.probe import AGAIN_S, RENAMES, TRIES, Probe
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


# --- ends and returns -----------------------------------------------------------------------------


class CutMeter(Meter):
    """Is cut already, so that each end of a life is taken for that of a cut."""

    def cut_after(self, received_bytes: int) -> None: ...


class Breaking(Scripted):
    """Says what a test wants on each of its lives; each ends where its script ends."""

    def __init__(self, *lives: Sequence[Heard | str]) -> None:
        super().__init__(())
        self._meter = CutMeter()
        self.lives = list(lives)
        self.auths: list[dict[str, Any]] = []
        self.said: list[list[tuple[int, str]]] = []
        self.confirmed: list[tuple[int, int]] = []
        self.closed = 0

    async def open(self, auth: dict[str, Any]) -> None:
        await trio.lowlevel.checkpoint()
        self.auths.append(auth)
        self._tell_end, self._heard = trio.open_memory_channel[Heard](99)
        life = self.lives.pop(0)
        for heard in life:
            if isinstance(heard, Heard):
                self._tell(heard)
        if "stays" not in life:
            self._tell_end.close()

    async def say(self, asked: Sequence[ProbeRequest]) -> None:
        await trio.lowlevel.checkpoint()
        self.said.append([(each.number, each.name) for each in asked])

    async def confirm(self, event: int, answer: int) -> None:
        self.confirmed.append((event, answer))

    def close(self) -> None:
        self.closed += 1


WELCOME = Heard("welcome", {"token": "t", "next_request": 2})
STAYS = "stays"


async def test_a_probe_confirms_what_has_come() -> None:
    answers = [Heard("answer", {"result": {}}, number) for number in (1, 2)]
    probe = probe_of(connection := Breaking([WELCOME, Heard("x", {}, 5), *answers, STAYS]))
    await probe.sign_in()
    assert connection.auths[0]["name"].startswith("Probe ")
    await probe.round_trip()
    await probe.round_trip()
    await probe.confirm()
    assert connection.confirmed == [(5, 2)]


async def test_what_is_unanswered_after_a_cut_is_said_again_and_the_rest_is_resumed() -> None:
    events = [Heard("session.renamed", {}, number) for number in range(1, RENAMES + 1)]
    answers = [Heard("answer", {"result": {}}, number) for number in range(1, RENAMES + 2)]
    probe = probe_of(
        connection := Breaking(
            [WELCOME, answers[0], events[0]],
            [Heard("answer", {"error": {"sentence": "busy"}})],
            [WELCOME, *events[1:], *answers[1:], STAYS],
        )
    )
    await probe.sign_in()
    connection._meter.cut_at = trio.current_time()
    cut = await probe.cut(random.Random(1))
    assert (cut.lost, cut.doubled) == (0, 0)
    assert connection.auths[1:] == [{"token": "t", "last_event": 1}] * 2
    renames = [(number, "session.rename") for number in range(1, RENAMES + 1)]
    assert connection.said[:2] == [renames, renames[1:]]
    assert connection.closed == 2


async def test_a_session_that_does_not_come_back_ends_the_probe(
    autojump_clock: MockClock,
) -> None:
    lives = [[WELCOME], *[[Heard("answer", {"error": {"sentence": "gone"}})]] * TRIES]
    probe = probe_of(connection := Breaking(*lives))
    await probe.sign_in()
    connection._meter.cut_at = began = trio.current_time()
    with pytest.raises(ConnectionLostError, match="the server refuses: gone"):
        await probe.round_trip()
    assert connection.lives == []
    assert trio.current_time() == pytest.approx(began + (TRIES - 1) * AGAIN_S)
    del autojump_clock


async def test_a_connection_that_is_lost_without_a_cut_ends_the_probe() -> None:
    probe = probe_of(connection := Breaking([WELCOME]))
    await probe.sign_in()
    with pytest.raises(ConnectionLostError):
        await probe.round_trip()
    assert len(connection.auths) == 1


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (Heard("answer", {"error": {"sentence": "full\x1b"}}), "the server refuses: full"),
        (Heard("answer", {"sentence": "full"}), "the server refuses: full"),
        (Heard("answer", {"error": 5}), "the server refuses: "),
        (STAYS, "no welcome came within 10 s"),
    ],
)
async def test_what_is_no_welcome_ends_the_probe(
    autojump_clock: MockClock, first: Heard | str, words: str
) -> None:
    probe = probe_of(Breaking([first]))
    with pytest.raises(ConnectionLostError) as lost:
        await probe.sign_in()
    assert str(lost.value) == words
    del autojump_clock


async def test_a_goodbye_ends_the_probe_with_its_sentence() -> None:
    probe = probe_of(Breaking([WELCOME, Heard("goodbye", {"sentence": "so long"}), STAYS]))
    await probe.sign_in()
    with pytest.raises(ConnectionLostError, match=r"^goodbye: so long$"):
        await probe.round_trip()


async def test_a_burst_counts_messages_per_second_and_waits_where_it_is_told(
    autojump_clock: MockClock,
) -> None:
    refusal = {"error": {"code": "rate_limited", "details": {"retry_after_s": 2.0}}}
    probe = probe_of(Scripted((), [{"result": {}}, refusal, refusal]))
    await probe.sign_in()
    assert await probe.burst(8) == pytest.approx(8 / 4.0)
    assert probe.refusals == 2
    assert await probe.burst(8) > 1000
    del autojump_clock


async def test_signing_out_waits_for_the_answer_for_a_second_and_closes(
    autojump_clock: MockClock,
) -> None:
    for last, waits_s in (([Heard("answer", {}, 1), STAYS], 0.0), ([STAYS], 1.0), ([], 0.0)):
        probe = probe_of(connection := Breaking([WELCOME, *last]))
        await probe.sign_in()
        began = trio.current_time()
        await probe.sign_out()
        assert trio.current_time() - began == pytest.approx(waits_s)
        assert connection.said == [[(1, "session.sign_out")]]
        assert connection.closed == 1
    del autojump_clock
