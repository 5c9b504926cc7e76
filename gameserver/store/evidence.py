"""What is kept of a client that computed another world than the server: its report, our world.

Law: a client decides how often it reports, so nothing here grows with that. At most one report is
kept in `EVERY_S`, and one of a player in `PLAYER_S`; the newest `MOST_FILES` files of at most
`MOST_BYTES` stay.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from gameserver.store.disk import Disk

EVERY_S: Final = 5.0
PLAYER_S: Final = 60.0
MOST_FILES: Final = 300
"""Up to three for each report."""
MOST_BYTES: Final = 64 << 20


class Evidence:
    """Keeps reports in a folder, each as NAME.json with the match's world as NAME.journal.

    What the client had comes later, as NAME.view.
    """

    def __init__(self, folder: Path, disk: Disk, clock: Callable[[], float]) -> None:
        """Prepare; the first report creates the folder."""
        self._folder = folder
        self._disk = disk
        self._clock = clock
        self._kept: dict[str, float] = {}
        """When a report of each player was kept, of the last `PLAYER_S`."""

    def due(self, player: str) -> bool:
        """Tell whether a report of this player is to be kept, and count it as kept."""
        now = self._clock()
        self._kept = {who: at for who, at in self._kept.items() if now - at < PLAYER_S}
        if player in self._kept or any(now - at < EVERY_S for at in self._kept.values()):
            return False
        self._kept[player] = now
        return True

    def keep(self, name: str, report: Mapping[str, object], journal: bytes) -> bool:
        """Write a report and the world of its match.

        When full: False, and nothing is kept.
        """
        words = json.dumps(report, indent=1).encode()
        size = len(words) + len(journal)
        files = {f"{name}.journal": journal, f"{name}.json": words}
        return self._disk.put(size, lambda: self._write(name, files))

    def keep_view(self, name: str, view: bytes) -> bool:
        """Write what a client had, beside its report.

        When full: False, and nothing is kept.
        """
        return self._disk.put(len(view), lambda: self._write(name, {f"{name}.view": view}))

    def _write(self, name: str, files: Mapping[str, bytes]) -> None:
        try:
            for file, data in files.items():
                self._put(self._folder / file, data)
            self._clear()
        except OSError as error:
            self._disk.trouble(f"evidence {name} cannot be written: {error.strerror}")

    def _put(self, path: Path, data: bytes) -> None:
        files = self._disk.files
        descriptor = files.open(path)
        try:
            files.cut(descriptor, 0)
            at = 0
            while at < len(data):
                at += files.write(descriptor, data[at:], at)
        finally:
            files.close(descriptor)

    def _clear(self) -> None:
        """Delete the oldest files beyond the bounds; names begin with the time."""
        left = MOST_BYTES
        for number, path in enumerate(sorted(self._folder.iterdir(), reverse=True)):
            left -= path.stat().st_size
            if number >= MOST_FILES or left < 0:
                path.unlink()
