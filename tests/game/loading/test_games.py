"""Games by name; each fault is one sentence."""

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


def test_a_ready_made_game_is_taken_as_it_is() -> None:
    assert type(load_game(f"{__name__}:READY_MADE")).__name__ == "Skirmish"


def test_the_game_that_is_shipped_is_found_by_its_name() -> None:
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
def test_what_cannot_be_loaded_is_said_in_one_line(spec: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load_game(spec)
    assert "\n" not in str(caught.value)
