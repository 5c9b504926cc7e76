"""A gamepad of the standard layout plays Arena and any other game.

Chromium has no virtual gamepad that a test could plug in: that of its own tests is not in the
browser. So `navigator.getGamepads` is replaced, which is all that the pages ask.
"""

from pathlib import Path

import msgpack
import pytest

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import Visitor, needs_pages
from tests.client_web.test_hints import GAMEPAD
from tests.client_web.test_unseen import HEARS_WHAT_IS_SENT

pytestmark = needs_pages

# The left stick to the south, the right one to the west, the right trigger and the south button.
HELD = "pad.axes = [0, 1, -1, 0]; pad.buttons[7].value = pad.buttons[0].value = 1"
SOUTH, WEST = 3, 512


@pytest.mark.parametrize(
    ("game", "held"),
    [("arena", {"move": SOUTH, "aim": WEST, "fire": 1}), ("examples.tag:Tag", {"move": SOUTH})],
)
async def test_sticks_and_buttons_are_sent_as_they_are_held(
    tmp_path: Path, game: str, held: dict[str, int]
) -> None:
    def play(ann: Visitor) -> None:
        ann.page.evaluate(HEARS_WHAT_IS_SENT)
        ann.page.evaluate(GAMEPAD)
        ann.clicks("Ready")
        ann.page.locator("main.match").wait_for()
        ann.page.evaluate(HELD)

        def last() -> list[int]:
            sent = (msgpack.unpackb(bytes(each)) for each in ann.page.evaluate("sent"))
            rows = [each for each in sent if each[0] == 1]
            return rows[-1][5 : 5 + len(held)] if rows else []

        waits_for(ann, lambda: last() == list(held.values()))
        ann.page.evaluate("pad.axes = [0, 0, 0, 0]; pad.buttons[7].value = 0")
        at_rest = [value if name == "aim" else 0 for name, value in held.items()]
        waits_for(ann, lambda: last() == at_rest)

    await alone(tmp_path, game, play)
