"""A real browser for tests, driven by Playwright in a thread of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
import trio
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.client_js.browser import CHROMIUM
from tests.e2e.program import ROOT

FOLDER: Final = ROOT / "client_web"
BUILT: Final = FOLDER / "dist"
PATIENCE_MS: Final = 90_000

FLAGS: Final = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    # WebGL by the processor: test machines have no graphics card.
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-gpu-compositing",
)

T = TypeVar("T")

needs_pages = pytest.mark.skipif(
    CHROMIUM is None or not (BUILT / "index.html").is_file(),
    reason="needs Chromium, and the built pages; script/test makes both where it can",
)


class Visitor:
    """One person's browser: what its pages complained of is kept."""

    def __init__(self, context: BrowserContext) -> None:
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.faults.append(said.text) if said.type == "error" else None,
        )

    def sign_in(self, name: str, button: str) -> None:
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_role("button", name=button).click()

    def say(self, text: str) -> None:
        self.page.get_by_label("Say something").fill(text)
        self.page.get_by_label("Say something").press("Enter")

    def hears(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def sets(self, label: str, value: int) -> None:
        """Drag a slider."""
        self.page.get_by_label(label).fill(str(value))

    def clicks(self, name: str, *, exact: bool = True) -> None:
        """Click a button, as soon as there is one of this name that can be clicked."""
        self.page.get_by_role("button", name=name, exact=exact).click()

    def sees(self, heading: str, *, exact: bool = False) -> None:
        """Wait for a heading."""
        self.page.get_by_role("heading", name=heading, exact=exact).wait_for()

    def picture(self, folder: Path, name: str) -> None:
        """Save what is shown, to be looked at."""
        self.page.screenshot(path=folder / f"{name}.png")

    def plays(self) -> int:
        """Wait until the match is drawn and return the own seat; -1 of a spectator."""
        self.page.locator(".hud-bottom").wait_for()
        return int(self.page.locator("main.match").get_attribute("data-seat") or "-1")


PHONE: Final = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 1,
}


@contextmanager
def visitors() -> Iterator[Callable[..., Visitor]]:
    """Start a browser; what is yielded opens a visitor of a session of its own.

    Its arguments are those of Playwright's contexts, such as `PHONE`.
    """
    assert CHROMIUM is not None
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        try:
            # A small picture: the processor draws it.
            usual = {"locale": "en-GB", "viewport": {"width": 480, "height": 320}}

            def visitor(**more: Any) -> Visitor:
                return Visitor(browser.new_context(**{**usual, **more}))

            yield visitor
        finally:
            browser.close()


async def driven(drive: Callable[[], T]) -> T:
    """Run what drives a browser in a thread, since its library waits in one."""
    return await trio.to_thread.run_sync(drive, abandon_on_cancel=True)
