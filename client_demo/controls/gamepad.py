"""Gamepads: the left stick moves, the right stick aims, the triggers fire.

Law: a gamepad may be plugged in or removed at any time; without one, no control is held or pressed.

Each model numbers its sticks and buttons differently; SDL's database of controllers translates the
numbers. A gamepad that is missing in the database is read with the numbers of an Xbox controller.
"""

import math
from contextlib import suppress
from typing import Final

import pygame
from pygame._sdl2 import controller

PLUGGING: Final = frozenset(
    {
        pygame.CONTROLLERDEVICEADDED,
        pygame.CONTROLLERDEVICEREMOVED,
        pygame.JOYDEVICEADDED,
        pygame.JOYDEVICEREMOVED,
    }
)
"""Events that must reach `Gamepad.take` on every screen, also while a dialog is open."""

DEAD: Final = 0.3
"""Dead zone: a stick pushed less than this part of its way counts as centred."""
PULLED: Final = 0.4
"""A trigger pulled more than this part of its way counts as pressed."""

LEFT_X: Final = pygame.CONTROLLER_AXIS_LEFTX
LEFT_Y: Final = pygame.CONTROLLER_AXIS_LEFTY
RIGHT_X: Final = pygame.CONTROLLER_AXIS_RIGHTX
RIGHT_Y: Final = pygame.CONTROLLER_AXIS_RIGHTY
LEFT_TRIGGER: Final = pygame.CONTROLLER_AXIS_TRIGGERLEFT
RIGHT_TRIGGER: Final = pygame.CONTROLLER_AXIS_TRIGGERRIGHT
FULL: Final = 32767
"""Largest value of a controller axis in SDL; a trigger has values from 0 to this."""

DASH_BUTTONS: Final = frozenset({pygame.CONTROLLER_BUTTON_A, pygame.CONTROLLER_BUTTON_LEFTSHOULDER})
ROCKET_BUTTONS: Final = frozenset(
    {pygame.CONTROLLER_BUTTON_X, pygame.CONTROLLER_BUTTON_RIGHTSHOULDER}
)
_CROSS: Final = {
    pygame.CONTROLLER_BUTTON_DPAD_UP: (0, -1),
    pygame.CONTROLLER_BUTTON_DPAD_DOWN: (0, 1),
    pygame.CONTROLLER_BUTTON_DPAD_LEFT: (-1, 0),
    pygame.CONTROLLER_BUTTON_DPAD_RIGHT: (1, 0),
}

_RAW_AXES: Final = (LEFT_X, LEFT_Y, LEFT_TRIGGER, RIGHT_X, RIGHT_Y, RIGHT_TRIGGER)
_RAW_BUTTONS: Final = {
    0: pygame.CONTROLLER_BUTTON_A,
    2: pygame.CONTROLLER_BUTTON_X,
    4: pygame.CONTROLLER_BUTTON_LEFTSHOULDER,
    5: pygame.CONTROLLER_BUTTON_RIGHTSHOULDER,
}
"""Buttons by number, and above axes in order, of a gamepad unknown to SDL: those of an Xbox
controller."""


