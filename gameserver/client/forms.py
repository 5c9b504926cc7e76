"""Bounds of the fields of a lobby form, equal to the server's checks.

Law: the server accepts every configuration that these functions accept. So a form can limit its
sliders to these bounds instead of sending a configuration that is refused.
"""

from collections.abc import Mapping

import attrs

from gameserver.game.options import FormField
from gameserver.messages.forms import LobbyForm, MapChoice
from gameserver.messages.lobby import LobbyConfig


def maps_for(form: LobbyForm, options: Mapping[str, int | bool | str]) -> tuple[MapChoice, ...]:
    """Return the maps that can be played in the mode that these options choose."""
    field = mode_field(form)
    modes = field.choices if field is not None else ()
    mode = options.get(form.mode)
    return tuple(m for m in form.maps if mode not in modes or mode in m.modes)


def mode_field(form: LobbyForm) -> FormField | None:
    """Return the field that chooses the game's mode; None in a game without modes."""
    return next((field for field in form.options if field.name == form.mode), None)


def seats_on(form: LobbyForm, map_name: str, *, seated: int = 0) -> tuple[int, int]:
    """Return the smallest and largest size of a lobby on a map.

    ``seated`` is the number of people who have a seat: the size cannot go below it.
    """
    lo, hi = form.min_size, form.max_size
    found = next((choice for choice in form.maps if choice.name == map_name), None)
    if found is not None:
        lo = max(lo, found.min_players)
        hi = max(lo, min(hi, found.max_players))
    return min(max(lo, seated), hi), hi


def most_bots(form: LobbyForm, size: int) -> int:
    """Return the largest number of bots in a lobby of this size: one seat is for a person."""
    return max(0, size - 1) if form.bot_levels else 0


def fitted(form: LobbyForm, config: LobbyConfig, *, seated: int = 0) -> LobbyConfig:
    """Return the nearest configuration that the server accepts: map, size, bots and bot level."""
    fitting = [choice.name for choice in maps_for(form, config.options)]
    map_name = config.map if config.map in fitting or not fitting else fitting[0]
    lo, hi = seats_on(form, map_name, seated=seated)
    size = max(lo, min(hi, config.size))
    bots = max(0, min(most_bots(form, size), config.bots))
    level = config.bot_level if config.bot_level in form.bot_levels else form.default.bot_level
    return attrs.evolve(config, map=map_name, size=size, bots=bots, bot_level=level)
