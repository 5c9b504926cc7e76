import math

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_demo.camera import SHAKE_PX, Camera
from client_demo.hud import layout
from client_demo.theme import BASE
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.game.maps.tilemap import TILE_PX

BODY_PX = 20
"""Half the side of a square around a fighter with its ring."""

FRAME_S = 1 / 60
MIDDLE = (BASE[0] // 2, BASE[1] // 2)
LARGE = (4000, 3000)


def test_a_camera_begins_where_its_target_is() -> None:
    camera = Camera()
    camera.follow((2000, 1500), MIDDLE, LARGE, FRAME_S)
    assert camera.corner(0.0) == (-(2000 - BASE[0] // 2), -(1500 - BASE[1] // 2))


def test_a_camera_stays_on_the_map_while_its_target_is_clear_of_the_display() -> None:
    camera = Camera()
    camera.follow((300, 400), MIDDLE, LARGE, FRAME_S)
    assert (camera.x, camera.y) == (0, 40)
    camera = Camera()
    camera.follow((3800, 2800), MIDDLE, LARGE, FRAME_S)
    assert camera.x == 4000 - BASE[0]


def test_a_map_smaller_than_the_canvas_is_centred() -> None:
    camera = Camera()
    camera.follow((400, 300), MIDDLE, (800, 600), FRAME_S)
    assert camera.corner(0.0) == ((BASE[0] - 800) // 2, (BASE[1] - 600) // 2)


def test_a_camera_eases_towards_a_moving_target_and_jumps_to_a_far_one() -> None:
    camera = Camera()
    camera.follow((1500, 1500), MIDDLE, LARGE, FRAME_S)
    before = camera.x
    camera.follow((1600, 1500), MIDDLE, LARGE, FRAME_S)
    assert before < camera.x < before + 100
    camera.follow((3300, 1500), MIDDLE, LARGE, FRAME_S)
    assert camera.x == 3300 - BASE[0] / 2


def test_a_shake_is_bounded_and_ends() -> None:
    camera = Camera()
    camera.follow((2000, 1500), MIDDLE, LARGE, FRAME_S)
    still = camera.corner(0.0)
    camera.shake(1.0)
    shaken = [camera.corner(n / 60) for n in range(60)]
    assert any(corner != still for corner in shaken)
    reach = SHAKE_PX + 1
    assert all(abs(x - still[0]) <= reach and abs(y - still[1]) <= reach for x, y in shaken)
    camera.follow((2000, 1500), MIDDLE, LARGE, 1.0)
    assert camera.corner(0.0) == still


def shown_at(size: tuple[int, int], place: tuple[float, float]) -> tuple[float, float]:
    scale = min(size[0] / BASE[0], size[1] / BASE[1])
    return place[0] * scale, place[1] * scale


def drawn_in(size: tuple[int, int], area: pygame.Rect) -> pygame.FRect:
    scale = min(size[0] / BASE[0], size[1] / BASE[1])
    return pygame.FRect(*(part * scale for part in area))


MAPS = sorted(load_maps(shipped_maps()).items())
SMALLEST = (8 * TILE_PX, 8 * TILE_PX)
BOUNDS = {
    **{name: (found.width * TILE_PX, found.height * TILE_PX) for name, found in MAPS},
    "tiny": SMALLEST,
}


@given(
    bounds=st.sampled_from(sorted(BOUNDS.values())),
    size=st.sampled_from([(1280, 720), (960, 540)]),
    path=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6),
    pointer=st.tuples(st.integers(0, BASE[0]), st.integers(0, BASE[1])),
)
def test_no_permanent_panel_covers_the_own_fighter(
    bounds: tuple[int, int],
    size: tuple[int, int],
    path: list[tuple[float, float]],
    pointer: tuple[int, int],
) -> None:
    camera = Camera()
    for part_x, part_y in path:
        place = (part_x * bounds[0], part_y * bounds[1])
        camera.follow(place, pointer, bounds, FRAME_S)
        seen = shown_at(size, (place[0] - camera.x, place[1] - camera.y))
        body = pygame.FRect(0, 0, *shown_at(size, (2 * BODY_PX, 2 * BODY_PX)))
        body.center = seen
        assert drawn_in(size, pygame.Rect((0, 0), BASE)).contains(body)
        for area in layout.LASTING:
            assert not drawn_in(size, area).colliderect(body), (area, seen)


@pytest.mark.parametrize("area", [*layout.LASTING, layout.CHAT, layout.NET_GRAPH, layout.LESSON])
def test_every_panel_lies_within_the_canvas(area: pygame.Rect) -> None:
    assert pygame.Rect((0, 0), BASE).contains(area)


def test_permanent_panels_do_not_overlap() -> None:
    for number, area in enumerate(layout.LASTING):
        assert area.collidelist(layout.LASTING[number + 1 :]) == -1


@given(
    x=st.floats(-400, BASE[0] + 400),
    y=st.floats(-400, BASE[1] + 400),
    step=st.tuples(st.floats(-8, 8), st.floats(-8, 8)),
)
def test_a_step_of_the_fighter_never_makes_the_camera_jump(
    x: float, y: float, step: tuple[float, float]
) -> None:
    before = layout.nearest_clear(x, y)
    after = layout.nearest_clear(x + step[0], y + step[1])
    assert math.dist(before, after) <= math.hypot(*step) + 1e-6
