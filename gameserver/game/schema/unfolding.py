"""Bound what MessagePack of a file can unfold to: an empty array is one byte there, and 64 here.

Law: a bound is judged while the data is unpacked, so that nothing beyond it is ever held (35).
"""

from typing import Any, TypeVar

import attrs

HolderT = TypeVar("HolderT", list[Any], dict[Any, Any])


@attrs.define
class Unfolding:
    """What may still be unpacked. Its methods are hooks of an unpacker.

    Attributes:
        holders: Arrays and maps.
        values: Their elements and entries.
    """

    holders: int
    values: int

    def take(self, holder: HolderT) -> HolderT:
        """Count an array or a map.

        Raises:
            ValueError: There are more than allowed.
        """
        self.holders -= 1
        self.values -= len(holder)
        self._check()
        return holder

    def spend(self, values: int) -> None:
        """Count what is unpacked otherwise.

        Raises:
            ValueError: There is more than allowed.
        """
        self.values -= values
        self._check()

    def _check(self) -> None:
        if self.holders < 0 or self.values < 0:
            raise ValueError("it holds more values than it may")
