"""Write and read numbers bit by bit with learned probabilities: an adaptive binary range coder.

Law: only integers, so every implementation and the clients in other languages agree bit for bit.
A bit takes at least 1/89 of a bit of the bytes, and reading on behind the end is an error. So bytes
alone are a weak bound: whoever reads a number of things counts them.

A *context* is one integer, ``8 * p + n``: the probability of a zero is ``p / 4096``, and ``n``
counts the first bits that it was used for, up to 4. After a bit ``p`` goes ``1 / 2^(n + 1)`` of the
way to 4064 (a zero) or 32 (a one). Contexts stand in lists of `SLOTS`, one for each thing told::

    0..3      flags; of an update: 2 * (changed in the last update) + (the field before it changed)
    4..5      is the residual the one before; the first one: is a whole number not zero
    6..8      is it negative; by the sign of what is near: nothing, positive, negative
    9..32     the magnitude's number of bits less one, in unary
    33..288   its bits behind the highest, as a tree: 33 + 32 * (number of bits less one) + node

Source: G. N. N. Martin, "Range encoding" (1979); the 32-bit form with a carry is that of LZMA.
"""

from typing import Final

from gameserver.errors import Code, ProtocolError

SLOTS: Final = 289
"""Contexts of one list."""

PRIOR: Final = 2048 << 3
"""A context before its first bit."""

RARE: Final = 4064 << 3 | 4
"""The context of a bit that is hardly ever one; it is made anew for each bit."""

REPEAT: Final = 4
NOT_ZERO: Final = 4
SIGN: Final = 6
LENGTH: Final = 9
LENGTHS: Final = 24
"""Contexts of the unary length; from there on the last one counts."""
TREE: Final = 33
TREE_LENGTHS: Final = 8
"""Magnitudes below 2^8 have a tree; all bits of larger ones but the highest are written plainly."""
TREE_NODES: Final = 32

MOST_BITS: Final = 63
"""Most bits of a magnitude."""

LOWEST, HIGHEST = 32, 4064
"""Bounds of a probability, of 4096."""

SLOWEST: Final = 4
"""Highest ``n`` of a context."""

AHEAD: Final = 4
"""Bytes that a reader is ahead of what it has read: so many may be missing at the end."""

_WHOLE: Final = 0xFFFFFFFF
_TOP: Final = 1 << 24


class ContextSets(dict[int, list[int]]):
    """The lists of contexts of one section by number; a missing one is before its first bit."""

    def __missing__(self, number: int) -> list[int]:
        """Make a list of contexts."""
        made = self[number] = [PRIOR] * SLOTS
        return made


class _Next(dict[int, int]):
    """The state of a context after a bit, by the state before: made when it is met first."""

    __slots__ = ("_one",)

    def __init__(self, *, one: bool) -> None:
        """Begin empty; ``one`` tells which bit."""
        super().__init__()
        self._one = one

    def __missing__(self, state: int) -> int:
        """Learn a bit."""
        p, n = state >> 3, state & 7
        p += -((p - LOWEST) >> n + 1) if self._one else (HIGHEST - p) >> n + 1
        made = self[state] = p << 3 | (n + 1 if n < SLOWEST else n)
        return made


AFTER_ZERO: Final = _Next(one=False)
"""The state of a context after a zero, by the state before."""
AFTER_ONE: Final = _Next(one=True)

_AT_ONCE: Final = 1024
"""Bits after which the bytes that are done are put aside, so that no number grows long."""


