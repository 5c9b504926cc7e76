"""Secret names and spread times of the roads, from the entropy of the server.

Law: no road draws random bytes by itself, so that a simulated server gives the same names in each
run of a seed.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Final

import attrs

_STEPS: Final = 1 << 32


@attrs.frozen
class RoadDraws:
    """Draws from a source of random bytes.

    Attributes:
        entropy: Returns a number of random bytes.
    """

    entropy: Callable[[int], bytes]

    def name(self, size: int) -> str:
        """Return a name that nobody can guess: ``size`` random bytes in the alphabet of URLs."""
        return urlsafe_b64encode(self.entropy(size)).rstrip(b"=").decode("ascii")

    def between(self, least: float, most: float) -> float:
        """Return a time between two; evenly spread, and no secret."""
        return least + (most - least) * (int.from_bytes(self.entropy(4), "big") / _STEPS)
