"""Random bytes for one call: tokens, codes and identities.

Law: the bytes that a call draws follow from its entropy, so the same call on the same state makes
the same decision. Outside a call drawing is a bug: no token may come from entropy that was used
before.
"""

from hashlib import shake_256

import attrs


@attrs.define(eq=False)
class Draws:
    """Draws bytes from the entropy of the call in progress.

    Each draw is SHAKE-256 (FIPS 202) of the call's entropy and the draw's number, so no draw can be
    computed from others.
    """

    _entropy: bytes = attrs.field(default=b"", init=False)
    _count: int = attrs.field(default=0, init=False)

    def begin(self, entropy: bytes) -> None:
        """Draw from these bytes until `end`."""
        self._entropy = entropy
        self._count = 0

    def end(self) -> None:
        """Forbid drawing until the next call."""
        self._entropy = b""

    def __call__(self, size: int) -> bytes:
        """Return ``size`` random bytes.

        Raises:
            RuntimeError: No call is in progress, which is a bug.
        """
        if not self._entropy:
            raise RuntimeError("random bytes are drawn outside a call")
        self._count += 1
        return shake_256(self._entropy + self._count.to_bytes(4, "big")).digest(size)
