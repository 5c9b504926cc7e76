"""The guard around a game author's code: everything that it raises becomes the game's fault."""

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import gameserver
from gameserver.errors import Code, GameFaultError, RequestError
from gameserver.game.game import Game
from gameserver.game.guard import MOST_TEAMS, blame, guarded, map_fits, shown, teams_of
from gameserver.game.options import build_options, option
from gameserver.testing.skirmish import Skirmish, SkirmishOptions


class OwnKind(BaseException):
    """No `Exception`, as an author may write one."""


RAISED: list[BaseException] = [
    ZeroDivisionError("broken"),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    asyncio.CancelledError(),
    OwnKind("own"),
    RecursionError(),
    MemoryError(),
    RequestError(Code.FORBIDDEN, "not the game's to say"),
]


@pytest.mark.parametrize("raised", RAISED, ids=lambda raised: type(raised).__name__)
def test_any_exception_of_a_game_becomes_a_game_fault_with_its_cause(raised: BaseException) -> None:
    with pytest.raises(GameFaultError) as fault, guarded(Skirmish(), "step", 7):
        raise raised
    assert fault.value.__cause__ is raised
    assert str(fault.value).startswith(f"Skirmish.step() at tick 7 raised {type(raised).__name__}(")
    assert "\n" not in str(fault.value)


def test_a_game_fault_is_passed_on_unchanged() -> None:
    found = GameFaultError("Runner 1, field x: 9 is too much")
    with pytest.raises(GameFaultError) as fault, guarded(Skirmish(), "step"):
        raise found
    assert fault.value is found


class Unspeakable(Exception):  # noqa: N818  an author's
    def __repr__(self) -> str:
        raise SystemExit(5)


def test_an_exception_without_a_usable_text_is_a_game_fault_too() -> None:
    said = "a Unspeakable whose repr raises SystemExit"
    with pytest.raises(GameFaultError, match=said), guarded(Skirmish(), "step"):
        raise Unspeakable
    assert shown("two\nlines") == r"'two\nlines'"


@pytest.mark.parametrize("teams", [-1, 17, 10**9, 2.0, "2", None, True])
def test_an_invalid_number_of_teams_is_a_game_fault(teams: Any) -> None:
    class Odd(Skirmish):
        def teams(self, _options: Any) -> Any:
            return teams

    with pytest.raises(GameFaultError, match=r"Odd\.teams\(\) returned .*, which is no int"):
        teams_of(Odd(), SkirmishOptions())


@pytest.mark.parametrize("teams", [0, 1, MOST_TEAMS])
def test_a_mode_may_have_no_teams_or_as_many_as_the_limit(teams: int) -> None:
    class Some(Skirmish):
        def teams(self, _options: Any) -> int:
            return teams

    assert teams_of(Some(), SkirmishOptions()) == teams


@pytest.mark.parametrize(("answer", "fits"), [(True, True), ("yes", True), (0, False)])
def test_what_a_game_says_of_a_map_is_taken_as_a_truth_value(answer: Any, fits: bool) -> None:
    class Picky(Skirmish):
        def map_fits(self, _options: Any, _modes: tuple[str, ...]) -> Any:
            return answer

    assert map_fits(Picky(), SkirmishOptions(), ("duel",)) is fits


def test_methods_of_a_game_called_by_lobbies_are_guarded() -> None:
    class Exits(Skirmish):
        def teams(self, _options: Any) -> int:
            raise SystemExit

        def map_fits(self, _options: Any, _modes: tuple[str, ...]) -> bool:
            raise SystemExit

    with pytest.raises(GameFaultError, match=r"Exits\.teams\(\) raised SystemExit"):
        teams_of(Exits(), SkirmishOptions())
    with pytest.raises(GameFaultError, match=r"Exits\.map_fits\(\) raised SystemExit"):
        map_fits(Exits(), SkirmishOptions(), ())


def test_an_options_class_that_raises_is_a_game_fault() -> None:
    @attrs.frozen
    class Picky:
        rounds: int = option(3, "Rounds", lo=1, hi=9)

        def __attrs_post_init__(self) -> None:
            raise SystemExit

    with pytest.raises(GameFaultError, match=r"Picky\.__init__\(\) raised SystemExit"):
        build_options(Picky, {"rounds": 4})


# --- nothing of the server's calls a game past the guard -----------------------------------------

SOURCE = Path(gameserver.__file__).parent
HOOKS = {name for name, _ in inspect.getmembers(Game, inspect.isfunction) if name[0] != "_"}
OF_A_GAME = HOOKS | {"command"}
"""Methods of games and of their bots."""


def blames(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler is ``except BaseException as error: … blame(error, …)``."""
    calls = [node.func for node in ast.walk(handler) if isinstance(node, ast.Call)]
    caught = handler.type is not None and ast.unparse(handler.type) == "BaseException"
    return caught and any(isinstance(call, ast.Name) and call.id == "blame" for call in calls)


def unguarded(tree: ast.AST, inside: bool = False) -> Iterator[tuple[int, str]]:
    """Yield line and name of each call of a game's method that no guard is around."""
    for node in ast.iter_child_nodes(tree):
        guards = isinstance(node, ast.Try) and any(map(blames, node.handlers))
        guards |= isinstance(node, ast.With) and any(
            isinstance(item.context_expr, ast.Call)
            and isinstance(item.context_expr.func, ast.Name)
            and item.context_expr.func.id == "guarded"
            for item in node.items
        )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner, name = ast.unparse(node.func.value), node.func.attr
            if (
                name in OF_A_GAME
                and re.search(r"(^|[._])(game|bots?\[.*\])$", owner)
                and not inside
            ):
                yield node.lineno, f"{owner}.{name}"
        yield from unguarded(node, inside or guards)


@pytest.mark.parametrize("package", ["match", "rooms", "service"])
def test_every_call_of_a_games_method_is_guarded(package: str) -> None:
    found = [
        (file.name, *call)
        for file in (SOURCE / package).rglob("*.py")
        for call in unguarded(ast.parse(file.read_text("utf-8")))
    ]
    assert found == []


def test_the_search_for_unguarded_calls_finds_them() -> None:
    found = unguarded(
        ast.parse("self.game.step(world)\nwith guarded(game, 'step'):\n    game.step(world)\n")
    )
    assert list(found) == [(1, "self.game.step")]


@pytest.mark.parametrize(
    ("handler", "guarded"),
    [
        ("except BaseException as error: blame(error, game, 'step')", True),
        ("except Exception as error: blame(error, game, 'step')", False),
        ("except BaseException as error: print(error)", False),
    ],
)
def test_a_call_is_guarded_by_a_handler_that_blames_the_game(handler: str, guarded: bool) -> None:
    found = list(unguarded(ast.parse(f"try: game.step(world)\n{handler}\n")))
    assert found == ([] if guarded else [(1, "game.step")])


def raise_by(error: BaseException, *, guard: bool) -> None:
    if not guard:
        blame(error, Skirmish(), "step", 7)
    with guarded(Skirmish(), "step", 7):
        raise error


def test_blame_and_guarded_raise_the_same() -> None:
    for error in (ZeroDivisionError("x"), SystemExit(3), GameFaultError("mine")):
        said = []
        for guard in (True, False):
            with pytest.raises(GameFaultError) as caught:
                raise_by(error, guard=guard)
            said.append((str(caught.value), caught.value.__cause__))
        assert said[0] == said[1]
