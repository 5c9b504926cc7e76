"""Random bytes for one call: tokens, codes and identities.

Law: the bytes that a call draws follow from its entropy, so the same call on the same state makes
the same decision. Outside a call drawing is a bug: no token may come from entropy that was used
before. Secrets come from entropy of their own, which nothing records: only their hashes are
recorded, and a replay draws those in their place.
"""

from collections.abc import Iterable
from hashlib import shake_256

import attrs

from gameserver.rooms.state.tokens import TokenDigest, digest


@attrs.define(eq=False)
class Draws:
    """Draws bytes from the entropy of the call in progress.

    Each draw is SHAKE-256 (FIPS 202) of the call's entropy and the draw's number, so no draw can be
    computed from others.
    """

    drawn: list[bytes] = attrs.field(factory=list, init=False)
    """The hashes of the secrets that the call has drawn, in order."""
    _entropy: bytes = attrs.field(default=b"", init=False)
    _secret: bytes = attrs.field(default=b"", init=False)
    _recorded: list[bytes] = attrs.field(factory=list, init=False)
    """Hashes of secrets that are left to be drawn, in a replay; the next one is the last."""
    _count: int = attrs.field(init=False)

    def begin(self, entropy: bytes, secret: bytes = b"", recorded: Iterable[bytes] = ()) -> None:
        """Draw from these bytes until `end`.

        Args:
            entropy: For all that may be recorded.
            secret: For secrets; without it they are drawn from ``entropy`` as well.
            recorded: In a replay, the hashes of the secrets that were drawn.
        """
        self._entropy = entropy
        self._secret = secret or entropy
        self._recorded = [*recorded][::-1]
        self._count = 0
        self.drawn = []

    def end(self) -> None:
        """Forbid drawing until the next call."""
        self._entropy = self._secret = b""

    def __call__(self, size: int) -> bytes:
        """Return ``size`` random bytes.

        Raises:
            RuntimeError: No call is in progress, which is a bug.
        """
        return self._next(self._entropy, size)

    def token(self, size: int) -> bytes:
        """Return a secret of ``size`` random bytes; in a replay, its recorded hash.

        Raises:
            RuntimeError: No call is in progress, which is a bug.
        """
        if self._recorded:
            made: bytes = TokenDigest(self._recorded.pop())
        else:
            made = self._next(self._secret, size)
        self.drawn.append(digest(made))
        return made

    def _next(self, entropy: bytes, size: int) -> bytes:
        if not entropy:
            raise RuntimeError("random bytes are drawn outside a call")
        self._count += 1
        return shake_256(entropy + self._count.to_bytes(4, "big")).digest(size)
