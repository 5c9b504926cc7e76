import pytest

from gameserver.errors import Code, RequestError
from gameserver.messages import forms, lobby
from gameserver.messages.lobby import LobbyConfig
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.lobbies.configs import ConfigPolicy
from tests.rooms.party import MAPS, Chess, Party, Tag, make_map


def policy(game: Tag | None = None) -> ConfigPolicy:
    return ConfigPolicy(game or Tag(), MAPS, RoomRules())


def faults(config: LobbyConfig, game: Tag | None = None) -> object:
    with pytest.raises(RequestError) as refused:
        policy(game).check(config, "Ann")
    assert refused.value.code == Code.LOBBY_BAD_OPTIONS
    return refused.value.details["fields"]


def test_an_accepted_configuration_is_complete() -> None:
    config, options = policy().check(LobbyConfig("", "attic", 4, bots=3), "Ann")
    assert config.title == "Ann's lobby"
    assert config.bot_level == "normal"
    assert config.options == {"mode": "solo", "time_limit_s": 60}
    assert options.mode == "solo"


def test_all_faults_are_reported_at_once_by_field() -> None:
    config = LobbyConfig("Den", "nowhere", 99, bots=99, bot_level="odd")
    assert faults(config) == {
        "map": "must be one of attic, barn, court",
        "size": "must be from 2 to 8",
        "bots": "must leave a seat for a person",
        "bot_level": "must be one of easy, normal, hard",
    }


@pytest.mark.parametrize("size", [2, 4])
def test_sizes_at_the_bounds_of_game_and_map_are_accepted(size: int) -> None:
    policy().check(LobbyConfig("Den", "barn", size), "Ann")


@pytest.mark.parametrize("size", [1, 5])
def test_sizes_beyond_the_bounds_of_game_and_map_are_refused(size: int) -> None:
    assert faults(LobbyConfig("Den", "barn", size)) == {"size": "must be from 2 to 4"}


def test_a_map_must_fit_the_mode() -> None:
    config = LobbyConfig("Den", "barn", 4, options={"mode": "team"})
    assert faults(config) == {"map": "does not fit the mode"}


def test_options_are_checked_against_their_declaration() -> None:
    config = LobbyConfig("Den", "attic", 4, options={"time_limit_s": 5, "odd": 1})
    assert faults(config) == {
        "odd": "is no option of this game",
        "time_limit_s": "must be from 10 to 600",
    }


def test_bots_must_leave_a_seat_for_a_player() -> None:
    policy().check(LobbyConfig("Den", "attic", 4, bots=3), "Ann")
    assert faults(LobbyConfig("Den", "attic", 4, bots=4)) == {
        "bots": "must leave a seat for a person"
    }


def test_a_game_without_bots_takes_none() -> None:
    config = LobbyConfig("Den", "attic", 4, bots=1)
    assert faults(config, Chess()) == {"bots": "must be 0: this game has no bots"}


def test_the_forms_default_can_be_submitted_as_it_is() -> None:
    ann = Party().guest("Ann")
    form = ann.ask(forms.GetLobbyForm())
    assert isinstance(form, forms.LobbyForm)
    assert [choice.name for choice in form.maps] == ["attic", "barn", "court"]
    assert [field.name for field in form.options] == ["mode", "time_limit_s"]
    assert (form.min_size, form.max_size) == (2, 8)
    created = ann.ask(lobby.CreateLobby(form.default))
    assert isinstance(created, lobby.InLobby)
    assert created.lobby.config == form.default


def test_a_map_is_proposed_that_two_can_play_on_if_there_is_one() -> None:
    maps = {
        each.name: each
        for each in (
            make_map("arcade", ("solo", "team"), fewest=6),
            make_map("bridge", ("solo",), fewest=1),
            make_map("castle", ("solo",)),
            make_map("dungeon", ("team",), fewest=4),
        )
    }
    chess = ConfigPolicy(Chess(), maps, RoomRules())
    assert chess.form("Ann").default.map == "bridge"
    assert chess.proposal(title="Den", mode="team").map == "dungeon"
