"""Pads of several makes, plugged into SDL as virtual devices: events come as they really do."""

import ctypes
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest

from client_demo.controls.gamepad import Gamepad

GAMEPAD, UNKNOWN = 1, 0
"""Types of SDL's joysticks; pads of the second are not in its table."""
VIRTUAL = "ff0013db5669727475616c2043007601"
"""What SDL takes the identity of all virtual pads for."""
CONTROLS = (
    "a:b{a},b:b1,x:b{x},leftshoulder:b4,rightshoulder:b5,dpup:b11,dpdown:b12,dpleft:b13,dpright:b14,"
    "leftx:a0,lefty:a1,rightx:a{rx},righty:a{ry},lefttrigger:a{lt},righttrigger:a{rt},"
)
XBOX = {"a": 0, "x": 2, "rx": 3, "ry": 4, "lt": 2, "rt": 5}
PLAYSTATION = {"a": 1, "x": 0, "rx": 2, "ry": 5, "lt": 3, "rt": 4}
"""As SDL's own table has the DualShock 4 on Windows: other numbers for nearly everything."""


class VirtualPad:
    """A pad without hardware, and the `Gamepad` that reads it."""

    def __init__(self, kind: int, numbers: dict[str, int]) -> None:
        folder = Path(pygame.__file__).parent.parent / "pygame_ce.libs"
        self._sdl = ctypes.CDLL(str(next(folder.glob("libSDL2-2*"))))
        self._sdl.SDL_JoystickOpen.restype = ctypes.c_void_p
        self._sdl.SDL_JoystickSetVirtualAxis.argtypes = [
            ctypes.c_void_p, ctypes.c_int, ctypes.c_int16,
        ]  # fmt: skip
        self._sdl.SDL_JoystickSetVirtualButton.argtypes = [
            ctypes.c_void_p, ctypes.c_int, ctypes.c_uint8,
        ]  # fmt: skip
        self.reads = Gamepad()
        table = f"{VIRTUAL},Pad,{CONTROLS.format(**numbers)}"
        if kind == GAMEPAD:
            self._sdl.SDL_GameControllerAddMapping(table.encode())
        self._numbers = numbers
        self._index = self._sdl.SDL_JoystickAttachVirtual(kind, 6, 16, 0)
        self._pad = self._sdl.SDL_JoystickOpen(self._index)
        for trigger in ("lt", "rt"):
            self.push(trigger, -1.0)

    def push(self, axis: str | int, value: float) -> None:
        number = self._numbers[axis] if isinstance(axis, str) else axis
        self._sdl.SDL_JoystickSetVirtualAxis(self._pad, number, round(value * 32767))
        self.pump()

    def press(self, button: str | int, *, down: bool = True) -> None:
        number = self._numbers[button] if isinstance(button, str) else button
        self._sdl.SDL_JoystickSetVirtualButton(self._pad, number, down)
        self.pump()

    def pump(self) -> None:
        for event in pygame.event.get():
            self.reads.take(event)

    def unplug(self) -> None:
        self._sdl.SDL_JoystickDetachVirtual(self._index)
        self.pump()


@pytest.fixture(autouse=True, scope="module")
def display() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDL_VIDEODRIVER", "dummy")
        patch.setenv("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")
        pygame.display.init()
        pygame.joystick.init()
        pygame.display.set_mode((64, 64))
        yield
        pygame.quit()


@pytest.fixture(
    params=[(GAMEPAD, XBOX), (GAMEPAD, PLAYSTATION), (UNKNOWN, XBOX)],
    ids=["xbox", "playstation", "unknown"],
)
def pad(request: pytest.FixtureRequest) -> Iterator[VirtualPad]:
    virtual = VirtualPad(*request.param)
    yield virtual
    virtual.unplug()


def test_sticks_and_triggers_do_the_same_on_every_model(pad: VirtualPad) -> None:
    assert (pad.reads.move(), pad.reads.aim(), pad.reads.fires()) == (0, None, False)
    pad.push(0, 1.0)
    pad.push("ry", 1.0)
    assert (pad.reads.move(), pad.reads.aim()) == (1, 256)
    assert not any((pad.reads.fires(), pad.reads.take_rocket(), pad.reads.take_dash()))
    pad.push("rt", 1.0)
    assert pad.reads.fires()
    pad.push("rt", -1.0)
    assert not pad.reads.fires()
    pad.push("lt", 1.0)
    assert pad.reads.take_rocket()
    assert not pad.reads.take_rocket()


def test_buttons_do_the_same_on_every_model(pad: VirtualPad) -> None:
    pad.press("a")
    assert pad.reads.take_dash()
    assert not pad.reads.take_rocket()
    pad.press("x")
    assert pad.reads.take_rocket()
    assert not pad.reads.take_dash()


def test_the_directional_pad_moves_in_eight_directions() -> None:
    pad = VirtualPad(GAMEPAD, PLAYSTATION)
    for down, button, direction in (
        (True, 14, 1), (True, 12, 2), (False, 14, 3), (False, 12, 0),
    ):  # fmt: skip
        pad.press(button, down=down)
        assert pad.reads.move() == direction
    pad.unplug()


def test_unplugging_a_gamepad_releases_its_controls(pad: VirtualPad) -> None:
    pad.push(0, 1.0)
    pad.push("rt", 1.0)
    assert pad.reads.fires()
    pad.unplug()
    assert (pad.reads.move(), pad.reads.fires()) == (0, False)
