"""Find the name that was probably meant, for next to nothing.

Law: looking up costs a few set lookups for each letter of what was typed, whatever that is and
however many names there are: whoever sends names that are none must not buy work with them
(threat 37).

Source: W. Garbe, "1000x Faster Spelling Correction algorithm" (2012): two words within one edit of
each other meet when from each of them at most one letter is left out. Exchanged neighbours meet in
the same way. Names that meet after two edits are taken too, where nothing is nearer.
"""

from collections.abc import Iterable, Iterator

import attrs


@attrs.frozen(init=False)
class Nearest:
    """Known names by what is left of them without a letter."""

    _by_rest: dict[str, str]
    longest: int

    def __init__(self, names: Iterable[str]) -> None:
        """Index names; what is much longer than all of them is near none."""
        by_rest: dict[str, str] = {}
        longest = 0
        for name in sorted(names):
            longest = max(longest, len(name))
            for rest in (_folded(name), *_rests(_folded(name))):
                by_rest.setdefault(rest, name)
        self.__attrs_init__(by_rest, longest + 2)

    def find(self, typed: str) -> str | None:
        """Return a known name within one edit of what was typed, letter case aside."""
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
