"""The camera: which part of the map is visible. It follows a target smoothly and looks ahead.

Law: the permanent parts of the HUD never cover the target. Near the border of the map the picture
shows space outside the map if that is needed.
"""

import math
from typing import Final

import attrs

from client_demo.hud.layout import nearest_clear
from client_demo.theme import BASE

LOOK_AHEAD: Final = 0.16
"""The camera is moved by this part of the way to the pointer."""
EASE_S: Final = 0.09
"""Time constant of the exponential approach to the target."""
SHAKE_S: Final = 0.28
"""Duration of a shake."""
SHAKE_PX: Final = 7.0
"""Largest offset of a shake."""


@attrs.define
class Camera:
    """The top left corner of the seen part, in pixels of the map."""

    x: float = 0.0
    y: float = 0.0
    _shake_left: float = 0.0
    _shake_size: float = 0.0
    _placed: bool = False

    def follow(
        self,
        target: tuple[float, float],
        pointer: tuple[int, int],
        bounds: tuple[int, int],
        elapsed: float,
    ) -> None:
        """Move towards a target.

        Args:
            target: The followed place, in pixels of the map.
            pointer: The pointer on the canvas; negative if it is outside.
            bounds: Size of the map in pixels.
            elapsed: Seconds since the last call.
        """
        ahead_x = (pointer[0] - BASE[0] / 2) * LOOK_AHEAD if pointer[0] >= 0 else 0.0
        ahead_y = (pointer[1] - BASE[1] / 2) * LOOK_AHEAD if pointer[1] >= 0 else 0.0
        want_x = _clamped(target[0] + ahead_x - BASE[0] / 2, bounds[0] - BASE[0])
        want_y = _clamped(target[1] + ahead_y - BASE[1] / 2, bounds[1] - BASE[1])
        far = abs(want_x - self.x) > BASE[0] or abs(want_y - self.y) > BASE[1]
        share = 1.0 if far or not self._placed else 1 - math.exp(-elapsed / EASE_S)
        self.x += (want_x - self.x) * share
        self.y += (want_y - self.y) * share
        self._keep_clear(target)
        self._placed = True
        self._shake_left = max(0.0, self._shake_left - elapsed)

    def _keep_clear(self, target: tuple[float, float]) -> None:
        """Move the camera at once, as little as brings the target into `CLEAR`."""
        x, y = target[0] - self.x, target[1] - self.y
        clear_x, clear_y = nearest_clear(x, y)
        self.x += x - clear_x
        self.y += y - clear_y

    def shake(self, strength: float) -> None:
        """Start a shake; ``strength`` is from 0 to 1."""
        self._shake_left = SHAKE_S
        self._shake_size = min(1.0, max(strength, self._shake_size * 0.5))

    def corner(self, time: float) -> tuple[int, int]:
        """Return where the map's origin is on the canvas; ``time`` in seconds drives a shake."""
        left = self._shake_left / SHAKE_S
        size = SHAKE_PX * self._shake_size * left * left
        x = self.x + size * math.sin(time * 83)
        y = self.y + size * math.cos(time * 71)
        return -round(x), -round(y)


def _clamped(value: float, most: float) -> float:
    """Keep a corner within the map; a map smaller than the canvas is centred."""
    return most / 2 if most < 0 else max(0.0, min(value, most))
