"""The two connections of a session that crosses: what goes over which, and when it is settled."""

from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from gameserver.client.link.lines import DOUBT_S, Lines


@attrs.define(eq=False)
class Wired:
    """Stands in for a line."""

    bytes_in: int = 0
    bytes_out: int = 0
    posted: list[bytes] = attrs.field(factory=list)
    aborts: int = 0

    def post(self, message: bytes) -> None:
        self.posted.append(message)

    def abort(self) -> None:
        self.aborts += 1


def wired(bytes_in: int = 0, bytes_out: int = 0) -> Any:
    return Wired(bytes_in, bytes_out)


def lines(present: Wired | None = None, beside: Wired | None = None) -> Lines:
    made: Any = Lines()
    made.present = present
    if beside is not None:
        made.begin_crossing(beside)
    found: Lines = made
    return found


def test_only_what_is_played_goes_over_both_connections() -> None:
    first, second = wired(), wired()
    both = lines(first, second)
    both.post(b"post")
    both.play(b"play")
    both.ask(b"ask")
    assert (first.posted, second.posted) == ([b"post", b"play"], [b"play", b"ask"])
    alone = lines(only := wired())
    alone.ask(b"ask")
    alone.play(b"play")
    assert only.posted == [b"ask", b"play"]


def test_without_a_connection_what_is_sent_is_dropped() -> None:
    none = lines()
    for send in (none.post, none.play, none.ask):
        send(b"x")
    none.abort()
    assert (none.bytes_in, none.bytes_out) == (0, 0)


def test_bytes_are_those_of_all_connections_that_carried_the_session() -> None:
    first, second = wired(1, 10), wired(2, 20)
    carried = lines(first, second)
    assert (carried.bytes_in, carried.bytes_out) == (1, 10)
    first.bytes_in = 5
    carried.cross()
    assert (carried.bytes_in, carried.bytes_out) == (7, 30)
    carried.let_go()
    carried.let_go()
    assert (carried.bytes_in, carried.bytes_out) == (7, 30)
    assert (carried.present, carried.beside) == (None, None)


async def test_crossing_lets_the_earlier_connection_go_and_is_settled(
    mock_clock: MockClock,
) -> None:
    mock_clock.jump(1)
    first, second = wired(), wired()
    crossed = lines(first, second)
    settled: list[bool] = []

    async def wait() -> None:
        await crossed.wait_settled()
        settled.append(True)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await wait_all_tasks_blocked()
        assert settled == []
        crossed.cross()
    assert settled == [True]
    assert (crossed.present, crossed.beside) == (second, None)
    assert (first.aborts, second.aborts) == (1, 0)
    crossed.abort()
    assert second.aborts == 1
    assert not crossed.may_be_elsewhere


@pytest.mark.parametrize("refused", [True, False])
async def test_only_a_connection_that_ended_without_a_word_leaves_doubt(
    mock_clock: MockClock, refused: bool
) -> None:
    first, second = wired(), wired()
    stayed = lines(first, second)
    assert not stayed.may_be_elsewhere
    if refused:
        stayed.refuse()
    assert second.aborts == refused
    stayed.stay()
    await stayed.wait_settled()
    assert (stayed.present, stayed.beside, first.aborts) == (first, None, 0)
    assert stayed.may_be_elsewhere == (not refused)
    mock_clock.jump(DOUBT_S - 1)
    assert stayed.may_be_elsewhere == (not refused)
    mock_clock.jump(1)
    assert not stayed.may_be_elsewhere


async def test_a_later_crossing_ends_the_doubt_and_a_refusal_holds_for_one_crossing() -> None:
    another = wired()
    stayed = lines(wired(), wired())
    stayed.refuse()
    stayed.stay()
    stayed.refuse()  # there is none beside
    stayed.begin_crossing(another)
    stayed.stay()
    assert stayed.may_be_elsewhere
    stayed.stay()
    stayed.begin_crossing(another)
    stayed.cross()
    assert not stayed.may_be_elsewhere


async def test_a_session_that_never_crossed_is_settled() -> None:
    await lines().wait_settled()
