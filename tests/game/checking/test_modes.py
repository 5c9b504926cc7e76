"""The options that a game is tried with before it is played."""

import attrs

from gameserver.game.checking.found import Found
from gameserver.game.checking.modes import check_teams, settings
from gameserver.game.maps.mapfault import Severity
from gameserver.game.options import option
from gameserver.testing.skirmish import Skirmish


@attrs.frozen
class Chosen:
    """Options of every kind."""

    mode: str = option("b", "Mode", choices={"a": "A", "b": "B", "c": "C"})
    time: int = option(5, "Time", lo=1, hi=9)
    rain: bool = option(default=True, label="Rain")
    score: int = option(3, "Score", lo=2, hi=4)


@attrs.frozen
class Plain:
    """No choices and no numbers."""

    rain: bool = option(default=True, label="Rain")


class Choosy(Skirmish):
    """A game with these options."""

    options = Chosen  # type: ignore[assignment]
    wrong = ""

    def teams(self, options: Chosen) -> int:
        return 17 if self.wrong and eval(self.wrong, {"o": options}) else 2


def test_defaults_each_choice_and_all_extremes_are_tried() -> None:
    assert list(settings(Choosy())) == [
        ("the default options", {}),
        ("mode = a", {"mode": "a"}),
        ("mode = c", {"mode": "c"}),
        ("all options at their lowest", {"time": 1, "score": 2}),
        ("all options at their highest", {"time": 9, "score": 4}),
    ]


def test_a_game_without_choices_and_numbers_is_tried_once() -> None:
    class Simple(Choosy):
        options = Plain  # type: ignore[assignment]

    assert list(settings(Simple())) == [("the default options", {})]


def test_the_first_options_with_a_wrong_number_of_teams_are_named() -> None:
    told = {}
    for wrong in ("", "o.mode == 'c'", "o.time == 1", "o.score == 4", "o.mode != 'x'"):
        found, game = Found(), Choosy()
        game.wrong = wrong
        check_teams(found, game)
        told[wrong] = [(each.severity, each.place, each.message) for each in found.faults]
    fault = "returned 17, which is no int from 0 to 16 with"
    assert told == {
        "": [],
        "o.mode == 'c'": [(Severity.ERROR, "Choosy.teams", f"{fault} mode = c")],
        "o.time == 1": [(Severity.ERROR, "Choosy.teams", f"{fault} all options at their lowest")],
        "o.score == 4": [(Severity.ERROR, "Choosy.teams", f"{fault} all options at their highest")],
        "o.mode != 'x'": [(Severity.ERROR, "Choosy.teams", f"{fault} the default options")],
    }
