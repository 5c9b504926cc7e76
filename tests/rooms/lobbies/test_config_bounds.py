"""Sizes, bots and maps of a lobby: the exact bounds, and what is proposed."""

import attrs
import pytest

from gameserver.errors import Code, RequestError
from gameserver.messages.lobby import LobbyConfig
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.lobbies.configs import ConfigPolicy
from tests.rooms.party import MAPS, Chess, Tag, make_map

POLICY = ConfigPolicy(Tag(), MAPS, RoomRules(title_chars=10, default_size=6))
DEN = LobbyConfig("Den", "attic", 4)


def faults(**changes: object) -> dict[str, str]:
    try:
        POLICY.check(attrs.evolve(DEN, **changes), "Ann")
    except RequestError as error:
        refused = error
    else:
        return {}
    assert refused.code == Code.LOBBY_BAD_OPTIONS
    fields = refused.details["fields"]
    assert isinstance(fields, dict)
    assert refused.sentence == "; ".join(f"{name} {fault}" for name, fault in fields.items())
    return fields


@pytest.mark.parametrize(("name", "lo", "hi"), [("attic", 2, 8), ("barn", 2, 4), ("court", 4, 8)])
def test_a_size_is_within_the_bounds_of_game_and_map(name: str, lo: int, hi: int) -> None:
    options = {"mode": "team" if name == "court" else "solo"}
    assert POLICY.sizes(MAPS[name]) == (lo, hi)
    assert POLICY.fewest(attrs.evolve(DEN, map=name)) == lo
    for size in (lo, hi):
        assert faults(map=name, size=size, options=options) == {}
    for size in (lo - 1, hi + 1):
        wrong = {"size": f"must be from {lo} to {hi}"}
        assert faults(map=name, size=size, options=options) == wrong


def test_a_map_for_more_players_than_the_game_has_takes_its_fewest() -> None:
    assert POLICY.sizes(make_map("huge", ("solo",), fewest=12, most=20)) == (12, 12)
    assert POLICY.sizes(make_map("tiny", ("solo",), fewest=1, most=1)) == (2, 2)
    assert POLICY.sizes(None) == (2, 8)


def test_bots_leave_a_seat_for_a_person() -> None:
    assert faults(bots=3) == faults(bots=0) == {}
    for bots in (4, 5, -1):
        assert faults(bots=bots) == {"bots": "must leave a seat for a person"}
    assert faults(bots=1, size=0) == {
        "size": "must be from 2 to 8",
        "bots": "must leave a seat for a person",
    }


def test_maps_modes_and_levels_that_are_not_there_are_refused() -> None:
    assert faults(map="cellar") == {"map": "must be one of attic, barn, court"}
    assert faults(map="barn", options={"mode": "team"}) == {"map": "does not fit the mode"}
    assert faults(bot_level="wild") == {"bot_level": "must be one of easy, normal, hard"}
    assert faults(bot_level="hard") == {}
    chess = ConfigPolicy(Chess(), MAPS, RoomRules())
    with pytest.raises(RequestError) as refused:
        chess.check(attrs.evolve(DEN, bots=1, bot_level="hard"), "Ann")
    assert refused.value.details["fields"] == {
        "bots": "must be 0: this game has no bots",
        "bot_level": "must be empty",
    }


def test_an_accepted_configuration_has_all_defaults() -> None:
    accepted, options = POLICY.check(attrs.evolve(DEN, title="A very long title"), "Ann")
    assert accepted.title == "A very lon"
    assert accepted.bot_level == "normal"
    assert accepted.options == {"mode": "solo", "time_limit_s": 60}
    assert options == Tag.options()
    unnamed, _ = POLICY.check(attrs.evolve(DEN, title="\u200b", bot_level="easy"), "Ann")
    assert (unnamed.title, unnamed.bot_level) == ("Ann's lobby", "easy")


# --- proposals ------------------------------------------------------------------------------------


def test_a_proposal_has_the_first_map_that_fits_and_a_size_within_its_bounds() -> None:
    plain = POLICY.proposal(title="T")
    assert (plain.title, plain.map, plain.size, plain.bots) == ("T", "attic", 6, 0)
    assert (plain.bot_level, plain.options["mode"]) == ("normal", "solo")
    assert POLICY.proposal(title="T", map_name="barn").size == 4
    small = ConfigPolicy(Tag(), MAPS, RoomRules(default_size=1))
    assert small.proposal(title="T", mode="team", map_name="court").size == 4
    only = ConfigPolicy(Tag(), {"court": MAPS["court"]}, RoomRules())
    assert only.proposal(title="T", mode="team").map == "court"


def test_a_filled_proposal_has_bots_on_all_seats_but_one_if_the_game_has_bots() -> None:
    assert POLICY.proposal(title="T", fill=True).bots == 5
    assert ConfigPolicy(Chess(), MAPS, RoomRules()).proposal(title="T", fill=True).bots == 0


@pytest.mark.parametrize(
    ("asked", "sentence", "fields"),
    [
        (
            {"map_name": "cellar"},
            "map must be one of attic, barn, court",
            {"map": "must be one of attic, barn, court"},
        ),
        (
            {"map_name": "barn", "mode": "team"},
            "map does not fit the mode",
            {"map": "does not fit the mode"},
        ),
        (
            {"mode": "chess"},
            "mode must be one of solo, team",
            {"mode": "must be one of solo, team"},
        ),
    ],
)
def test_a_proposal_that_cannot_be_is_refused_by_field(
    asked: dict[str, str], sentence: str, fields: dict[str, str]
) -> None:
    with pytest.raises(RequestError) as refused:
        POLICY.proposal(title="T", **asked)
    assert (refused.value.code, refused.value.sentence) == (Code.LOBBY_BAD_OPTIONS, sentence)
    assert refused.value.details == {"fields": fields}


def test_a_mode_without_a_map_on_the_server_is_named() -> None:
    only = ConfigPolicy(Tag(), {"court": MAPS["court"]}, RoomRules())
    with pytest.raises(RequestError, match="mode has no map on this server"):
        only.proposal(title="T", mode="solo")


def test_a_game_without_modes_takes_none_and_shows_those_of_its_maps() -> None:
    class Modeless(Tag):
        mode_option = ""

    policy = ConfigPolicy(Modeless(), MAPS, RoomRules())
    with pytest.raises(RequestError, match="This game has no modes"):
        policy.proposal(title="T", mode="solo")
    assert [choice.modes for choice in policy.form("Ann").maps] == [
        ("solo", "team"),
        ("solo",),
        ("team",),
    ]
    court = ConfigPolicy(Modeless(), {"court": MAPS["court"]}, RoomRules())
    with pytest.raises(RequestError, match="map has no map on this server"):
        court.proposal(title="T")


def test_the_form_lists_maps_by_name_with_the_modes_that_fit() -> None:
    form = POLICY.form("Ann")
    assert [(m.name, m.title, m.modes) for m in form.maps] == [
        ("attic", "Attic", ("solo", "team")),
        ("barn", "Barn", ("solo",)),
        ("court", "Court", ("team",)),
    ]
    assert [(m.min_players, m.max_players) for m in form.maps] == [(2, 8), (2, 4), (4, 8)]
    assert (form.game, form.title, form.min_size, form.max_size) == ("tag", "Tag", 2, 8)
    assert (form.default.title, form.mode) == ("Ann's lobby", "mode")
    assert form.bot_levels == ("easy", "normal", "hard")
