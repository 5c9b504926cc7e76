"""Check a host's lobby configuration against the game, its maps and the rules; propose others.

Law: a match can be started with every accepted configuration. Form and check use the same
declarations of the game. All faults are reported together, by field.
"""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from gameserver.errors import Code, RequestError
from gameserver.game.game import Game, middle_level
from gameserver.game.guard import map_fits
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.options import build_options, form_of
from gameserver.messages.forms import LobbyForm, MapChoice
from gameserver.messages.lobby import LobbyConfig
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.sessions.names import clean_text, cut

FEW: Final = 2
"""Players whom a proposed map should fit: a host, and the first one who comes."""


@attrs.frozen
class ConfigPolicy:
    """Checks configurations of lobbies, and proposes valid ones."""

    game: Game
    maps: Mapping[str, TileMap]
    rules: RoomRules

    def check(self, config: LobbyConfig, host_name: str) -> tuple[LobbyConfig, Any]:
        """Return the accepted configuration with all defaults filled in, and the options object.

        Raises:
            RequestError: ``lobby.bad_options``; ``fields`` in its details maps each faulty field to
                the rest of a sentence.
        """
        options: Any = build_options(self.game.options, config.options)
        faults = self._faults(config, options)
        if faults:
            sentence = "; ".join(f"{name} {fault}" for name, fault in faults.items())
            raise RequestError(Code.LOBBY_BAD_OPTIONS, sentence, {"fields": faults})
        title = cut(clean_text(config.title), self.rules.title_chars) or f"{host_name}'s lobby"
        accepted = attrs.evolve(
            config, title=title, bot_level=self._bot_level(config), options=_values(options)
        )
        return accepted, options

    def _faults(self, config: LobbyConfig, options: Any) -> dict[str, str]:
        faults: dict[str, str] = {}
        tile_map = self.maps.get(config.map)
        if tile_map is None:
            faults["map"] = f"must be one of {', '.join(sorted(self.maps))}"
        elif not map_fits(self.game, options, tile_map.modes):
            faults["map"] = "does not fit the mode"
        lo, hi = self.sizes(tile_map)
        if not lo <= config.size <= hi:
            faults["size"] = f"must be from {lo} to {hi}"
        levels = self.game.bot_levels
        if config.bots and not levels:
            faults["bots"] = "must be 0: this game has no bots"
        elif not 0 <= config.bots < max(config.size, 1):
            faults["bots"] = "must leave a seat for a person"
        if config.bot_level and config.bot_level not in levels:
            faults["bot_level"] = (
                f"must be one of {', '.join(levels)}" if levels else "must be empty"
            )
        return faults

    def sizes(self, tile_map: TileMap | None) -> tuple[int, int]:
        """Return the smallest and largest lobby size on a map; for None those of the game."""
        lo, hi = self.game.seats
        if tile_map is None:
            return lo, hi
        lo = max(lo, tile_map.min_players)
        return lo, max(lo, min(hi, tile_map.max_players))

    def fewest(self, config: LobbyConfig) -> int:
        """Return the smallest number of players, bots included, that a match needs."""
        # A lobby that is closed after a restart, because its map is gone, is asked for it as well.
        return self.sizes(self.maps.get(config.map))[0]

    def _bot_level(self, config: LobbyConfig) -> str:
        return config.bot_level or middle_level(self.game.bot_levels)

    # --- proposals --------------------------------------------------------------------------------

    def form(self, host_name: str) -> LobbyForm:
        """Return the contents of the form that creates a lobby."""
        lo, hi = self.game.seats
        return LobbyForm(
            game=self.game.name,
            title=self.game.title,
            options=form_of(self.game.options),
            maps=tuple(
                MapChoice(name, m.title, self._modes(m), m.min_players, m.max_players)
                for name, m in sorted(self.maps.items())
            ),
            bot_levels=self.game.bot_levels,
            min_size=lo,
            max_size=hi,
            default=self.proposal(title=f"{host_name}'s lobby"),
            mode=self.game.mode_option,
        )

    def _modes(self, tile_map: TileMap) -> tuple[str, ...]:
        """Return the game's modes that fit a map; for a game without modes, the map's own."""
        name = self.game.mode_option
        modes = next((f.choices for f in form_of(self.game.options) if f.name == name), ())
        if not modes:
            return tile_map.modes
        built: dict[str, Any] = {
            mode: build_options(self.game.options, {name: mode}) for mode in modes
        }
        return tuple(m for m in modes if map_fits(self.game, built[m], tile_map.modes))

    def proposal(
        self, *, title: str, mode: str = "", map_name: str = "", fill: bool = False
    ) -> LobbyConfig:
        """Return a valid configuration; an empty mode or map is chosen here.

        The map is the first by name that two players can play on, else the one that needs fewest.
        With ``fill`` all seats but one are for bots, if the game has bots.

        Raises:
            RequestError: ``lobby.bad_options``: mode or map does not exist, or the map does not fit
                the mode.
        """
        name = self.game.mode_option
        if mode and not name:
            raise RequestError(Code.LOBBY_BAD_OPTIONS, "This game has no modes.")
        options: Any = build_options(self.game.options, {name: mode} if mode else {})
        if map_name and map_name not in self.maps:
            fault = f"must be one of {', '.join(sorted(self.maps))}"
            raise RequestError(Code.LOBBY_BAD_OPTIONS, f"map {fault}", {"fields": {"map": fault}})
        names = [map_name] if map_name else sorted(self.maps)
        fitting = [n for n in names if map_fits(self.game, options, self.maps[n].modes)]
        if not fitting:
            fault = "does not fit the mode" if map_name else "has no map on this server"
            field = "map" if map_name or not name else name
            raise RequestError(
                Code.LOBBY_BAD_OPTIONS, f"{field} {fault}", {"fields": {field: fault}}
            )
        chosen = min(fitting, key=lambda n: max(FEW, self.sizes(self.maps[n])[0]))
        lo, hi = self.sizes(self.maps[chosen])
        size = min(max(self.rules.default_size, lo), hi)
        config = LobbyConfig(
            title=title,
            map=chosen,
            size=size,
            bots=size - 1 if fill and self.game.bot_levels else 0,
            options=_values(options),
        )
        return attrs.evolve(config, bot_level=self._bot_level(config))


def _values(options: Any) -> dict[str, int | bool | str]:
    return {field.name: getattr(options, field.name) for field in form_of(type(options))}
