"""Games by name; each fault is one sentence."""

from importlib.metadata import EntryPoint

import pytest

from gameserver.errors import ConfigError
from gameserver.game.game import Game
from gameserver.game.loading.games import installed_games, load_game
from gameserver.testing.skirmish import Skirmish


class Unfinished(Game):
    """Sets nothing."""


READY_MADE = Skirmish()


def test_a_game_is_found_by_module_and_class() -> None:
    assert isinstance(load_game("gameserver.testing.skirmish:Skirmish"), Skirmish)


def test_an_instance_of_a_game_is_used_unchanged() -> None:
    assert type(load_game(f"{__name__}:READY_MADE")).__name__ == "Skirmish"


def test_the_shipped_game_is_found_by_its_name() -> None:
    assert "arena" in installed_games()
    assert load_game("arena").name == "arena"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("no-such-game", "installed: "),
        ("no_such_module:Game", "there is no module no_such_module"),
        ("gameserver.testing.skirmish:Chess", "has no Chess"),
        ("gameserver.testing.skirmish:Runner", "is not a game"),
        (":Skirmish", "write module:Class"),
        ("gameserver:", "write module:Class"),
        (f"{__name__}:Unfinished", "Unfinished.name: is missing; and 6 more"),
    ],
)
def test_the_error_about_an_unloadable_game_is_one_line(spec: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load_game(spec)
    assert "\n" not in str(caught.value)


class Broken(Skirmish):
    """Cannot be made."""

    def __init__(self) -> None:
        raise ZeroDivisionError("a bug of its author")


class Needy(Skirmish):
    """Needs something."""

    def __init__(self, needed: int) -> None:
        del needed


@pytest.mark.parametrize(
    ("name", "words"), [("Broken", "ZeroDivisionError"), ("Needy", "missing 1 required")]
)
def test_a_game_whose_constructor_fails_is_reported_with_the_fault(name: str, words: str) -> None:
    spec = f"{__name__}:{name}"
    with pytest.raises(ConfigError, match=f"{name} cannot be made without arguments: .*{words}"):
        load_game(spec)


def test_an_installed_game_whose_module_raises_system_exit_is_reported_as_not_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(_self: EntryPoint) -> None:
        raise SystemExit(3)

    monkeypatch.setattr(EntryPoint, "load", load)
    with pytest.raises(ConfigError, match=r"game 'arena' cannot be loaded from gameserver\.arena"):
        load_game("arena")
