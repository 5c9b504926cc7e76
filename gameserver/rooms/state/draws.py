"""Random bytes for one call: tokens, codes and identities.

Law: what a call draws follows from the entropy that came with it, so the same call on the same
state decides the same. Outside a call nothing can be drawn: a token must never come from entropy
that was used before.
"""

from hashlib import shake_256

import attrs


@attrs.define(eq=False)
class Draws:
    """Draws bytes from the entropy of the call in progress.

    Each draw is SHAKE-256 (FIPS 202) of the call's entropy and the number of the draw, so knowing
    some of them does not help to guess others.
    """

    _entropy: bytes = attrs.field(default=b"", init=False)
    _count: int = attrs.field(default=0, init=False)

    def begin(self, entropy: bytes) -> None:
        """Draw from these bytes until `end`."""
        self._entropy = entropy
        self._count = 0

    def end(self) -> None:
        """Let nothing be drawn until the next call."""
        self._entropy = b""

    def __call__(self, size: int) -> bytes:
        """Return that many bytes.

        Raises:
            RuntimeError: No call is in progress, which is a bug.
        """
        if not self._entropy:
            raise RuntimeError("random bytes are drawn outside a call")
        self._count += 1
        return shake_256(self._entropy + self._count.to_bytes(4, "big")).digest(size)