class RangeWriter:
    """Writes one run of bits.

    The bits are noted with their probabilities, and made bytes at the end, in one loop: `p` stands
    for a zero and ``~p`` for a one; 0 and -1 for bits that are written plainly.
    """

    __slots__ = ("_bits", "note")

    def __init__(self) -> None:
        """Start without bits."""
        self._bits: list[int] = []
        self.note: Final = self._bits.append
        """Notes a bit: `p` of its context for a zero, ``~p`` for a one; the context learns it
        elsewhere."""

    def bit(self, contexts: list[int], slot: int, value: int) -> None:
        """Write a bit by a context, which learns it."""
        state = contexts[slot]
        if value:
            self.note(~(state >> 3))
            contexts[slot] = AFTER_ONE[state]
        else:
            self.note(state >> 3)
            contexts[slot] = AFTER_ZERO[state]

    def direct(self, value: int, bits: int) -> None:
        """Write the lowest bits of a value, the highest of them first, each as likely as not."""
        for place in range(bits - 1, -1, -1):
            self.note(-(value >> place & 1))

    def magnitude(self, contexts: list[int], value: int) -> None:
        """Write a number of at least 1.

        Raises:
            OverflowError: It has more than 63 bits.
        """
        length = value.bit_length() - 1
        if length >= MOST_BITS:
            raise OverflowError("a residual has more than 63 bits")
        note = self.note
        last = LENGTH + min(length, LENGTHS - 1)
        # `bit` at each slot, without its calls: this is most of what a tick writes.
        for slot in range(LENGTH, last):
            state = contexts[slot]
            note(~(state >> 3))
            contexts[slot] = AFTER_ONE[state]
        for _ in range(length - (LENGTHS - 1)):
            self.bit(contexts, last, 1)
        self.bit(contexts, last, 0)
        if length >= TREE_LENGTHS:
            self.direct(value, length)
            return
        tree, node = TREE + TREE_NODES * length, 1
        for place in range(length - 1, -1, -1):
            if node >= TREE_NODES:
                self.direct(value, place + 1)
                return
            slot = tree + node
            state = contexts[slot]
            if value >> place & 1:
                note(~(state >> 3))
                contexts[slot] = AFTER_ONE[state]
                node += node + 1
            else:
                note(state >> 3)
                contexts[slot] = AFTER_ZERO[state]
                node += node

    def signed(self, contexts: list[int], value: int, near: int) -> None:
        """Write a number that is not zero; ``near`` tells by its sign which sign is likely."""
        self.bit(contexts, SIGN + (near > 0) + 2 * (near < 0), value < 0)
        self.magnitude(contexts, abs(value))

    def whole(self, contexts: list[int], value: int) -> None:
        """Write any whole number of up to 63 bits and a sign."""
        self.bit(contexts, NOT_ZERO, value != 0)
        if value:
            self.signed(contexts, value, 0)

    def text(self, contexts: list[int], value: str) -> None:
        """Write a text: its bytes in UTF-8 and, before them, how many they are."""
        data = value.encode()
        self.whole(contexts, len(data))
        for byte in data:
            self.direct(byte, 8)

    def end(self) -> bytes:
        """Return the bytes; the last ones are as few as tell the bits before them from others."""
        out = bytearray()
        low, wide = 0, _WHOLE
        for at in range(0, len(self._bits), _AT_ONCE):
            low, wide, shifts = _narrowed(low, wide, self._bits[at : at + _AT_ONCE])
            _put(out, low >> 32, shifts)
            low &= _WHOLE
        for count in range(AHEAD + 1):
            rest = _WHOLE >> 8 * count
            value = low + rest & ~rest
            if value - low < wide:
                break
        _put(out, value >> 32 - 8 * count, count)
        return bytes(out)


def _narrowed(low: int, wide: int, bits: list[int]) -> tuple[int, int, int]:
    """Return the range after these bits: it begins at the first, of ``wide``; then its bytes.

    The low end keeps all bytes that were shifted out: 32 bits are left of it, and so many bytes
    stand above them; a bit above those is carried into the bytes before.
    """
    shifts = 0
    for bit in bits:
        if bit > 0:
            wide = (wide >> 12) * bit
        elif bit < -1:
            bound = (wide >> 12) * ~bit
            low += bound
            wide -= bound
        else:
            wide >>= 1
            if bit:
                low += wide
        while wide < _TOP:
            low <<= 8
            wide <<= 8
            shifts += 1
    return low, wide, shifts


