"""Stall and trouble of a connection in a match, at each of their bounds."""

from types import SimpleNamespace
from typing import Any

import pytest

from gameserver.client import Client, Connecting, Online, Stall, Trouble
from gameserver.client.health import (
    BRIEF_S,
    LONG_S,
    MISSED_SNAPSHOTS,
    SLOW_S,
    TOO_SLOW_S,
    UNSTEADY_S,
    stall_of,
    trouble_of,
    words_of,
)


@pytest.mark.parametrize(
    ("silent_s", "snapshot_s", "stall"),
    [
        (0.0, 0.1, Stall.NONE),
        (BRIEF_S - 0.01, 0.1, Stall.NONE),
        (BRIEF_S, 0.1, Stall.BRIEF),
        (LONG_S - 0.01, 0.1, Stall.BRIEF),
        (LONG_S, 0.1, Stall.LONG),
        (MISSED_SNAPSHOTS * 1.0 - 0.01, 1.0, Stall.NONE),
        (MISSED_SNAPSHOTS * 1.0, 1.0, Stall.BRIEF),
        (MISSED_SNAPSHOTS * 2.0 - 0.01, 1.0, Stall.BRIEF),
        (MISSED_SNAPSHOTS * 2.0, 1.0, Stall.LONG),
    ],
)
def test_a_stall_begins_at_its_bounds(silent_s: float, snapshot_s: float, stall: Stall) -> None:
    assert stall_of(silent_s, snapshot_s) is stall


@pytest.mark.parametrize(
    ("rtt_s", "jitter_s", "trouble", "words"),
    [
        (SLOW_S - 0.01, UNSTEADY_S - 0.01, Trouble.NONE, ""),
        (0.0, UNSTEADY_S, Trouble.UNSTEADY, "unsteady: news comes up to 0.2 s late."),
        (SLOW_S, 1.0, Trouble.SLOW, "slow: 0.6 s to the server and back."),
        (TOO_SLOW_S, 0.0, Trouble.SLOW, "slow: 2.0 s to the server and back."),
        (2.11, 1.0, Trouble.TOO_SLOW, "too slow for this game: 2.1 s to the server and back."),
    ],
)
def test_trouble_begins_at_its_bounds_and_the_worst_is_told(
    rtt_s: float, jitter_s: float, trouble: Trouble, words: str
) -> None:
    assert trouble_of(rtt_s, jitter_s) is trouble
    sentence = words_of(trouble, rtt_s, jitter_s)
    assert sentence == (f"Your connection is {words}" if words else "")


def shown(silent_s: float, rtt_s: float | None, jitter_s: float, *, online: bool = True) -> Any:
    """Return the client's own words for a match with such a connection."""
    started = SimpleNamespace(snapshot_every=3, tick_rate=30)
    replica = SimpleNamespace(started=started, jitter_s=jitter_s)
    status: Any = Online(resumed=False) if online else Connecting()
    fake: Any = SimpleNamespace(match=replica, _status=status, rtt_s=rtt_s, silent_s=silent_s)
    fake._line_times = lambda: Client._line_times(fake)
    names = ("stall", "trouble", "trouble_sentence")
    return tuple(vars(Client)[name].fget(fake) for name in names)


def test_stall_and_trouble_are_those_of_the_match() -> None:
    assert shown(0.0, None, 0.0) == (Stall.NONE, Trouble.NONE, "")
    assert shown(0.49, 0.1, 0.0)[0] is Stall.NONE
    assert shown(0.5, 0.1, 0.0)[0] is Stall.BRIEF
    assert shown(2.0, 0.1, 0.0)[0] is Stall.LONG
    slow = shown(0.0, 0.7, 0.3)
    assert slow[1:] == (
        Trouble.SLOW, "Your connection is slow: 0.7 s to the server and back.",
    )  # fmt: skip
    assert shown(0.0, None, 0.3)[1] is Trouble.UNSTEADY
    assert shown(0.0, 0.7, 0.3, online=False)[1:] == (Trouble.NONE, "")
