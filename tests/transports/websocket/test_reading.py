"""How a socket is read: each call in each state."""

from collections.abc import Callable
from typing import Final

import pytest

from gameserver.transports.drain import Drain
from gameserver.transports.websocket.reading import (
    Ended,
    Own,
    Parked,
    ReadState,
    Shut,
    SocketClosed,
    SocketReading,
    Suspended,
)

DESCRIPTOR: Final = 7


class FakeDrain(Drain):
    """Notes its members without a selector."""

    def __init__(self, *, full: bool = False) -> None:
        super().__init__()
        self.joined: set[int] = set()
        self._full = full

    def add(self, descriptor: int, member: object) -> bool:
        del member
        if not self._full:
            self.joined.add(descriptor)
        return not self._full

    def remove(self, descriptor: int) -> None:
        self.joined.remove(descriptor)


class Nobody:
    def received_nowait(self, data: bytes) -> None:
        raise AssertionError(data)


CALLS: Final[dict[str, Callable[[SocketReading, Drain], object]]] = {
    "open": lambda reading, _: reading.open(),
    "park": lambda reading, drain: reading.park(drain, Nobody()),
    "wake": lambda reading, _: reading.wake(),
    "end": lambda reading, _: reading.end(),
    "hold": lambda reading, _: reading.hold(9.0),
    "release": lambda reading, _: reading.release(),
    "close": lambda reading, _: reading.close(),
}
WAYS: Final[dict[type, list[str]]] = {
    Shut: [],
    Own: ["open"],
    Parked: ["open", "park"],
    Suspended: ["open", "hold"],
    Ended: ["open", "park", "end"],
    SocketClosed: ["close"],
}
"""Calls that lead from the start to each state."""
LEADS: Final[dict[tuple[type, str], type]] = {
    (Shut, "open"): Own,
    (Own, "park"): Parked,
    (Own, "hold"): Suspended,
    (Parked, "wake"): Own,
    (Parked, "hold"): Suspended,
    (Parked, "end"): Ended,
    (Suspended, "hold"): Suspended,
    (Suspended, "release"): Own,
    **{(state, "close"): SocketClosed for state in (Shut, Own, Parked, Suspended, Ended)},
}
"""All transitions; any other call leaves the very same value."""


def arrive(at: type, drain: Drain) -> SocketReading:
    reading = SocketReading(DESCRIPTOR)
    for call in WAYS[at]:
        CALLS[call](reading, drain)
    assert type(reading.state) is at
    return reading


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("at", WAYS)
def test_each_call_makes_the_transition_of_the_table(at: type, call: str) -> None:
    drain = FakeDrain()
    reading = arrive(at, drain)
    left: ReadState = reading.state
    CALLS[call](reading, drain)
    expected = LEADS.get((at, call))
    if expected is None:
        assert reading.state is left
    else:
        assert type(reading.state) is expected
        assert reading.state is not left
        if isinstance(left, Shut | Parked | Suspended):
            assert left.woken.is_set(), "a task may sleep in the state that was left"
    assert drain.joined == ({DESCRIPTOR} if isinstance(reading.state, Parked) else set())
    if isinstance(reading.state, Shut | Parked | Suspended):
        assert not reading.state.woken.is_set()


def test_a_socket_that_no_drain_can_read_is_read_by_its_own_task() -> None:
    unreadable = SocketReading(-1)
    unreadable.open()
    assert unreadable.park(FakeDrain(), Nobody()) is None
    assert isinstance(unreadable.state, Own)
    refused = arrive(Own, FakeDrain())
    assert refused.park(FakeDrain(full=True), Nobody()) is None
    assert isinstance(refused.state, Own)
