import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.arena import Arena
from gameserver.client.forms import fitted, maps_for, most_bots, seats_on
from gameserver.errors import RequestError
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.messages.lobby import LobbyConfig
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.lobbies.configs import ConfigPolicy
from tests.rooms.party import MAPS, Chess, Tag, make_map

ARENA_MAPS = load_maps(shipped_maps())
DESKS = tuple(
    ConfigPolicy(game, maps, RoomRules())
    for game, maps in (
        (Arena(), ARENA_MAPS),
        (Arena(), {**ARENA_MAPS, "plain": make_map("plain", (), most=3)}),
        (Tag(), MAPS),
        (Chess(), MAPS),
    )
)


@pytest.mark.parametrize("desk", DESKS)
@given(data=st.data())
def test_a_fitted_configuration_is_accepted_by_the_server(
    desk: ConfigPolicy, data: st.DataObject
) -> None:
    form = desk.form("Ann")
    mode = next(field for field in form.options if field.name == "mode")
    numbers = st.integers(-3, 99)
    config = attrs.evolve(
        form.default,
        map=data.draw(st.sampled_from([*(m.name for m in form.maps), "no such map"])),
        size=data.draw(numbers),
        bots=data.draw(numbers),
        bot_level=data.draw(st.sampled_from(["", "easy", "no such level"])),
        options={**form.default.options, "mode": data.draw(st.sampled_from(mode.choices))},
    )
    sound = fitted(form, config)
    desk.check(sound, "Ann")
    assert fitted(form, sound) == sound


@pytest.mark.parametrize("desk", DESKS)
def test_the_bounds_of_the_form_are_those_of_the_server(desk: ConfigPolicy) -> None:
    form = desk.form("Ann")
    mode = next(field for field in form.options if field.name == "mode")
    for value in mode.choices:
        options = {**form.default.options, "mode": value}
        known = {choice.name for choice in maps_for(form, options)}
        for choice in form.maps:
            lo, hi = seats_on(form, choice.name)
            base = attrs.evolve(form.default, map=choice.name, size=hi, bots=0, options=options)
            assert accepts(desk, base) == (choice.name in known)
            if choice.name in known:
                bots = most_bots(form, hi)
                assert accepts(desk, attrs.evolve(base, size=lo))
                assert accepts(desk, attrs.evolve(base, bots=bots))
                for beyond in ({"size": lo - 1}, {"size": hi + 1}, {"bots": bots + 1}):
                    assert not accepts(desk, attrs.evolve(base, **beyond))


def test_fitting_keeps_a_seat_for_each_seated_player() -> None:
    form = DESKS[2].form("Ann")
    assert seats_on(form, "attic", seated=5) == (5, 8)
    assert fitted(form, attrs.evolve(form.default, map="attic", size=3), seated=5).size == 5


def accepts(desk: ConfigPolicy, config: LobbyConfig) -> bool:
    try:
        desk.check(config, "Ann")
    except RequestError:
        return False
    return True


def test_a_map_that_the_form_does_not_know_has_the_forms_own_bounds() -> None:
    form = attrs.evolve(DESKS[2].form("Ann"), min_size=3, max_size=9)
    assert seats_on(form, "nowhere") == (3, 9)
    assert seats_on(form, "nowhere", seated=5) == (5, 9)
    assert seats_on(form, "nowhere", seated=12) == (9, 9)


def test_the_bounds_of_a_map_narrow_those_of_the_form() -> None:
    form = DESKS[2].form("Ann")
    (choice, *_) = form.maps
    for least, most, bounds in [(1, 99, (3, 9)), (4, 7, (4, 7)), (9, 2, (9, 9)), (1, 2, (3, 3))]:
        own = attrs.evolve(choice, min_players=least, max_players=most)
        narrowed = attrs.evolve(form, min_size=3, max_size=9, maps=(own,))
        assert seats_on(narrowed, choice.name) == bounds


def test_one_seat_is_left_for_a_person_and_a_game_without_levels_has_no_bots() -> None:
    form = attrs.evolve(DESKS[2].form("Ann"), bot_levels=("easy",))
    assert [most_bots(form, size) for size in (0, 1, 2, 8)] == [0, 0, 1, 7]
    assert most_bots(attrs.evolve(form, bot_levels=()), 8) == 0


def test_a_form_that_fits_no_map_keeps_the_chosen_one() -> None:
    form = attrs.evolve(DESKS[2].form("Ann"), maps=())
    assert fitted(form, attrs.evolve(form.default, map="mine")).map == "mine"