def _put(out: bytearray, value: int, count: int) -> None:
    """Put so many bytes behind the others; what is above them is carried."""
    if value >> 8 * count:
        at = len(out) - 1
        while out[at] == 0xFF:
            out[at] = 0
            at -= 1
        out[at] += 1
        value &= (1 << 8 * count) - 1
    out += value.to_bytes(count, "big")


class RangeReader:
    """Reads what a `RangeWriter` wrote.

    Every method raises `ProtocolError` where the bytes are at their end, or hold what none wrote.
    """

    __slots__ = ("_at", "_code", "_data", "_range")

    def __init__(self, data: bytes) -> None:
        """Begin at the start of ``data``."""
        self._data = data
        self._code = int.from_bytes(data[:AHEAD].ljust(AHEAD, b"\0"), "big")
        self._at = AHEAD
        self._range = _WHOLE

    def bit(self, contexts: list[int], slot: int) -> int:
        """Read a bit by a context, which learns it."""
        state = contexts[slot]
        p, n = state >> 3, state & 7
        bound = (self._range >> 12) * p
        if self._code < bound:
            self._range = bound
            p += (HIGHEST - p) >> n + 1
            one = 0
        else:
            self._code -= bound
            self._range -= bound
            p -= (p - LOWEST) >> n + 1
            one = 1
        contexts[slot] = p << 3 | (n + 1 if n < SLOWEST else n)
        if self._range < _TOP:
            self._shift()
        return one

    def direct(self, bits: int) -> int:
        """Read so many bits, each as likely as not."""
        value = 0
        for _ in range(bits):
            self._range >>= 1
            one = self._code >= self._range
            if one:
                self._code -= self._range
            value = 2 * value + one
            if self._range < _TOP:
                self._shift()
        return value

    def magnitude(self, contexts: list[int]) -> int:
        """Read a number of at least 1."""
        length = 0
        while self.bit(contexts, LENGTH + min(length, LENGTHS - 1)):
            length += 1
            if length >= MOST_BITS:
                raise _garbled("a number has too many bits")
        if length >= TREE_LENGTHS:
            return 1 << length | self.direct(length)
        tree, node = TREE + TREE_NODES * length, 1
        for _ in range(length):
            one = self.bit(contexts, tree + node) if node < TREE_NODES else self.direct(1)
            node = 2 * node + one
        return node

    def signed(self, contexts: list[int], near: int) -> int:
        """Read a number that is not zero; see `RangeWriter.signed`."""
        negative = self.bit(contexts, SIGN + (near > 0) + 2 * (near < 0))
        value = self.magnitude(contexts)
        return -value if negative else value

    def whole(self, contexts: list[int]) -> int:
        """Read any whole number."""
        return self.signed(contexts, 0) if self.bit(contexts, NOT_ZERO) else 0

    def text(self, contexts: list[int], most: int) -> str:
        """Read a text of at most so many bytes."""
        length = self.whole(contexts)
        if not 0 <= length <= most:
            raise _garbled("a text is too long")
        data = bytes([self.direct(8) for _ in range(length)])
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise _garbled("a text is not UTF-8") from None

    def end(self) -> None:
        """Check that all bytes were read."""
        if self._at < len(self._data):
            raise _garbled("there are bytes behind the last record")

    def _shift(self) -> None:
        data = self._data
        while self._range < _TOP:
            at = self._at
            if at >= len(data) + AHEAD:
                raise _garbled("it is cut off")
            self._code = self._code << 8 | (data[at] if at < len(data) else 0)
            self._range <<= 8
            self._at = at + 1


def _garbled(what: str) -> ProtocolError:
    return ProtocolError(Code.BAD_MESSAGE, f"snapshot: {what}")
