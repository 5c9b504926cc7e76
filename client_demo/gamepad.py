"""A gamepad, if there is one: left stick moves, right stick aims, triggers fire.

Law: pads come and go while the client runs; without one everything here answers "nothing".
"""

import math
from contextlib import suppress
from typing import Final

import pygame

PLUGGING: Final = frozenset({pygame.JOYDEVICEADDED, pygame.JOYDEVICEREMOVED})
"""Events to be taken whatever the player does meanwhile."""

DEAD: Final = 0.3
"""Part of a stick's way that counts as rest."""
PULLED: Final = 0.25
LEFT_X, LEFT_Y, LEFT_TRIGGER, RIGHT_X, RIGHT_Y, RIGHT_TRIGGER = range(6)
DASH_BUTTONS: Final = frozenset({0, 4})
"""A, and the left shoulder."""
ROCKET_BUTTONS: Final = frozenset({2, 5})
"""X, and the right shoulder."""


class Gamepad:
    """State of the pad that was used last."""

    def __init__(self) -> None:
        """Open the pads that are there."""
        self._pads: dict[int, pygame.joystick.JoystickType] = {}
        self._axes: dict[int, float] = {}
        self._rocket = self._dash = False
        self._aim: int | None = None
        self._moved = False

    def take(self, event: pygame.Event) -> None:
        """Note an event."""
        match event.type:
            case pygame.JOYDEVICEADDED:
                with suppress(pygame.error):  # pulled out again before it was opened
                    pad = pygame.joystick.Joystick(event.device_index)
                    self._pads[pad.get_instance_id()] = pad
            case pygame.JOYDEVICEREMOVED:
                self._pads.pop(event.instance_id, None)
                self._axes.clear()
            case pygame.JOYAXISMOTION:
                self._axis(event.axis, event.value)
            case pygame.JOYBUTTONDOWN:
                self._moved = True
                self._dash = self._dash or event.button in DASH_BUTTONS
                self._rocket = self._rocket or event.button in ROCKET_BUTTONS
            case _:
                pass

    def release(self) -> None:
        """Let go of everything; what is still held counts again when it moves."""
        self._axes.clear()
        self._rocket = self._dash = False

    def moved(self) -> bool:
        """Tell once that the pad was used since the last call."""
        moved, self._moved = self._moved, False
        return moved

    def move(self) -> int:
        """Return the direction of the left stick: 0 none, 1 east, then clockwise to 8."""
        angle = self._stick(LEFT_X, LEFT_Y)
        return 0 if angle is None else (angle + 64) % 1024 // 128 + 1

    def aim(self) -> int | None:
        """Return where the right stick points, or pointed last; None if it never did."""
        return self._aim

    def fires(self) -> bool:
        """Tell whether the right trigger is pulled."""
        return self._axes.get(RIGHT_TRIGGER, -1.0) > PULLED

    def take_rocket(self) -> bool:
        """Tell once that a rocket button was pressed."""
        pressed, self._rocket = self._rocket, False
        return pressed

    def take_dash(self) -> bool:
        """Tell once that a dash button was pressed."""
        pressed, self._dash = self._dash, False
        return pressed

    def _axis(self, axis: int, value: float) -> None:
        before = self._axes.get(axis, 0.0)
        self._axes[axis] = value
        if axis == LEFT_TRIGGER and value > PULLED >= before:
            self._rocket = True
        if abs(value) > DEAD and axis not in (LEFT_TRIGGER, RIGHT_TRIGGER):
            self._moved = True
        if axis in (RIGHT_X, RIGHT_Y):
            angle = self._stick(RIGHT_X, RIGHT_Y)
            self._aim = angle if angle is not None else self._aim

    def _stick(self, x_axis: int, y_axis: int) -> int | None:
        x, y = self._axes.get(x_axis, 0.0), self._axes.get(y_axis, 0.0)
        if math.hypot(x, y) < DEAD:
            return None
        return round(math.atan2(y, x) * 1024 / math.tau) % 1024
