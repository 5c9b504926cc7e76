import pytest

from gameserver.arena.entities import Flag, FlagState, MatchPhase
from gameserver.arena.events import FlagCaptured, FlagDropped, FlagReturned, FlagTaken
from gameserver.arena.flags import drop, play
from gameserver.arena.tuning import CAPTURE_POINTS, FLAG_REACH, FLAG_RETURNS, RETURN_POINTS
from gameserver.game.maps.tilemap import ObjectKind
from gameserver.ids import Seat, Tick
from tests.arena.field import EAST, Field, a_map, centre, shooting, thing

MAP = a_map(
    thing(8, ObjectKind.FLAG, 4, 7, "", team=1), thing(9, ObjectKind.FLAG, 19, 7, "", team=2)
)


def ctf(seats: int = 4, **options: int) -> Field:
    """Capture the flag with everybody out of the way; even seats are team 1."""
    field = Field(seats=seats, tile_map=MAP, mode="ctf", warm_up=False, **options)
    for seat in range(seats):
        field.put(seat, 10 + seat, 2 + 10 * (seat % 2))
    return field


def flag(field: Field, team: int) -> Flag:
    return next(f for f in field.world.all(Flag) if f.team == team)


def taken(field: Field) -> Field:
    field.put(0, 19, 7)
    field.step()
    return field


def test_touching_the_enemys_flag_takes_it_and_it_moves_with_its_carrier() -> None:
    field = taken(ctf())
    theirs = flag(field, 2)
    assert (theirs.state, theirs.carrier, field.fighter(0).carrying) == (FlagState.CARRIED, 0, 2)
    assert field.of(FlagTaken) == [FlagTaken(0, 2)]
    field.put(0, 10, 10)
    field.step()
    assert (theirs.x, theirs.y) == (centre(10), centre(10))


def test_touching_the_own_flag_at_its_base_does_nothing() -> None:
    field = ctf()
    field.put(0, 4, 7)
    field.steps(3)
    assert flag(field, 1).state == FlagState.HOME


def test_bringing_the_enemys_flag_home_scores_for_the_team() -> None:
    field = taken(ctf())
    field.put(0, 4, 7)
    field.step()
    assert field.of(FlagCaptured) == [FlagCaptured(0, 2)]
    assert (field.board.team1, field.board.team2) == (1, 0)
    carrier = field.fighter(0)
    assert (carrier.captures, carrier.score, carrier.carrying) == (1, CAPTURE_POINTS, 0)
    theirs = flag(field, 2)
    assert (theirs.state, theirs.x, theirs.y) == (FlagState.HOME, centre(19), centre(7))


def test_no_flag_is_captured_while_the_own_flag_is_away() -> None:
    field = taken(ctf())
    field.put(1, 4, 7)
    field.step()
    assert field.fighter(1).carrying == 1
    field.put(1, 12, 12)
    field.put(0, 4, 7)
    field.steps(5)
    assert field.of(FlagCaptured) == []


def test_a_dead_fighter_drops_the_flag_where_it_fell() -> None:
    field = taken(ctf())
    field.put(0, 15, 9, hp=1)
    field.put(1, 12, 9)
    field.step()
    field.step({1: shooting(EAST)})
    theirs = flag(field, 2)
    assert field.of(FlagDropped) == [FlagDropped(0, 2)]
    assert (theirs.state, theirs.x, theirs.y) == (FlagState.DROPPED, centre(15), centre(9))
    assert field.fighter(0).carrying == 0


def test_a_player_who_leaves_the_match_drops_the_flag() -> None:
    field = taken(ctf())
    field.put(0, 15, 9)
    field.step()
    field.run.begin()
    field.run.leave(Seat(0))
    theirs = flag(field, 2)
    assert (theirs.state, theirs.x, theirs.y) == (FlagState.DROPPED, centre(15), centre(9))


def dropped(field: Field) -> Field:
    taken(field)
    field.put(0, 15, 9)
    field.step()
    field.run.begin()
    field.run.leave(Seat(0))
    field.run.step({})
    return field


