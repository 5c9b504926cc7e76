"""Which journals are kept: the newest ones, for some days."""

import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import attrs

from gameserver.errors import UnreadableFileError
from gameserver.store.disk import CLOSED, OPEN
from gameserver.store.reading import journals_in

_DAY_S = 86_400.0


@attrs.frozen
class Keep:
    """Bounds on the journals in a folder.

    Attributes:
        matches: Most journals; 0 is no bound.
        days: Longest age of a journal in days, by the time of its last change; 0 is no bound.
    """

    matches: int = 0
    days: float = 0.0

    def clear(self, folder: Path, running: Collection[str] = ()) -> list[Path]:
        """Delete the journals beyond the bounds, oldest first; return them.

        Args:
            folder: The journals' folder; nothing happens if it cannot be read.
            running: Names without ending of journals that are being written; they are kept.
        """
        try:
            found = journals_in(folder)
        except UnreadableFileError:
            return []
        over = len(found) - self.matches if self.matches else 0
        deleted = []
        for number, path in enumerate(found):
            name = path.name.removesuffix(CLOSED).removesuffix(OPEN)
            if name not in running and (number < over or self._is_old(path)):
                with suppress(OSError):
                    path.unlink()
                    deleted.append(path)
        return deleted

    def _is_old(self, path: Path) -> bool:
        if not self.days:
            return False
        try:
            return time.time() - path.stat().st_mtime > self.days * _DAY_S
        except OSError:
            return False
