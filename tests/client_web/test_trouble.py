"""The banner of a bad line in a match: not for a page that loads, but for what lasts."""

from pathlib import Path

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import Visitor, needs_pages

pytestmark = needs_pages

# Watches from now on whether a banner of the line was ever shown, and for how long the match was.
WATCH = """() => {
  window.watched = { first: null, from: performance.now() };
  const look = () => {
    const banner = document.querySelector(".banner.warn");
    if (banner && window.watched.first === null) {
      window.watched.first = performance.now() - window.watched.from;
      window.watched.text = banner.textContent;
    }
    requestAnimationFrame(look);
  };
  look();
}"""


async def test_a_line_that_stays_bad_is_told_after_seconds_in_the_language_of_the_page(
    tmp_path: Path,
) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.plays()
        ann.page.evaluate(WATCH)
        ann.page.keyboard.press("F3")
        ann.sets("lag", 500)
        ann.sets("jitter", 200)
        waits_for(ann, lambda: ann.page.evaluate("window.watched.first") is not None)
        first, text = ann.page.evaluate("[window.watched.first, window.watched.text]")
        assert first > 4000
        assert "Your connection is" in text
        ann.picture(tmp_path, "trouble")

    await alone(tmp_path, "arena", play, viewport={"width": 640, "height": 360})
