"""Two people with pages of one server, each by itself or together in a lobby."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.client_web.browser import Visitor, driven, visitors
from tests.client_web.operator import WIDE
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

Meet = Callable[[Visitor, Visitor, str], None]
"""What two visitors do; it is given them and the server's address for pages."""


async def pair(
    folder: Path,
    meet: Meet,
    *arguments: str,
    first: Mapping[str, Any] = WIDE,
    second: Mapping[str, Any] = WIDE,
) -> None:
    """Let two visitors of these Playwright contexts do something, without a fault of a page or of
    the server, which has these further arguments.
    """
    async with program(folder, *arguments) as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo = open_browser(**first), open_browser(**second)
                meet(ann, bo, server.url.replace("ws:", "http:"))
                assert ann.faults == bo.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()


def gather(ann: Visitor, bo: Visitor, address: str, *, name: str = "Bo", **sliders: int) -> str:
    """Let Ann create a lobby, and somebody else come in by its invite link; return the link."""
    ann.page.goto(address)
    ann.sign_in("Ann", "Show the lobbies")
    link = creates_a_lobby(ann, "Friday night", **sliders)
    bo.page.goto(link)
    bo.sign_in(name, "Join the lobby")
    bo.sees("Friday night")
    return link
