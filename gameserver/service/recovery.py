"""Go on where an earlier process of the server has ended: its sessions, lobbies, chat and matches.

Law: a restored state is the recorded one or none. What cannot be read or does not belong to this
server is set aside under another name, with a line in the log; nothing is deleted, and the server
starts.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final

import attrs
import trio

from gameserver import __version__
from gameserver.errors import ConfigError
from gameserver.game.game import Game
from gameserver.game.maps.mapfault import MapError
from gameserver.game.maps.tilemap import TileMap
from gameserver.rooms.dump import dump, restore
from gameserver.rooms.hall import Hall
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.server_calls import Restarted
from gameserver.service.config.settings import Settings
from gameserver.service.logging.logs import get_logger
from gameserver.service.people import People
from gameserver.service.runtime import Runtime
from gameserver.service.saving import Saving
from gameserver.store.identity import spec_of
from gameserver.store.lock import locked
from gameserver.store.people.database import FILE, PeopleFile, Stored
from gameserver.store.people.replay import CallReplay
from gameserver.store.people.schema import NewerStoreError
from gameserver.store.people.writer import aside_name, set_aside

log: Final = get_logger()

RETRY_S: Final = 5.0
"""Time between two attempts to open a file that could not be opened at the start."""

RestoreProgress = Callable[[str, int, int], None]
"""Called with what is done, how much of it is done, and how much there is."""


def silent(_what: str, _done: int, _of: int) -> None:
    """Show no progress."""


class Recovery:
    """Restores the hall of one server at its start, and begins to save it."""

    def __init__(
        self,
        settings: Settings,
        game: Game,
        maps: Mapping[str, TileMap],
        people: People,
        saving: Saving,
        runtime: Runtime,
        namespaces: frozenset[str],
        progress: RestoreProgress = silent,
    ) -> None:
        """Prepare; nothing is read yet."""
        self._folder = Path(settings.data) if settings.data else None
        self._game = game
        self._maps = maps
        self._people = people
        self._saving = saving
        self._runtime = runtime
        self._namespaces = namespaces
        self._progress = progress

    def folder_locked(self) -> AbstractContextManager[None]:
        """Hold the folder of the data for this process.

        Raises:
            ConfigError: Another process holds it.
        """
        return locked(self._folder) if self._folder is not None else nullcontext()

    async def run(self) -> None:
        """Restore what the folder of the data has, then record into it.

        Raises:
            ConfigError: A newer version of this program has written the folder.
        """
        if self._folder is None:
            return
        path = self._folder / FILE
        try:
            file = self._open(path)
            try:
                number = await self._restore(file)
            except (ValueError, sqlite3.Error) as error:
                file.close()
                self._set_aside(path, _sentence(error))
                file, number = self._open(path), 0
        except (OSError, sqlite3.Error) as error:
            self._warn(path, error)
        else:
            self._begin(file, number)

    async def keep_trying(self) -> None:
        """Begin to save as soon as the folder can be written, if it could not be at the start."""
        while self._folder is not None and not self._saving.active:
            await trio.sleep(RETRY_S)
            path, file = self._folder / FILE, None
            try:
                file = PeopleFile(path)
                stored = file.read()
                if (
                    stored.number or stored.calls
                ):  # of an earlier process, whose sessions are gone by now
                    file.close()
                    self._set_aside(path, "it could not be read at the start")
                    file = PeopleFile(path)
                self._saving.begin(file, self._people.hall, 0, self._about())
            except (OSError, ValueError, sqlite3.Error):
                if file is not None:
                    file.close()
                continue  # the operator was warned
            log.info("people saved again", file=str(path))

    def _warn(self, path: Path, error: Exception) -> None:
        log.warning("people not saved", fault=_sentence(error), file=str(path))

    def _open(self, path: Path) -> PeopleFile:
        """Open the file; one that is no database is set aside.

        Raises:
            ConfigError: A newer version of this program has written it.
            OSError, sqlite3.Error: It cannot be written.
        """
        try:
            return PeopleFile(path)
        except NewerStoreError as error:
            raise ConfigError(f"{path} cannot be read: {error}") from None
        except sqlite3.OperationalError:
            raise  # the disk
        except sqlite3.DatabaseError as error:
            self._set_aside(path, _sentence(error))
            return PeopleFile(path)

    async def _restore(self, file: PeopleFile) -> int:
        """Restore the hall; return the number of the last call that it has taken.

        Raises:
            ValueError: The file does not belong to this server, or is damaged.
            sqlite3.Error: It cannot be read.
        """
        try:
            return await self._restored(file)
        except (ValueError, sqlite3.Error):
            raise
        except Exception as error:  # values of another kind than was written lead to any of them
            raise ValueError(f"it is damaged: {error!r:.200}") from error

    async def _restored(self, file: PeopleFile) -> int:
        stored = file.read()
        if stored.dump is None and not stored.calls:
            return 0
        began = self._runtime.stopwatch()
        game = stored.about.get("game")
        if game != spec_of(self._game):
            raise ValueError(f"it belongs to the game {game}")
        replay = CallReplay(lambda: self._empty_hall(stored), file, stored)
        for _ in replay.run():
            self._progress("restoring sessions and lobbies", replay.done, replay.calls)
            await trio.lowlevel.checkpoint()
        try:
            replay.hall.check()
        except AssertionError:
            raise ValueError("its state is inconsistent") from None
        if replay.fault:
            self._keep_copy(file, replay)
        hall = self._people.hall
        restore(hall, dump(replay.hall))
        counts = hall.counts()
        log.info(
            "people restored",
            sessions=counts.sessions,
            lobbies=counts.lobbies,
            matches=counts.matches,
            calls=replay.done,
            seconds=round(self._runtime.stopwatch() - began, 2),
        )
        return replay.number

    def _empty_hall(self, stored: Stored) -> Hall:
        """Make a hall with the rules, maps and namespaces with which the calls were recorded.

        Raises:
            ValueError: A map is damaged.
        """
        known = {field.name for field in attrs.fields(RoomRules)}
        recorded: Mapping[str, Any] = stored.about.get("rules", {})
        rules = RoomRules(**{name: each for name, each in recorded.items() if name in known})
        try:
            found = [TileMap.from_wire(wire) for wire in stored.about["maps"]]
        except (KeyError, MapError) as error:
            raise ValueError(f"its maps are damaged: {error}") from None
        maps = {tile_map.name: tile_map for tile_map in found}
        return Hall(self._game, maps, rules, namespaces=stored.about.get("namespaces", ()))

    def _begin(self, file: PeopleFile, number: int) -> None:
        """Record from now on."""
        hall = self._people.hall
        if number:
            self._people.go_on_from(hall.parts.state.now)
        try:
            self._saving.begin(file, hall, number, self._about())
        except (OSError, sqlite3.Error) as error:
            file.close()
            self._warn(file.path, error)
        if number:
            self._people.take(Restarted(self._namespaces))

    def _about(self) -> dict[str, Any]:
        """Return what a replay needs to make a hall like this one."""
        return {
            "game": spec_of(self._game),
            "maps": [tile_map.to_wire() for tile_map in self._maps.values()],
            "rules": attrs.asdict(self._people.hall.parts.state.rules),
            "namespaces": sorted(self._namespaces),
            "server": __version__,
        }

    def _set_aside(self, path: Path, fault: str) -> None:
        aside = set_aside(path, aside_name("unreadable", self._runtime.wall_ms()))
        log.error("people not restored", fault=fault, kept=str(aside))

    def _keep_copy(self, file: PeopleFile, replay: CallReplay) -> None:
        """Keep the file as it is, for the calls that are left out."""
        copy = file.path.with_name(aside_name("left-out", self._runtime.wall_ms()))
        file.copy_to(copy)
        left_out = replay.calls - replay.done
        log.error("people restored in part", fault=replay.fault, left_out=left_out, kept=str(copy))


def _sentence(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
