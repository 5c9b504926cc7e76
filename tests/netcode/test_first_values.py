"""What both ends of the netcode take for what is left out, and what they begin with."""

from typing import Any

import pytest

from gameserver.netcode.prediction.interpolation import ViewClock
from gameserver.netcode.prediction.smoothing import Correction
from gameserver.netcode.prediction.world import Verdict
from gameserver.netcode.replication.decoder import SectionDecoder
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.netcode.replication.grid import Grid
from gameserver.netcode.replication.reader import Reading
from gameserver.netcode.replication.rows import EntityRow
from gameserver.netcode.timing.steering import LeadSteering, link_rules
from gameserver.netcode.timing.timesync import LeadClock
from tests.defaults import counts, defaults


@pytest.mark.parametrize(
    ("made", "begins"),
    [
        (EntityRow, {"ordinal": -1, "history": 0, "mask": 0}),
        (Correction, {"dx": 0.0, "dy": 0.0}),
        (LeadClock, {"lead": 0.0, "target": 0.0}),
        (Reading, {"keyframes": 0}),
        (Verdict, {"distance": 0.0, "input_explains": False}),
    ],
)
def test_nothing_has_moved_drifted_or_changed_at_first(made: Any, begins: dict[str, Any]) -> None:
    assert counts(made) == begins


@pytest.mark.parametrize(
    ("made", "name", "promised"),
    [
        (SectionEncoder.encode, "checksum", False),
        (SectionDecoder.keyframe, "learned", False),
        (ViewClock.drawn_at, "oldest", 0.0),
        (Grid, "every", 1),
        (link_rules, "snapshot_every", 1),
        (LeadSteering.correction, "rtt", 0),
    ],
)
def test_what_is_left_out_costs_nothing_and_delays_nothing(
    made: Any, name: str, promised: object
) -> None:
    assert defaults(made)[name] == promised
