"""How long play still lasts: what lobby lists, consoles and API show."""

from gameserver.arena.entities import MatchPhase
from gameserver.arena.tuning import TICK_RATE, WARMUP_TICKS
from tests.arena.field import GAME, Field

LIMIT_S = 30
LIMIT = LIMIT_S * TICK_RATE


def test_the_time_to_get_ready_is_added_to_the_limit() -> None:
    field = Field(warm_up=True, time_limit_s=LIMIT_S)
    assert GAME.time_left(field.world) == WARMUP_TICKS + LIMIT - field.world.tick
    field.steps(10)
    assert field.board.phase == MatchPhase.WARMUP
    assert GAME.time_left(field.world) == WARMUP_TICKS + LIMIT - field.world.tick


def test_while_play_lasts_each_tick_takes_one() -> None:
    field = Field(time_limit_s=LIMIT_S)
    before = GAME.time_left(field.world)
    assert before == field.board.phase_ends - field.world.tick
    assert before is not None
    assert 0 < before <= LIMIT
    field.steps(7)
    assert GAME.time_left(field.world) == before - 7


def test_without_a_limit_nobody_knows() -> None:
    assert GAME.time_left(Field(warm_up=True, time_limit_s=0).world) is None
    assert GAME.time_left(Field(time_limit_s=0).world) is None


def test_behind_the_end_nothing_is_left() -> None:
    field = Field(time_limit_s=LIMIT_S)
    field.board.phase = MatchPhase.OVER
    assert GAME.time_left(field.world) == 0
