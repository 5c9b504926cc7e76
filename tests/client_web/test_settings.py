"""The settings over the screens outside a match."""

from pathlib import Path

from tests.client_web.browser import Visitor, needs_pages
from tests.client_web.operator import WIDE
from tests.client_web.pair import gather, pair

pytestmark = needs_pages


async def test_settings_that_are_open_when_a_match_begins_are_closed_behind_it(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        gather(ann, bo, address)
        bo.clicks("Ready")
        bo.clicks("Settings")
        dialog = bo.page.get_by_role("dialog", name="Settings")
        dialog.wait_for()
        ann.clicks("Ready")
        bo.plays()
        bo.page.keyboard.press("Escape")
        bo.clicks("Leave the match")
        bo.sees("Friday night")
        assert dialog.count() == 0
        bo.clicks("Settings")  # the match is still on
        dialog.wait_for()

    await pair(tmp_path, meet, first=WIDE, second=WIDE)
