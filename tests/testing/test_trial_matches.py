"""The matches of a trial: which ones, who plays, when they end, and what is only a warning."""

import itertools
import time
from typing import Any

import pytest

from gameserver.game.checking.found import Found
from gameserver.game.command import CommandKind
from gameserver.game.rng import Rng
from gameserver.game.world import World
from gameserver.ids import Seat
from gameserver.testing import trial
from gameserver.testing.maps import map_from_rows
from gameserver.testing.skirmish import Bout, Skirmish, SkirmishCommand
from gameserver.testing.stepper import MatchStepper
from gameserver.testing.trial import HOLD_FRAMES, Plan, Played, _any, _presses, plans, play
from tests.testing.faulty_games import Sound

MAP = map_from_rows(*["." * 16] * 16)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play without the two other processes."""
    monkeypatch.setattr(trial, "_compare", lambda *_: None)


class Short(Bout):
    """Ends after nine ticks; the length is not an option that a plan changes."""

    name = "short"

    def outcome(self, world: World) -> Any:
        return self.standings(world) if world.tick >= 9 else None


def plan(game: Any, ticks: int = 40, level: str = "") -> Plan:
    return Plan("the default options", game.options(), MAP, ticks, level)


def test_the_first_match_and_the_one_of_lowest_options_are_whole_the_others_a_quarter() -> None:
    found = Found()
    labels = [(each.label, each.ticks) for each in plans(Skirmish(), [MAP], 90, found)]
    assert labels == [
        ("the default options", 90),
        ("all options at their lowest", 90),
        ("all options at their highest", 22),
    ]
    assert [each.ticks for each in plans(Skirmish(), [MAP], 3, found)] == [3, 3, 1]
    assert found.faults == []


def test_the_levels_of_bots_take_turns_and_a_game_without_bots_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Skirmish, "bot_levels", ("easy", "hard"))
    levels = [each.bot_level for each in plans(Skirmish(), [MAP], 9, Found())]
    assert levels == ["easy", "hard", "easy"]
    monkeypatch.setattr(Skirmish, "bot_levels", ())
    assert [each.bot_level for each in plans(Skirmish(), [MAP], 9, Found())] == [""] * 3


def test_a_method_of_the_author_that_raises_is_a_fault_and_its_match_is_left_out() -> None:
    class Raises(Skirmish):
        def map_fits(self, options: Any, modes: Any) -> bool:
            if options.ticks:
                raise KeyError("mode")
            return super().map_fits(options, modes)

    found = Found()
    assert len(list(plans(Raises(), [MAP], 9, found))) == 2
    (fault,) = found.faults
    assert fault.place == "Raises.map_fits"
    assert fault.message == "raised KeyError('mode') with all options at their highest"
    found = Found()
    assert list(plans(Skirmish(), [], 9, found)) == []
    assert "no map fits the default options; maps: none" in [f.message for f in found.faults]


@pytest.mark.usefixtures("here")
def test_a_match_that_ends_by_itself_is_played_to_its_end_only() -> None:
    progress: list[int] = []
    played = play(Short(), "", plan(Short()), 1, progress.append)
    assert (played.faults, played.ticks, played.ended) == ((), 9, True)
    assert progress == [1] * 9
    progress.clear()
    played = play(Bout(), "", plan(Bout()), 1, progress.append)
    assert (played.faults, played.ticks, played.ended) == ((), 40, False)
    assert progress == [1] * 40
    assert len(played.tally) == 32
    assert played.step_ms > 0


@pytest.mark.usefixtures("here")
def test_a_step_that_takes_half_of_a_tick_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    for step_s, heavy in ((0.024, False), (0.026, True)):
        readings = itertools.count(0.0, 40 * step_s)
        monkeypatch.setattr(time, "perf_counter", lambda readings=readings: next(readings))
        played = play(Bout(), "", plan(Bout()), 1, lambda _: None)
        assert played.step_ms == pytest.approx(1000 * step_s)
        said = [(fault.severity, fault.place, fault.message) for fault in played.faults]
        assert said == (
            [("warning", "Bout.step", "takes 26.0 ms of the 50.0 ms between two ticks")]
            if heavy
            else []
        )


def seats_of(monkeypatch: pytest.MonkeyPatch, game: Any) -> list[tuple[int, bool]]:
    made: list[MatchStepper] = []
    real = MatchStepper.__init__

    def init(self: MatchStepper, *given: Any, **named: Any) -> None:
        made.append(self)
        real(self, *given, **named)

    monkeypatch.setattr(MatchStepper, "__init__", init)
    assert play(game, "", plan(game, ticks=12), 1, lambda _: None).faults == ()
    (stepper,) = made
    changes = [
        (row.tick, list(row.left), [(p.seat, p.name) for p in row.joined])
        for row in (stepper.journal.ticks if stepper.journal else ())
        if row.left or row.joined
    ]
    last = Seat(len(stepper.players) - 1)
    assert changes == ([(5, [last], []), (7, [], [(last, "Late")])] if last else [])
    return [(player.seat, player.bot) for player in stepper.players]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("seats", "levels", "people", "bots"),
    [
        ((1, 1), ("easy",), 1, 0),
        ((1, 1), (), 1, 0),
        ((1, 2), ("easy",), 2, 0),
        ((1, 4), ("easy",), 2, 2),
        ((1, 4), (), 2, 0),
        ((1, 8), ("easy",), 2, 4),
    ],
)
def test_two_people_play_with_bots_on_the_other_seats_and_the_last_one_comes_late(
    monkeypatch: pytest.MonkeyPatch,
    seats: tuple[int, int],
    levels: tuple[str, ...],
    people: int,
    bots: int,
) -> None:
    monkeypatch.setattr(Sound, "seats", seats)
    monkeypatch.setattr(Sound, "bot_levels", levels)
    wanted = [*[False] * people, *[True] * bots]
    assert seats_of(monkeypatch, Sound()) == list(enumerate(wanted))


def test_random_players_hold_each_command_for_a_while_within_its_bounds() -> None:
    press = _presses(Skirmish(), Rng.seeded(1))
    replica: Any = None
    held = [press(replica) for _ in range(HOLD_FRAMES * 200)]
    runs = [len(list(same)) for _, same in itertools.groupby(held, key=id)]
    assert set(runs) == {HOLD_FRAMES}
    moves = {each.move for each in held if isinstance(each, SkirmishCommand)}
    assert moves == set(range(5))


def test_half_of_the_random_values_are_bounds_and_keys_are_pressed_or_not() -> None:
    rng = Rng.seeded(1)
    aim, throw = SkirmishCommand.fields()[1:3]
    aims = [_any(rng, aim) for _ in range(1000)]
    bounds = sum(value in (aim.lo, aim.hi) for value in aims)
    assert 420 < bounds < 580
    assert {aim.lo, aim.hi} < set(aims)
    assert throw.kind is CommandKind.EDGE
    assert {_any(rng, throw) for _ in range(50)} == {0, 1}


def test_what_was_not_played_has_no_length_and_no_tally() -> None:
    played = Played(plan(Bout()), ())
    assert (played.ticks, played.ended, played.step_ms, played.tally) == (0, False, 0.0, "")
