"""What a new session, member, lobby and hall begin with, and what their parts take by default."""

from typing import Any

import pytest

from gameserver.ids import NO_SEAT
from gameserver.rooms.limits.buckets import TokenBucket
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.lobbies.configs import ConfigPolicy
from gameserver.rooms.state.audit import AuditLog, ReportBook
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby, Occupant, RunningMatch
from gameserver.rooms.state.session import Session
from tests.defaults import counts, defaults, named

BEGINS: list[tuple[Any, dict[str, object]]] = [
    (Session, {"epoch": 1, "connected": True, "handling": 0}),
    (
        Occupant,
        {
            "seat": NO_SEAT,
            "team": 0,
            "ready": False,
            "connected": True,
            "muted": False,
            "stalled": False,
            "stepped_out": False,
        },
    ),
    (RunningMatch, {"stopping": False, "seats": 0}),
    (Lobby, {"forced": False, "locked": False, "revision": 0, "shown_at": float("-inf")}),
    (
        HallState,
        {
            "now": 0.0,
            "wall_ms": 0,
            "stopping": False,
            "draining": False,
            "matches_refused_for_s": 0.0,
            "list_changed": False,
        },
    ),
    (AuditLog, {"last": 0}),
    (ReportBook, {"last": 0}),
]


@pytest.mark.parametrize(("made", "begins"), BEGINS, ids=named)
def test_whoever_is_new_is_connected_free_of_burdens_and_of_deeds(
    made: Any, begins: dict[str, object]
) -> None:
    found = counts(made)
    assert {name: found[name] for name in begins} == begins


def test_one_token_is_taken_at_a_time_from_a_bucket_that_begins_full() -> None:
    bucket = TokenBucket(rate=1.0, burst=2)
    assert [bucket.take(0.0), bucket.take(0.0), bucket.take(0.0)] == [0.0, 0.0, 1.0]
    assert bucket.wait(0.0) == 1.0


def test_spectators_see_the_present_and_lobbies_have_no_bots_unless_somebody_wants_it() -> None:
    assert RoomRules().spectator_delay_s == 0.0
    promised = defaults(ConfigPolicy.proposal)
    assert (promised["mode"], promised["map_name"], promised["fill"]) == ("", "", False)


def test_patience_typing_and_the_servers_own_lines_are_granted_once_a_second() -> None:
    rules = RoomRules()
    assert (rules.patience_per_s, rules.typing_s, rules.server_lines_per_s) == (1.0, 1.0, 1.0)