def test_a_dropped_flag_goes_home_when_its_team_touches_it() -> None:
    field = dropped(ctf())
    field.put(3, 15, 9)
    field.step()
    assert field.of(FlagReturned) == [FlagReturned(3, 2)]
    assert flag(field, 2).state == FlagState.HOME
    assert field.fighter(3).score == RETURN_POINTS


def test_a_dropped_flag_can_be_taken_up_again() -> None:
    field = dropped(ctf())
    field.put(2, 15, 9)
    field.step()
    assert (flag(field, 2).carrier, field.fighter(2).carrying) == (2, 2)


def test_a_dropped_flag_goes_home_by_itself_after_twenty_seconds() -> None:
    field = dropped(ctf())
    field.steps(FLAG_RETURNS - 2)
    assert flag(field, 2).state == FlagState.DROPPED
    field.steps(3)
    assert field.of(FlagReturned) == [FlagReturned(-1, 2)]


def test_captures_up_to_the_limit_win_the_match_for_the_team() -> None:
    field = taken(ctf(score_limit=1))
    field.put(0, 4, 7)
    field.steps(100)
    outcome = field.outcome()
    assert outcome is not None
    assert outcome.team_scores == (1, 0)
    assert {line.seat for line in outcome.standings if line.won} == {0, 2}
    assert outcome.standings[0].stats["captures"] == 1


def test_flags_cannot_be_taken_before_play_begins() -> None:
    field = Field(seats=2, tile_map=MAP, mode="ctf", warm_up=True)
    field.put(0, 19, 7)
    field.steps(20)
    assert flag(field, 2).state == FlagState.HOME


# --- exact bounds and what stays as it is ---------------------------------------------------------


def state(flag: Flag) -> tuple[int, int, int, int]:
    return flag.state, flag.carrier, flag.x, flag.y


AT_HOME = (FlagState.HOME, -1, centre(19), centre(7))


def test_flags_stand_where_the_map_says() -> None:
    field = ctf()
    assert [(each.team, each.x, each.y) for each in field.world.all(Flag)] == [
        (1, centre(4), centre(7)),
        (2, centre(19), centre(7)),
    ]
    assert state(flag(field, 2)) == AT_HOME


