"""Figures of matches are added up without losing or doubling one."""

import attrs

from gameserver.accel import InputCounts
from gameserver.match.tally import Tally

PRESENT = ("seats", "bots", "viewers", "congested")


def test_a_finished_match_adds_its_totals_but_not_its_present_values() -> None:
    names = [field.name for field in attrs.fields(Tally)]
    tally = Tally(**{name: 1000 * at for at, name in enumerate(names, 1)})
    tally.add_past(Tally(**{name: at for at, name in enumerate(names, 1)}))
    assert attrs.asdict(tally) == {
        name: 1000 * at + (0 if name in PRESENT else at) for at, name in enumerate(names, 1)
    }


def test_counts_of_inputs_of_all_seats_are_added() -> None:
    tally = Tally(applied=100, late=200, missed=300)
    tally.add_inputs([InputCounts(applied=1, late=2, missed=3)] * 2)
    assert (tally.applied, tally.late, tally.missed) == (102, 204, 306)
