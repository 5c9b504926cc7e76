"""What an author tells pages: hints, looks, keys and own pictures, as they are seen and pressed."""

from collections.abc import Callable
from pathlib import Path

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import Visitor, needs_pages
from tests.client_web.test_any_game import value_of

pytestmark = needs_pages

# Where the middle of what is seen lies, beside what the panels cover.
MIDDLE = """() => {
  const covered = document.querySelector("main").style.getPropertyValue("--covered");
  return (innerWidth - parseFloat(covered || "0")) / 2;
}"""

# The colour of the canvas so many pixels of the world beside that middle.
PIXEL = """([middle, dx, dy]) => {
  const canvas = document.querySelector("canvas.field");
  const ratio = canvas.width / canvas.clientWidth;
  const zoom = Math.min(canvas.clientWidth, canvas.clientHeight) / (15 * 32);
  const x = (middle + dx * zoom) * ratio;
  const y = (canvas.clientHeight / 2 + dy * zoom) * ratio;
  return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].slice(0, 3);
}"""

RED, BLUE, MAGENTA, CYAN = [255, 0, 0], [0, 0, 255], [255, 0, 255], [0, 255, 255]

# A gamepad of the standard layout whose buttons a test holds down.
GAMEPAD = """() => {
  const buttons = Array.from({ length: 17 }, () => ({ value: 0, pressed: false }));
  window.pad = { connected: true, mapping: "standard", axes: [0, 0, 0, 0], buttons };
  navigator.getGamepads = () => [window.pad];
}"""
NORTH = 3


async def sailed(tmp_path: Path, sail: Callable[[Visitor], None]) -> None:
    """Let somebody sail in the middle of the map, with the boats of four bots."""

    def begin(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.page.locator(".ranks li").first.wait_for()
        ann.page.keyboard.press("F2")
        ann.page.locator(".inspector h3").wait_for()
        sail(ann)
        ann.picture(tmp_path, "sailed")

    size = {"width": 960, "height": 640}
    await alone(tmp_path, "tests.client_web.regatta:Regatta", begin, viewport=size)


def sees_at(visitor: Visitor, dx: int, dy: int, colour: list[int]) -> None:
    middle = visitor.page.evaluate(MIDDLE)
    waits_for(visitor, lambda: visitor.page.evaluate(PIXEL, [middle, dx, dy]) == colour)


async def test_a_picture_turns_with_the_heading_and_a_look_counts_before_names(
    tmp_path: Path,
) -> None:
    def sail(ann: Visitor) -> None:
        assert value_of(ann, "size") == "7"
        sees_at(ann, 20, 0, RED)  # to the east, as the picture is
        sees_at(ann, -20, 0, BLUE)
        sees_at(ann, 160, 0, MAGENTA)
        sees_at(ann, -160 + 36, 36, CYAN)  # the corner of a square, where a disc has none
        ann.page.keyboard.press("t")
        sees_at(ann, 0, 20, RED)  # a quarter clockwise is south
        sees_at(ann, 0, -20, BLUE)
        waits_for(ann, lambda: value_of(ann, "turns") == "1")

    await sailed(tmp_path, sail)


async def test_keys_buttons_and_a_gamepad_press_what_the_author_bound(tmp_path: Path) -> None:
    def sail(ann: Visitor) -> None:
        def turned(times: int) -> None:
            waits_for(ann, lambda: value_of(ann, "turns") == str(times))

        help_bar = ann.page.locator(".hands p span").first
        assert help_bar.inner_text() == "A D: move"  # there is no axis for W and S
        assert ann.page.locator(".act kbd").all_inner_texts() == ["T \u2191"]
        ann.page.keyboard.down("d")
        waits_for(ann, lambda: value_of(ann, "helm") == "-8")
        ann.page.keyboard.up("d")
        middle = ann.page.evaluate(MIDDLE)
        ann.page.mouse.move(middle, 520)  # south of the boat there
        waits_for(ann, lambda: value_of(ann, "gaze") == "256")
        ann.page.keyboard.press("Space")  # the guess for `fire`, which the hint replaces
        ann.page.keyboard.press("t")
        turned(1)
        act = ann.page.get_by_role("button", name="fire")
        act.focus()
        ann.page.keyboard.press("Enter")
        turned(2)
        ann.page.keyboard.press("Space")
        turned(3)
        ann.page.evaluate(GAMEPAD)
        ann.page.evaluate(f"pad.buttons[{NORTH}].value = 1")
        turned(4)
        ann.page.wait_for_timeout(200)  # it is held, and pressed once
        ann.page.evaluate(f"pad.buttons[{NORTH}].value = 0")
        turned(4)

    await sailed(tmp_path, sail)
