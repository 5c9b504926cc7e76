"""Keyboard, mouse and gamepad as one intent per frame.

Law: what is held is read when asked; a press counts in its own frame, once, however short it was:
one that was meant for a menu must not fire in the match. Losing the window's focus lets go of
everything.
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
    """What the player holds and has pressed."""

    def __init__(self, settings: PlayerSettings) -> None:
        """Start with nothing held."""
        self._actions: dict[int, str] = {}
        self._held: set[int] = set()
        self._fire = False
        self._rocket = self._dash = False
        self._by_pad = False
        self.pad = Gamepad()
        self.use(settings)

    def use(self, settings: PlayerSettings) -> None:
        """Take key bindings; the arrows always move, too."""
        bound = {key: action for action, key in settings.places.items()}
        self._actions = {**ARROWS, **bound}

    def take(self, event: pygame.Event) -> None:
        """Note an event."""
        match event.type:
            case pygame.KEYDOWN:
                if event.scancode not in self._held:  # else the system repeats it
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
        """Whether the gamepad was used last."""
        return self._by_pad

    def release(self) -> None:
        """Let go of everything."""
        self._held.clear()
        self._fire = self._rocket = self._dash = False
        self.pad.release()

    def hold(self, pointer: tuple[int, int], own: tuple[float, float]) -> Hold:
        """Return what the controls say now, and forget the presses.

        Args:
            pointer: The mouse on the canvas.
            own: One's own fighter on the canvas.
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
        """Let presses that nobody asked for have no effect later."""
        self._rocket = self._dash = False
        self.pad.forget_presses()

    def holds(self, action: str) -> bool:
        """Tell whether the key of an action is down."""
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
    """Return the angle of a direction: 0..1023 from east, clockwise on the screen."""
    return round(math.atan2(dy, dx) * 1024 / math.tau) % 1024