@pytest.mark.parametrize(("dx", "dy"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
@pytest.mark.parametrize("beyond", [0, 1])
def test_flag_is_in_reach_up_to_its_bound(dx: int, dy: int, beyond: int) -> None:
    field = ctf()
    fighter = field.put(0, 19, 7)
    fighter.x += dx * (FLAG_REACH + beyond)
    fighter.y += dy * (FLAG_REACH + beyond)
    play(field.world)
    assert (flag(field, 2).state == FlagState.CARRIED) is not bool(beyond)


def test_reach_is_a_circle() -> None:
    field = ctf()
    fighter = field.put(0, 19, 7)
    fighter.x += FLAG_REACH * 3 // 4
    fighter.y -= FLAG_REACH * 3 // 4
    play(field.world)
    assert flag(field, 2).state == FlagState.HOME


def test_dropped_flag_has_no_carrier_and_lies_until_its_tick() -> None:
    field = taken(ctf())
    carrier = field.put(0, 15, 9)
    drop(field.world, carrier)
    theirs = flag(field, 2)
    assert state(theirs) == (FlagState.DROPPED, -1, centre(15), centre(9))
    assert theirs.returns == field.world.tick + FLAG_RETURNS
    field.put(0, 3, 3)
    field.world.tick = Tick(theirs.returns - 1)
    play(field.world)
    assert theirs.state == FlagState.DROPPED
    field.world.tick = Tick(theirs.returns)
    field.world.events = []
    play(field.world)
    assert state(theirs) == AT_HOME
    assert field.world.events == [FlagReturned(-1, 2)]


def test_flag_at_home_or_carried_does_not_return_by_itself() -> None:
    field = taken(ctf())
    field.put(0, 10, 10)
    field.steps(2)
    assert field.of(FlagReturned) == []
    assert flag(field, 2).carrier == 0


def test_touched_flag_is_at_home_with_no_carrier() -> None:
    field = dropped(ctf())
    field.put(3, 15, 9)
    field.step()
    assert state(flag(field, 2)) == AT_HOME
    assert field.fighter(3).carrying == 0


def test_death_of_another_fighter_drops_nothing() -> None:
    field = taken(ctf())
    field.world.events = []
    drop(field.world, field.fighter(2))
    assert field.world.events == []
    assert (flag(field, 2).carrier, field.fighter(0).carrying) == (0, 2)
    drop(field.world, field.fighter(0))
    drop(field.world, field.fighter(0))
    assert field.world.events == [FlagDropped(0, 2)]


def test_each_team_scores_for_itself_and_others_flags_stay() -> None:
    field = ctf()
    field.put(1, 4, 7)
    field.put(0, 19, 7)
    field.step()
    assert (field.fighter(1).carrying, field.fighter(0).carrying) == (1, 2)
    drop(field.world, field.put(0, 15, 9))
    field.put(0, 15, 2)
    field.put(3, 15, 9)
    field.step()
    field.put(1, 19, 7)
    field.step()
    assert field.of(FlagCaptured) == [FlagCaptured(1, 1)]
    assert (field.board.team1, field.board.team2) == (0, 1)
    assert state(flag(field, 1)) == (FlagState.HOME, -1, centre(4), centre(7))
    scorer = field.fighter(1)
    assert (scorer.captures, scorer.score, scorer.carrying) == (1, CAPTURE_POINTS, 0)
    assert [field.fighter(seat).captures for seat in (0, 2, 3)] == [0, 0, 0]


def test_points_add_up() -> None:
    field = ctf()
    for _ in range(2):
        for seat, theirs, own in ((0, 19, 4), (1, 4, 19)):
            field.put(seat, theirs, 7)
            field.step()
            field.put(seat, own, 7)
            field.step()
            field.put(seat, 10 + seat, 2)
    assert (field.board.team1, field.board.team2) == (2, 2)
    assert [field.fighter(seat).captures for seat in (0, 1)] == [2, 2]
    assert [field.fighter(seat).score for seat in (0, 1)] == [2 * CAPTURE_POINTS] * 2


def test_only_the_captured_flag_goes_home() -> None:
    field = taken(ctf())
    field.put(1, 4, 7)
    field.step()
    drop(field.world, field.put(1, 12, 12))
    field.put(1, 15, 2)
    field.put(2, 12, 12)
    field.step()  # the own flag is at home again
    field.put(2, 12, 2)
    field.put(0, 4, 7)
    field.step()
    assert field.of(FlagCaptured) == [FlagCaptured(0, 2)]
    assert [each.state for each in field.world.all(Flag)] == [FlagState.HOME, FlagState.HOME]


def test_fighter_carries_one_flag_even_where_a_team_has_two() -> None:
    field = Field(
        tile_map=a_map(
            thing(8, ObjectKind.FLAG, 4, 7, "", team=1),
            thing(9, ObjectKind.FLAG, 19, 7, "", team=2),
            thing(10, ObjectKind.FLAG, 20, 7, "", team=2),
        ),
        mode="ctf",
    )
    field.put(1, 12, 12)
    field.put(0, 19, 7).x += 256
    field.step()
    assert [each.carrier for each in field.world.all(Flag)] == [-1, 0, -1]
    field.put(0, 4, 7)
    field.step()
    assert [each.carrier for each in field.world.all(Flag)] == [-1, -1, -1]
    assert field.board.team1 == 1


def test_the_dead_touch_no_flag() -> None:
    field = ctf()
    field.put(0, 19, 7, alive=False, respawns=field.world.tick + 50)
    field.step()
    assert flag(field, 2).state == FlagState.HOME


@pytest.mark.parametrize("phase", [MatchPhase.WARMUP, MatchPhase.OVER])
def test_flags_rest_outside_of_play(phase: int) -> None:
    field = ctf()
    field.put(0, 19, 7)
    field.board.phase = phase
    play(field.world)
    assert flag(field, 2).state == FlagState.HOME
