"""The events, results and bots that a game may return: exact bounds and the fault's words."""

from typing import Any

import attrs
import pytest

from gameserver.errors import GameFaultError
from gameserver.game.entity import Event, Outcome, Standing
from gameserver.game.schema.table import TEXT_CHARS
from gameserver.ids import Seat
from gameserver.match.checks import (
    INTEGER,
    STANDINGS,
    STATS,
    check_event,
    checked_outcome,
    require_bot,
)
from tests.match.play import GAME

EDGES = [INTEGER - 1, 1 - INTEGER, 0]
BEYOND = [INTEGER, -INTEGER, 1 << 64]


@attrs.frozen
class Shouted(Event):
    """An event with one field of any type."""

    what: Any


def line(**changes: Any) -> Standing:
    return attrs.evolve(Standing(Seat(0), "Ann", 0, 1), **changes)


def fault_of(outcome: object) -> str:
    with pytest.raises(GameFaultError) as raised:
        checked_outcome(outcome)
    return str(raised.value)


def fault_of_event(value: object) -> str:
    with pytest.raises(GameFaultError) as raised:
        check_event(Shouted(value))
    return str(raised.value)


# --- events ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [*EDGES, True, False, "", "x" * TEXT_CHARS, "é" * TEXT_CHARS])
def test_an_event_within_bounds_is_accepted(value: object) -> None:
    check_event(Shouted(value))


@pytest.mark.parametrize("value", [*BEYOND, 0.5, None, b"", (1,)])
def test_an_events_field_that_is_no_whole_number_is_named_with_its_value(value: object) -> None:
    told = fault_of_event(value)
    assert told == f"event Shouted, field what: {value!r} is no whole number within 2^53"


def test_an_events_text_is_at_most_as_long_as_an_entitys() -> None:
    told = fault_of_event("x" * (TEXT_CHARS + 1))
    assert told.startswith("event Shouted, field what: a text of 256 characters")


def test_half_of_a_surrogate_pair_is_no_text() -> None:
    assert fault_of_event("a\ud800") == r"event Shouted, field what: 'a\ud800' is no Unicode text"


def test_a_long_value_is_shown_by_its_beginning() -> None:
    shown = fault_of_event(["x" * 500]).removeprefix("event Shouted, field what: ")
    assert shown == "['" + "x" * 78 + " is no whole number within 2^53"


# --- results --------------------------------------------------------------------------------------


def test_no_outcome_is_none_and_lists_become_tuples() -> None:
    assert checked_outcome(None) is None
    ann = line()
    given: Any = Outcome([ann], winner="Ann", team_scores=[1, 2])
    assert checked_outcome(given) == Outcome((ann,), "Ann", (1, 2))
    assert checked_outcome(Outcome(())) == Outcome(())


@pytest.mark.parametrize("name", ["seat", "team", "score"])
def test_numbers_of_a_line_are_whole_and_exact_in_a_double(name: str) -> None:
    for value in EDGES:
        checked_outcome(Outcome((line(**{name: value}),)))
    wrong: list[object] = [*BEYOND, 0.5, True, "1"]
    for bad in wrong:
        told = fault_of(Outcome((line(), line(**{name: bad}))))
        wanted = f"{bad!r} is no whole number within 2^53"
        assert told == f"outcome, standings[1].{name}: {wanted}"


def test_a_team_is_named_by_its_number_from_one() -> None:
    for value in EDGES:
        checked_outcome(Outcome((), team_scores=(value, value)))
    for value in [*BEYOND, True]:
        told = fault_of(Outcome((), team_scores=(0, value)))
        assert told == f"outcome, score of team 2: {value!r} is no whole number within 2^53"


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (7, "outcome: 7 is no Outcome"),
        (Outcome((), winner=None), "outcome, winner: None is no text"),
        (Outcome((), winner="\udc00"), r"outcome, winner: '\udc00' is no Unicode text"),
        (Outcome((7,)), "outcome, standings[0]: 7 is no Standing"),
        (Outcome((line(name=7),)), "outcome, standings[0].name: 7 is no text"),
        (Outcome((line(won=1),)), "outcome, standings[0].won: 1 is no bool"),
        (
            Outcome((line(stats={7: 1}),)),
            "outcome, standings[0].stats, a key: 7 is no text",
        ),
        (
            Outcome((line(stats={"kills": 0.5}),)),
            "outcome, standings[0].stats['kills']: 0.5 is no whole number within 2^53",
        ),
    ],
)
def test_the_fault_names_the_part_of_the_result(outcome: object, told: str) -> None:
    assert fault_of(outcome) == told


def test_a_result_has_at_most_so_many_lines_and_teams() -> None:
    checked_outcome(Outcome((line(),) * STANDINGS, team_scores=(1,) * STANDINGS))
    lines = fault_of(Outcome((line(),) * (STANDINGS + 1)))
    assert lines == "outcome, standings: a tuple of at most 1024 is needed"
    teams = fault_of(Outcome((), team_scores=(1,) * (STANDINGS + 1)))
    assert teams == "outcome, team_scores: a tuple of at most 1024 is needed"
    assert "standings: a tuple" in fault_of(Outcome({}))


def test_a_line_has_at_most_so_many_columns() -> None:
    stats = {f"column {number}": number for number in range(STATS + 1)}
    told = fault_of(Outcome((line(stats=stats),)))
    assert told == "outcome, standings[0].stats: a dict of at most 32 numbers is needed"
    del stats["column 0"]
    checked_outcome(Outcome((line(stats=stats),)))
    assert "a dict of at most 32" in fault_of(Outcome((line(stats=["kills"]),)))


# --- bots -----------------------------------------------------------------------------------------


class Steady:
    """A bot, as far as its methods tell."""

    def command(self, world: object) -> None:
        """Decide nothing."""


class Uncalled:
    """Has the attribute, which is no method."""

    command = 7

    def __repr__(self) -> str:
        return "Uncalled()" + "!" * 100


def test_a_bot_is_an_object_with_a_method() -> None:
    require_bot(GAME, Steady())
    with pytest.raises(GameFaultError) as raised:
        require_bot(GAME, None)
    assert str(raised.value) == "Skirmish.bot() returned None, which is no bot"
    with pytest.raises(GameFaultError) as raised:
        require_bot(GAME, Steady)
    assert str(raised.value) == "Skirmish.bot() returned the class Steady, which is no bot"
    with pytest.raises(GameFaultError) as raised:
        require_bot(GAME, Uncalled())
    shown = "Uncalled()" + "!" * 70
    assert str(raised.value) == f"Skirmish.bot() returned {shown}, which is no bot"
