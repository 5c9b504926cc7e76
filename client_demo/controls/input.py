"""Combine keyboard, mouse and gamepad into one `Hold` for each frame.

Law: a press counts once, in its own frame, even if the key is released in the same frame. A press
meant for a menu must not fire in the match, so presses that are not used are discarded. When the
window loses the focus, all controls count as released.
"""

import math
from typing import Final

import pygame

from client_demo.controls.gamepad import Gamepad
from client_demo.intents import Hold
from client_demo.settings_file import PlayerSettings

MOVES: Final = {
    (0, 0): 0,
    (1, 0): 1,
    (1, 1): 2,
    (0, 1): 3,
    (-1, 1): 4,
    (-1, 0): 5,
    (-1, -1): 6,
    (0, -1): 7,
    (1, -1): 8,
}
ARROWS: Final = {
    pygame.KSCAN_UP: "up",
    pygame.KSCAN_DOWN: "down",
    pygame.KSCAN_LEFT: "left",
    pygame.KSCAN_RIGHT: "right",
}


class Controls:
    """The controls that the player holds, and the presses of this frame."""

    def __init__(self, settings: PlayerSettings) -> None:
        """Use the key bindings of the settings; no control is held."""
        self._actions: dict[int, str] = {}
        self._held: set[int] = set()
        self._fire = False
        self._rocket = self._dash = False
        self._by_pad = False
        self.pad = Gamepad()
        self.use(settings)

    def use(self, settings: PlayerSettings) -> None:
        """Use the key bindings of the settings; the arrow keys move in addition."""
        bound = {key: action for action, key in settings.places.items()}
        self._actions = {**ARROWS, **bound}

    def take(self, event: pygame.Event) -> None:
        """Update the state from an event; events of other kinds are ignored."""
        match event.type:
            case pygame.KEYDOWN:
                if event.scancode not in self._held:  # not a repetition by the system
                    self._held.add(event.scancode)
                    self._press(self._actions.get(event.scancode, ""))
            case pygame.KEYUP:
                self._held.discard(event.scancode)
            case pygame.MOUSEBUTTONDOWN:
                self._by_pad = False
                self._fire = self._fire or event.button == pygame.BUTTON_LEFT
                self._rocket = self._rocket or event.button == pygame.BUTTON_RIGHT
            case pygame.MOUSEBUTTONUP if event.button == pygame.BUTTON_LEFT:
                self._fire = False
            case pygame.MOUSEMOTION:
                self._by_pad = False
            case pygame.WINDOWFOCUSLOST:
                self.release()
            case _:
                self.pad.take(event)
                moved = self.pad.moved()
                self._by_pad = self._by_pad or moved

    @property
    def by_pad(self) -> bool:
        """Whether the gamepad was used later than the mouse."""
        return self._by_pad

    def release(self) -> None:
        """Treat all controls as released."""
        self._held.clear()
        self._fire = self._rocket = self._dash = False
        self.pad.release()

    def hold(self, pointer: tuple[int, int], own: tuple[float, float]) -> Hold:
        """Return the state of the controls, and discard the presses.

        Args:
            pointer: The mouse on the canvas.
            own: The player's own fighter on the canvas.
        """
        pad_rocket, pad_dash = self.pad.take_rocket(), self.pad.take_dash()
        rocket, dash = self._rocket or pad_rocket, self._dash or pad_dash
        self.forget_presses()
        move = self._move() or self.pad.move()
        fire = self._fire or self.pad.fires()
        aim = self.pad.aim() if self._by_pad else None
        if aim is None:
            aim = angle_to(pointer[0] - own[0], pointer[1] - own[1])
        return Hold(move, aim, fire, rocket, dash)

    def forget_presses(self) -> None:
        """Discard the presses that were not returned yet."""
        self._rocket = self._dash = False
        self.pad.forget_presses()

    def holds(self, action: str) -> bool:
        """Tell whether a key of an action is held."""
        return any(self._actions.get(place) == action for place in self._held)

    def _press(self, action: str) -> None:
        self._rocket = self._rocket or action == "rocket"
        self._dash = self._dash or action == "dash"

    def _move(self) -> int:
        held = {self._actions.get(key) for key in self._held}
        x = ("right" in held) - ("left" in held)
        y = ("down" in held) - ("up" in held)
        return MOVES[x, y]


def angle_to(dx: float, dy: float) -> int:
    """Return the angle of a vector: 0..1023 from east, clockwise on the screen."""
    return round(math.atan2(dy, dx) * 1024 / math.tau) % 1024
