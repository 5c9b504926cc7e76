import pygame
import pytest

from client_demo.controls.input import Controls, angle_to
from client_demo.intents import Hold
from client_demo.settings_file import PlayerSettings

OWN = (640.0, 360.0)
EAST = (800, 360)


@pytest.fixture
def controls() -> Controls:
    return Controls(PlayerSettings())


def key(kind: int, place: int) -> pygame.Event:
    """A key at a place; what it prints there is another letter, as under a Russian layout."""
    return pygame.Event(kind, key=ord("я"), scancode=place, mod=0)


def button(kind: int, number: int) -> pygame.Event:
    return pygame.Event(kind, button=number, pos=EAST)


def axis(number: int, part: float) -> pygame.Event:
    value = round(part * 32767)
    return pygame.Event(pygame.CONTROLLERAXISMOTION, instance_id=0, axis=number, value=value)


def pressed(number: int) -> pygame.Event:
    return pygame.Event(pygame.CONTROLLERBUTTONDOWN, instance_id=0, button=number)


@pytest.mark.parametrize(
    ("keys", "move"),
    [
        ([pygame.KSCAN_D], 1),
        ([pygame.KSCAN_D, pygame.KSCAN_S], 2),
        ([pygame.KSCAN_S], 3),
        ([pygame.KSCAN_A], 5),
        ([pygame.KSCAN_UP], 7),
        ([pygame.KSCAN_W, pygame.KSCAN_D], 8),
        ([pygame.KSCAN_A, pygame.KSCAN_D], 0),
    ],
)
def test_held_keys_move_in_eight_directions(controls: Controls, keys: list[int], move: int) -> None:
    for code in keys:
        controls.take(key(pygame.KEYDOWN, code))
    assert controls.hold(EAST, OWN) == Hold(move=move, aim=0)
    for code in keys:
        controls.take(key(pygame.KEYUP, code))
    assert controls.hold(EAST, OWN) == Hold()


def test_a_press_of_any_length_counts_once(controls: Controls) -> None:
    controls.take(key(pygame.KEYDOWN, pygame.KSCAN_LSHIFT))
    controls.take(key(pygame.KEYUP, pygame.KSCAN_LSHIFT))
    controls.take(button(pygame.MOUSEBUTTONDOWN, pygame.BUTTON_RIGHT))
    first, second = controls.hold(EAST, OWN), controls.hold(EAST, OWN)
    assert (first.dash, first.rocket) == (True, True)
    assert (second.dash, second.rocket) == (False, False)


def test_fire_is_held_until_the_button_is_released(controls: Controls) -> None:
    controls.take(button(pygame.MOUSEBUTTONDOWN, pygame.BUTTON_LEFT))
    assert controls.hold(EAST, OWN).fire
    assert controls.hold(EAST, OWN).fire
    controls.take(button(pygame.MOUSEBUTTONUP, pygame.BUTTON_LEFT))
    assert not controls.hold(EAST, OWN).fire


def test_losing_the_focus_releases_all_keys_and_buttons(controls: Controls) -> None:
    controls.take(key(pygame.KEYDOWN, pygame.KSCAN_D))
    controls.take(button(pygame.MOUSEBUTTONDOWN, pygame.BUTTON_LEFT))
    controls.take(pygame.Event(pygame.WINDOWFOCUSLOST))
    assert controls.hold(EAST, OWN) == Hold()


def test_after_the_mouse_was_used_other_events_do_not_return_the_aim_to_the_gamepad(
    controls: Controls,
) -> None:
    controls.take(axis(pygame.CONTROLLER_AXIS_RIGHTY, 1.0))
    controls.take(axis(pygame.CONTROLLER_AXIS_RIGHTY, 0.9))
    controls.take(pygame.Event(pygame.MOUSEMOTION, pos=EAST, rel=(1, 0), buttons=(0, 0, 0)))
    controls.take(pygame.Event(pygame.WINDOWENTER))
    assert controls.hold(EAST, OWN).aim == 0


def test_losing_the_focus_releases_the_gamepad(controls: Controls) -> None:
    controls.take(axis(pygame.CONTROLLER_AXIS_LEFTX, 1.0))
    controls.take(axis(pygame.CONTROLLER_AXIS_TRIGGERRIGHT, 1.0))
    controls.take(pressed(pygame.CONTROLLER_BUTTON_A))
    controls.take(pygame.Event(pygame.WINDOWFOCUSLOST))
    held = controls.hold(EAST, OWN)
    assert (held.move, held.fire, held.dash) == (0, False, False)


def test_mouse_and_gamepad_in_one_frame_fire_one_rocket(controls: Controls) -> None:
    controls.take(button(pygame.MOUSEBUTTONDOWN, pygame.BUTTON_RIGHT))
    controls.take(pressed(pygame.CONTROLLER_BUTTON_X))
    assert controls.hold(EAST, OWN).rocket
    assert not controls.hold(EAST, OWN).rocket


def test_angles_go_clockwise_from_east() -> None:
    assert [angle_to(1, 0), angle_to(0, 1), angle_to(-1, 0), angle_to(0, -1)] == [0, 256, 512, 768]


def test_a_gamepad_moves_aims_and_fires_until_the_mouse_is_used(controls: Controls) -> None:
    for number in (
        pygame.CONTROLLER_AXIS_LEFTX,
        pygame.CONTROLLER_AXIS_RIGHTY,
        pygame.CONTROLLER_AXIS_TRIGGERRIGHT,
    ):
        controls.take(axis(number, 1.0))
    assert controls.hold(EAST, OWN) == Hold(move=1, aim=256, fire=True)
    controls.take(pressed(pygame.CONTROLLER_BUTTON_A))
    assert controls.hold(EAST, OWN).dash
    controls.take(pygame.Event(pygame.MOUSEMOTION, pos=EAST, rel=(1, 0), buttons=(0, 0, 0)))
    assert controls.hold(EAST, OWN).aim == 0
