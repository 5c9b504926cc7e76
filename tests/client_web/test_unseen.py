"""A page that is not seen plays on, and holds nothing."""

from pathlib import Path

import msgpack
import pytest

from tests.client_web.alone import alone
from tests.client_web.browser import Visitor, needs_pages

pytestmark = needs_pages

HEARS_WHAT_IS_SENT = """() => {
  const { send } = WebSocket.prototype;
  window.sent = [];
  WebSocket.prototype.send = function (data) {
    window.sent.push([...new Uint8Array(data)]);
    return send.call(this, data);
  };
}"""

# As browsers do: no frame is drawn any more, then the page is told. What was sent is forgotten.
HIDES = """() => new Promise((done) => {
  const frame = window.requestAnimationFrame;
  window.requestAnimationFrame = () => 0;
  frame(() => {
    Object.defineProperty(document, "hidden", { get: () => true });
    window.sent = [];
    document.dispatchEvent(new Event("visibilitychange"));
    dispatchEvent(new Event("blur"));
    done();
  });
})"""


def moves(visitor: Visitor) -> list[int]:
    """Return the first field of each input that was sent."""
    rows = [msgpack.unpackb(bytes(each)) for each in visitor.page.evaluate("sent")]
    return [row[5] for row in rows if row[0] == 1]


def waits_for_moves(visitor: Visitor, count: int, least: int) -> None:
    """Wait for so many inputs whose first field is not smaller."""
    for _ in range(600):
        if sum(move >= least for move in moves(visitor)) >= count:
            return
        visitor.page.wait_for_timeout(50)
    raise AssertionError("they were not sent")


@pytest.mark.parametrize("game", ["arena", "examples.tag:Tag"])
async def test_who_looks_away_while_a_key_is_down_stands_still(tmp_path: Path, game: str) -> None:
    def play(ann: Visitor) -> None:
        ann.page.evaluate(HEARS_WHAT_IS_SENT)
        ann.clicks("Ready")
        ann.page.locator("main.match").wait_for()
        ann.page.keyboard.down("d")
        waits_for_moves(ann, 5, 1)
        ann.page.evaluate(HIDES)
        waits_for_moves(ann, 10, 0)
        assert set(moves(ann)) == {0}

    await alone(tmp_path, game, play)
