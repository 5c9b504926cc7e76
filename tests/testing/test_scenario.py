"""A whole server and its players, simulated from a seed."""

import os
import subprocess
import sys

import pytest

from gameserver.testing.scenario import Outcome, Troubles, simulate
from gameserver.testing.simulate import ROOM
from gameserver.testing.skirmish import Bout
from tests.house.checkout import ROOT

MAPS = {ROOM.name: ROOM}


@pytest.mark.parametrize("seed", [1, 2])
def test_through_cuts_stalls_and_slow_readers_nobody_loses_anything(seed: int) -> None:
    outcome = simulate(seed, Bout(), MAPS, players=3, seconds=14.0)
    assert outcome.faults == []
    assert outcome.matches >= 1
    assert outcome.cuts + outcome.stalls + outcome.slow_readers > 0
    assert outcome.lines > 5


def test_without_troubles_nobody_reconnects() -> None:
    outcome = simulate(3, Bout(), MAPS, players=2, seconds=4.0, troubles=Troubles(0, 0, 0, 0))
    assert (outcome.faults, outcome.reconnects) == ([], 0)


def test_the_same_seed_goes_the_same_way_and_another_another() -> None:
    one, again, other = (run(seed) for seed in (7, 7, 8))
    assert one == again
    assert one.trace != other.trace


def run(seed: int) -> Outcome:
    return simulate(seed, Bout(), MAPS, players=2, seconds=3.0)


def test_other_processes_with_other_hash_seeds_go_the_same_way() -> None:
    code = "from tests.testing.test_scenario import run; print(run(7).trace)"
    traces = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[-1]
        for hash_seed in ("1", "4242")
    }
    assert traces == {run(7).trace}


def test_a_player_who_cannot_come_back_is_told_of() -> None:
    """Connections that are cut every tenth of a second, to the very end, leave nobody online."""
    never_calm = Troubles(cuts=0.05, stalls=0, slow_readers=0, weathers=0)
    outcome = simulate(1, Bout(), MAPS, players=2, seconds=1.0, troubles=never_calm)
    assert outcome.cuts > 3
    assert outcome.reconnects > 0
