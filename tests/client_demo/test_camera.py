from client_demo.camera import SHAKE_PX, Camera
from client_demo.theme import BASE

FRAME_S = 1 / 60
MIDDLE = (BASE[0] // 2, BASE[1] // 2)
LARGE = (4000, 3000)


def test_a_camera_begins_where_its_target_is() -> None:
    camera = Camera()
    camera.follow((2000, 1500), MIDDLE, LARGE, FRAME_S)
    assert camera.corner(0.0) == (-(2000 - BASE[0] // 2), -(1500 - BASE[1] // 2))


def test_a_camera_never_shows_what_is_beyond_the_map() -> None:
    camera = Camera()
    camera.follow((0, 0), MIDDLE, LARGE, FRAME_S)
    assert (camera.x, camera.y) == (0, 0)
    camera = Camera()
    camera.follow((4000, 3000), MIDDLE, LARGE, FRAME_S)
    assert (camera.x, camera.y) == (4000 - BASE[0], 3000 - BASE[1])


def test_a_map_smaller_than_the_canvas_stands_in_its_middle() -> None:
    camera = Camera()
    camera.follow((100, 100), MIDDLE, (800, 600), FRAME_S)
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
