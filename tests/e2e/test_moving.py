"""Sessions on all roads in turn, against the real program; see tests/service/roads.

The environment variables are those of tests/service/roads/test_moving.py.
"""

import os
from functools import partial
from pathlib import Path

import attrs
import pytest
import trio

from tests.e2e import program as programs
from tests.service.roads.mover import Figures, moved
from tests.service.roads.test_moving import SEED

MOVES = int(os.environ.get("GAMESERVER_MOVES", "6"))

PLAYERS = 2
"""Sessions that move at the same time, each with a seed of its own."""

RESUME_S = 6.0
"""Longest time of a move on average: a session may resume once in 2 s, and some are cut again."""


async def test_sessions_that_move_from_road_to_road_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "PATIENCE_S", 60 + RESUME_S * MOVES)
    found: list[Figures] = []
    async with programs.program(tmp_path, "--game", "tests.service.roads.tally:Tally") as running:
        dial = partial(trio.open_tcp_stream, "127.0.0.1", running.port)

        async def move(seed: int) -> None:
            async with trio.open_nursery() as nursery:
                figures = await moved(dial, nursery, seed, MOVES)
                print(seed, attrs.asdict(figures))  # noqa: T201  for whom runs it by hand
                found.append(figures)
                nursery.cancel_scope.cancel()

        async with trio.open_nursery() as moving:
            for number in range(PLAYERS):
                moving.start_soon(move, SEED + number)
        running.assert_same_process_without_faults()
    assert [figures.moves for figures in found] == [MOVES + 1] * PLAYERS
