"""Translate gamepad events into key presses, for menus.

Law: a gamepad reaches every widget that the keyboard reaches: the d-pad and the left stick act as
the arrow keys, the shoulder buttons as Tab and Shift+Tab.
"""

from typing import Final

import pygame

from client_demo.controls.gamepad import FULL, LEFT_X, LEFT_Y

PUSHED: Final = 0.6
"""A stick pushed beyond this part of its way makes one step; the next one needs a return below
`CENTRED` first."""
CENTRED: Final = 0.35

KEYS: Final = {
    pygame.CONTROLLER_BUTTON_A: (pygame.K_RETURN, 0),
    pygame.CONTROLLER_BUTTON_B: (pygame.K_ESCAPE, 0),
    pygame.CONTROLLER_BUTTON_START: (pygame.K_ESCAPE, 0),
    pygame.CONTROLLER_BUTTON_DPAD_UP: (pygame.K_UP, 0),
    pygame.CONTROLLER_BUTTON_DPAD_DOWN: (pygame.K_DOWN, 0),
    pygame.CONTROLLER_BUTTON_DPAD_LEFT: (pygame.K_LEFT, 0),
    pygame.CONTROLLER_BUTTON_DPAD_RIGHT: (pygame.K_RIGHT, 0),
    pygame.CONTROLLER_BUTTON_LEFTSHOULDER: (pygame.K_TAB, pygame.KMOD_SHIFT),
    pygame.CONTROLLER_BUTTON_RIGHTSHOULDER: (pygame.K_TAB, 0),
}
RAW_KEYS: Final = {
    0: (pygame.K_RETURN, 0),
    1: (pygame.K_ESCAPE, 0),
    4: (pygame.K_TAB, pygame.KMOD_SHIFT),
    5: (pygame.K_TAB, 0),
    7: (pygame.K_ESCAPE, 0),
}
"""For a gamepad unknown to SDL, by the button numbers of an Xbox controller."""
HAT_KEYS: Final = {
    (0, 1): (pygame.K_UP, 0),
    (0, -1): (pygame.K_DOWN, 0),
    (-1, 0): (pygame.K_LEFT, 0),
    (1, 0): (pygame.K_RIGHT, 0),
}
OPENS_MENU: Final = pygame.CONTROLLER_BUTTON_START


class PadMenu:
    """Makes key presses from gamepad events."""

    def __init__(self) -> None:
        """Start with the stick centred."""
        self._pushed: set[int] = set()

    def key(self, event: pygame.Event, *, raw: bool) -> tuple[int, int] | None:
        """Return the key and modifiers for an event; None if it has none.

        ``raw`` means that the event's gamepad is unknown to SDL. Joystick events of known gamepads
        are ignored, since each of them comes as a controller event, too.
        """
        match event.type:
            case pygame.CONTROLLERBUTTONDOWN:
                return KEYS.get(event.button)
            case pygame.CONTROLLERAXISMOTION:
                return self._stick(event.axis, event.value / FULL)
            case pygame.JOYBUTTONDOWN if raw:
                return RAW_KEYS.get(event.button)
            case pygame.JOYHATMOTION if raw:
                return HAT_KEYS.get(event.value)
            case pygame.JOYAXISMOTION if raw:
                return self._stick(event.axis, event.value)
            case _:
                return None

    def _stick(self, axis: int, value: float) -> tuple[int, int] | None:
        if axis not in (LEFT_X, LEFT_Y):
            return None
        if abs(value) < CENTRED:
            self._pushed.discard(axis)
        if abs(value) < PUSHED or axis in self._pushed:
            return None
        self._pushed.add(axis)
        if axis == LEFT_X:
            return (pygame.K_RIGHT if value > 0 else pygame.K_LEFT), 0
        return (pygame.K_DOWN if value > 0 else pygame.K_UP), 0
