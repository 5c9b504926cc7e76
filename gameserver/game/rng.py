"""Random numbers of the world.

Law: the same state gives the same numbers on every machine, and the state can be dumped. There are
two sources:

- `Rng` belongs to the server's world. Its state is never sent, so no client can predict it.
- `keyed_random` has no state. Predicted code uses it: a client that knows the public salt draws the
  same number as the server for the same tick and entity.

Source: `Rng` is PCG32 (XSH RR 64/32), M. E. O'Neill, "PCG: A Family of Simple Fast
Space-Efficient Statistically Good Algorithms for Random Number Generation", HMC-CS-2014-0905.
`murmur3_32` is A. Appleby's MurmurHash3 for 32 bits, over whole words; `_mix64` is the finaliser
of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
"""

from collections.abc import MutableSequence, Sequence
from typing import Final, Self, TypeVar

import attrs

T = TypeVar("T")

_MASK32: Final = (1 << 32) - 1
_MASK64: Final = (1 << 64) - 1
_PCG_MULTIPLIER: Final = 6364136223846793005
_DEFAULT_STREAM: Final = 0


@attrs.define
class Rng:
    """A PCG32 generator. ``state`` and ``increment`` are below 2^64, ``increment`` is odd."""

    state: int
    increment: int

    @classmethod
    def seeded(cls, seed: int, stream: int = _DEFAULT_STREAM) -> Self:
        """Return a generator; the low 64 bits of ``seed`` and 63 bits of ``stream`` are used."""
        rng = cls(0, (stream << 1 | 1) & _MASK64)
        rng.next32()
        rng.state = (rng.state + seed) & _MASK64
        rng.next32()
        return rng

    @classmethod
    def restore(cls, dumped: Sequence[int]) -> Self:
        """Return the generator of a `dump`.

        Raises:
            ValueError: The numbers are no state of a generator.
        """
        state, increment = dumped
        if not (0 <= state <= _MASK64 and 0 <= increment <= _MASK64 and increment & 1):
            message = "a generator's state is a number below 2^64 and an odd one"
            raise ValueError(message)
        return cls(state, increment)

    def dump(self) -> tuple[int, int]:
        """Return the whole state: ``state`` and ``increment``."""
        return self.state, self.increment

    def next32(self) -> int:
        """Return the next 32 random bits."""
        old = self.state
        self.state = (old * _PCG_MULTIPLIER + self.increment) & _MASK64
        shifted = ((old >> 18 ^ old) >> 27) & _MASK32
        turn = old >> 59
        return (shifted >> turn | shifted << (32 - turn)) & _MASK32

    def below(self, n: int) -> int:
        """Return a number from 0 to ``n - 1``, all equally likely.

        Raises:
            ValueError: ``n`` is not from 1 to 2^32.
        """
        if not 1 <= n <= 1 << 32:
            message = f"cannot draw below {n}: it must be 1 to 2^32"
            raise ValueError(message)
        unfair = (1 << 32) % n
        while True:
            bits = self.next32()
            if bits >= unfair:
                return bits % n

    def between(self, lo: int, hi: int) -> int:
        """Return a number from ``lo`` to ``hi``, both included."""
        return lo + self.below(hi - lo + 1)

    def chance(self, num: int, den: int) -> bool:
        """Return true with the probability ``num / den``."""
        return self.below(den) < num

    def choice(self, items: Sequence[T]) -> T:
        """Return one of the items, which must not be empty."""
        return items[self.below(len(items))]

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Put the items into a random order, in place; all orders are equally likely."""
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]

    def fork(self, label: int) -> Self:
        """Return an independent generator, made from this one's state and a label.

        The state of this generator does not change; the same state and label give the same fork.
        """
        seed = _mix64(self.state ^ _mix64(label & _MASK64))
        return self.seeded(seed, _mix64(seed ^ self.increment))


def keyed_random(salt: int, tick: int, entity_id: int, n: int = 0) -> int:
    """Return 32 random bits that depend on the arguments alone.

    ``n`` distinguishes draws for one entity in one tick. Only the low 32 bits of each argument are
    used. A predicted entity has another id than the server's entity: use the id of an entity that
    both know, such as that of the owner.
    """
    return murmur3_32((tick & _MASK32, entity_id & _MASK32, n & _MASK32), salt & _MASK32)


def murmur3_32(words: Sequence[int], seed: int) -> int:
    """Return MurmurHash3 (x86, 32 bit) of 32-bit little-endian words."""
    h = seed
    for word in words:
        k = word * 0xCC9E2D51 & _MASK32
        k = (k << 15 | k >> 17) & _MASK32
        h ^= k * 0x1B873593 & _MASK32
        h = (h << 13 | h >> 19) & _MASK32
        h = (h * 5 + 0xE6546B64) & _MASK32
    h ^= 4 * len(words)
    h = (h ^ h >> 16) * 0x85EBCA6B & _MASK32
    h = (h ^ h >> 13) * 0xC2B2AE35 & _MASK32
    return h ^ h >> 16


def _mix64(z: int) -> int:
    z = (z + 0x9E3779B97F4A7C15) & _MASK64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK64
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK64
    return z ^ z >> 31
