"""Suggest a known name for a misspelled one, at a small and bounded cost.

Law: a search costs two dict lookups for each letter of the misspelled name, however many names are
known: a client must not be able to cause work by sending wrong names (threat 37).

Source: W. Garbe, "1000x Faster Spelling Correction algorithm" (2012): if two words are one edit
apart (a letter more, less, other, or two neighbours exchanged), deleting at most one letter from
each of them makes them equal. Some names that are two edits apart become equal, too, and are
suggested as well.
"""

from collections.abc import Iterable, Iterator

import attrs


@attrs.frozen(init=False)
class Nearest:
    """An index of known names, by each name and by each name with one letter deleted."""

    _by_rest: dict[str, str]
    longest: int

    def __init__(self, names: Iterable[str]) -> None:
        """Index names. A search for a text more than two letters longer than all finds nothing."""
        in_order = sorted(names)
        # Whole names first: a name must be found by itself, not a longer one that lost a letter.
        by_rest = {_folded(name): name for name in in_order}
        for name in in_order:
            for rest in _rests(_folded(name)):
                by_rest.setdefault(rest, name)
        self.__attrs_init__(by_rest, max(map(len, in_order), default=0) + 2)

    def find(self, typed: str) -> str | None:
        """Return a known name one edit away, or nearly so; case and separators do not count."""
        if len(typed) > self.longest:
            return None
        wanted = _folded(typed)
        by_rest = self._by_rest
        found = by_rest.get(wanted)
        if found is None:
            found = next((by_rest[rest] for rest in _rests(wanted) if rest in by_rest), None)
        return found


def _folded(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def _rests(name: str) -> Iterator[str]:
    return (name[:index] + name[index + 1 :] for index in range(len(name)))
