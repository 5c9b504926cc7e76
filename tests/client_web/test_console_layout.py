"""Whether what the operator's console shows has its room."""

import json
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Route

from tests.client_web.browser import driven, needs_pages
from tests.client_web.operator import OperatorPage, at_the_console, overseen

pytestmark = needs_pages

TOO_WIDE = """() => [...document.querySelectorAll(".tiles li")]
  .filter((tile) => tile.scrollWidth > tile.clientWidth).map((tile) => tile.textContent)"""


@pytest.mark.parametrize(("strain", "words"), [(1, "half the snapshots"), (3, "no new matches")])
async def test_the_words_of_an_overload_stay_in_their_tile(
    tmp_path: Path, strain: int, words: str
) -> None:
    def overload(route: Route) -> None:
        response = route.fetch()
        told = response.json()
        for sample in told["samples"]:
            sample["strain"] = strain
        route.fulfill(response=response, body=json.dumps(told))

    def look(nora: OperatorPage) -> None:
        nora.page.locator("[data-figure=Overload]").filter(has_text=words).wait_for()
        assert nora.page.evaluate(TOO_WIDE) == []
        nora.visitor.picture(tmp_path, "overload")

    def sign_in(nora: OperatorPage) -> None:
        nora.page.route("**/samples?*", overload)
        nora.page.reload()
        look(nora)

    async with overseen(tmp_path) as (_, address):
        await driven(partial(at_the_console, address, sign_in))
