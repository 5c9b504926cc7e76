"""What the parts of the process begin with, and what they do unless they are told otherwise."""

from typing import Any

import pytest

from gameserver.ids import PlayerId
from gameserver.service.admin.forms import NewDrain
from gameserver.service.connections import Connections
from gameserver.service.conversation import Conversation
from gameserver.service.feeds.feeds import Feeds
from gameserver.service.journals import Journals
from gameserver.service.livematch import LiveMatch
from gameserver.service.matches import Matches
from gameserver.service.middleware import RequestContext
from gameserver.service.monitoring.access import may_read
from gameserver.service.monitoring.exposition import Figure
from gameserver.service.overload.meters import Percentiles, TickMeter
from gameserver.service.overload.overload import Overload, Slice
from gameserver.service.rest.leases import Lease
from gameserver.service.rest.operations import Operation
from gameserver.service.rest.schemas import Schemas
from gameserver.service.rest.webpages import WebPages
from gameserver.service.roads import FurtherRoads
from gameserver.service.runtime import Runtime
from gameserver.service.server import Server
from gameserver.service.timetable import Timetable
from tests.defaults import counts, defaults, named

PROMISED: list[tuple[Any, dict[str, object]]] = [
    (Connections.queue, {"reliable": True, "public": False}),
    (Matches, {"spectator_delay_s": 0.0}),
    (Matches.start, {"spared": False}),
    (RequestContext, {"direct": True, "posted": False}),
    (may_read, {"direct": True}),
    (Feeds, {"later": False}),
    (Figure, {"counts_up": False, "scale": 1.0}),
    (Lease, {"reads": False}),
    (Operation, {"status": 200, "kept_s": 0.0, "token": ""}),
    (Schemas.of, {"sent": False}),
    (WebPages, {"console": False}),
    (FurtherRoads, {"conformance": False}),
    (Runtime, {"threads": True, "order": None}),
    (Server.run, {"listens": True}),
    (NewDrain, {"now": False}),
    (Conversation._charge_message, {"count": 1}),
]


@pytest.mark.parametrize(("made", "promised"), PROMISED, ids=named)
def test_what_is_left_out_is_private_public_to_nobody_and_not_hurried(
    made: Any, promised: dict[str, object]
) -> None:
    found = defaults(made)
    assert {name: found[name] for name in promised} == promised


@pytest.mark.parametrize("made", [Percentiles, TickMeter, Slice])
def test_a_meter_that_has_measured_nothing_shows_zeros(made: Any) -> None:
    assert set(counts(made).values()) == {0}


def test_the_server_is_not_overloaded_at_its_start() -> None:
    overload = Overload()
    assert (overload.level, overload.refuses, overload.snapshot_stretch) == (0, False, 1)
    begun = {name: getattr(overload, name) for name in ("_strained_s", "_calm_s", "_excused_s")}
    assert set(begun.values()) == {0.0}


def test_a_match_that_was_not_begun_is_neither_run_nor_over_and_waits_for_nobody() -> None:
    begun = counts(LiveMatch)
    assert begun == {
        "going": False,
        "over": False,
        "fading": False,
        "waits_until": 0.0,
        "_faded": 0,
    }


def test_a_timetable_has_done_shed_and_spent_nothing_before_its_first_tick() -> None:
    assert set(counts(Timetable).values()) == {0}
    table = Timetable(0.05, 10.0)
    assert (table.slot, table.due, table.lately_s()) == ((0.0, 0.0), 10.05, 0.0)


def test_journals_count_a_player_as_present_unless_they_are_told_how_to_know() -> None:
    assert defaults(Journals)["has_session"](PlayerId("p")) is True
