"""A soak judges the drift of memory and what is left; its players play, lose lines and resume."""

from random import Random

import pytest
import trio

from bench.attacks.wire import Target
from bench.soak import Felt, Player, _judged, drift_of
from gameserver.service.config.settings import Settings
from gameserver.service.server import Server
from gameserver.testing.skirmish import Skirmish
from tests.e2e.program import PATIENCE_S, until
from tests.service.peers import MAP

MIB = 1 << 20


def held(*mebibytes: float, tasks: int = 10) -> list[dict[str, int]]:
    return [{"memory": int(each * MIB), "tasks": tasks, "descriptors": 5} for each in mebibytes]


def test_growth_during_the_warm_up_is_no_drift_and_later_growth_is() -> None:
    assert drift_of(held(10, 20, 30, *[40] * 7)) == 0
    assert drift_of(held(*range(20))) > 5 * MIB
    assert drift_of([]) == 0


@pytest.mark.parametrize(
    ("samples", "after"), [(held(*range(20)), held(20)), (held(*[20] * 20), held(20, tasks=20))]
)
def test_drift_and_tasks_that_are_left_are_faults(
    samples: list[dict[str, int]], after: list[dict[str, int]]
) -> None:
    before = held(10)[0]
    assert _judged(before, held(*[20] * 20), held(20)[0]) == []
    assert len(_judged(before, samples, after[0])) == 1


async def test_players_play_are_cut_and_resume() -> None:
    server, felt = Server(Settings(port=0), Skirmish(), {MAP.name: MAP}), Felt()
    async with trio.open_nursery() as nursery:
        port = int((await nursery.start(server.run)).rpartition(":")[2])
        for number in range(3):
            player = Player(number, Target("127.0.0.1", port), felt, Random(number), life_s=2.0)
            nursery.start_soon(player.live)
        with trio.fail_after(PATIENCE_S):
            await until(lambda: all(felt.events[each] for each in ("cuts", "entered", "resumes")))
        nursery.cancel_scope.cancel()
