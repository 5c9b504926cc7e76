"""A gamepad in menus: its buttons are the keys that menus know.

Law: whatever the keyboard reaches, a pad reaches: the cross and the left stick are the arrows, the
shoulders go through everything like Tab.
"""

from typing import Final

import pygame

from client_demo.controls.gamepad import FULL, LEFT_X, LEFT_Y

PUSHED: Final = 0.6
"""Part of a stick's way from which it counts as one step; back below `CENTRED` it is free again."""
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
"""Of a pad that SDL does not know: most likely it is numbered like Xbox's."""
HAT_KEYS: Final = {
    (0, 1): (pygame.K_UP, 0),
    (0, -1): (pygame.K_DOWN, 0),
    (-1, 0): (pygame.K_LEFT, 0),
    (1, 0): (pygame.K_RIGHT, 0),
}
OPENS_MENU: Final = pygame.CONTROLLER_BUTTON_START


class PadMenu:
    """Turns what a pad does into key presses."""

    def __init__(self) -> None:
        """Begin with the stick at rest."""
        self._pushed: set[int] = set()

    def key(self, event: pygame.Event, *, raw: bool) -> tuple[int, int] | None:
        """Return the key and modifiers that an event stands for, or None.

        ``raw`` tells that it comes from a pad that SDL does not know; the others' come twice.
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