class Gamepad:
    """The combined state of all gamepads."""

    def __init__(self) -> None:
        """Start SDL's controller events; gamepads already plugged in are announced as well."""
        controller.init()
        self._known: dict[int, controller.Controller] = {}
        self._unknown: dict[int, pygame.joystick.JoystickType] = {}
        self._axes: dict[int, float] = {}
        self._cross: set[int] = set()
        self._rocket = self._dash = False
        self._aim: int | None = None
        self._moved = False

    def take(self, event: pygame.Event) -> None:
        """Update the state from an event; events of other kinds are ignored."""
        with suppress(pygame.error):  # the gamepad was removed before it could be opened
            self._plugging(event)
        match event.type:
            case pygame.CONTROLLERAXISMOTION:
                self._axis(event.axis, event.value / FULL)
            case pygame.CONTROLLERBUTTONDOWN:
                self._pressed(event.button)
            case pygame.CONTROLLERBUTTONUP:
                self._cross.discard(event.button)
            case pygame.JOYAXISMOTION if self.is_unknown(event) and event.axis < len(_RAW_AXES):
                # A trigger rests at -1, and at 0 until it moves for the first time.
                axis = _RAW_AXES[event.axis]
                trigger = axis in (LEFT_TRIGGER, RIGHT_TRIGGER)
                self._axis(axis, max(0.0, event.value) if trigger else event.value)
            case pygame.JOYBUTTONDOWN if self.is_unknown(event):
                self._pressed(_RAW_BUTTONS.get(event.button, pygame.CONTROLLER_BUTTON_INVALID))
            case _:
                pass

    def _plugging(self, event: pygame.Event) -> None:
        match event.type:
            case pygame.CONTROLLERDEVICEADDED:
                pad = controller.Controller(event.device_index)
                self._known[pad.as_joystick().get_instance_id()] = pad
            case pygame.JOYDEVICEADDED if not controller.is_controller(event.device_index):
                unknown = pygame.joystick.Joystick(event.device_index)
                self._unknown[unknown.get_instance_id()] = unknown
            case pygame.CONTROLLERDEVICEREMOVED | pygame.JOYDEVICEREMOVED:
                self._known.pop(event.instance_id, None)
                self._unknown.pop(event.instance_id, None)
                self.release()
            case _:
                pass

    def is_unknown(self, event: pygame.Event) -> bool:
        """Tell whether an event comes from a gamepad unknown to SDL.

        Each event of a known gamepad comes twice: as a controller and as a joystick event.
        """
        return getattr(event, "instance_id", None) in self._unknown

    def release(self) -> None:
        """Treat all controls as released; a held one counts again at its next event."""
        self._axes.clear()
        self._cross.clear()
        self.forget_presses()

    def forget_presses(self) -> None:
        """Discard the presses that were not taken yet."""
        self._rocket = self._dash = False

    def moved(self) -> bool:
        """Tell whether a gamepad was used since the last call."""
        moved, self._moved = self._moved, False
        return moved

    def move(self) -> int:
        """Return the direction of the d-pad or left stick: 0 none, 1 east, clockwise to 8."""
        x = sum(_CROSS[button][0] for button in self._cross)
        y = sum(_CROSS[button][1] for button in self._cross)
        angle = _angle(x, y) if x or y else self._stick(LEFT_X, LEFT_Y)
        return 0 if angle is None else (angle + 64) % 1024 // 128 + 1

    def aim(self) -> int | None:
        """Return the last angle of the right stick, 0..1023; None if it was never moved."""
        return self._aim

    def fires(self) -> bool:
        """Tell whether the right trigger is pulled."""
        return self._axes.get(RIGHT_TRIGGER, 0.0) > PULLED

    def take_rocket(self) -> bool:
        """Tell whether a rocket button was pressed since the last call."""
        pressed, self._rocket = self._rocket, False
        return pressed

    def take_dash(self) -> bool:
        """Tell whether a dash button was pressed since the last call."""
        pressed, self._dash = self._dash, False
        return pressed

    def _pressed(self, button: int) -> None:
        self._moved = True
        self._dash = self._dash or button in DASH_BUTTONS
        self._rocket = self._rocket or button in ROCKET_BUTTONS
        if button in _CROSS:
            self._cross.add(button)

    def _axis(self, axis: int, value: float) -> None:
        before = self._axes.get(axis, 0.0)
        self._axes[axis] = value
        if axis == LEFT_TRIGGER and value > PULLED >= before:
            self._rocket = True
        if abs(value) > DEAD:
            self._moved = True
        if axis in (RIGHT_X, RIGHT_Y):
            angle = self._stick(RIGHT_X, RIGHT_Y)
            self._aim = angle if angle is not None else self._aim

    def _stick(self, x_axis: int, y_axis: int) -> int | None:
        x, y = self._axes.get(x_axis, 0.0), self._axes.get(y_axis, 0.0)
        return None if math.hypot(x, y) < DEAD else _angle(x, y)


def _angle(x: float, y: float) -> int:
    return round(math.atan2(y, x) * 1024 / math.tau) % 1024
