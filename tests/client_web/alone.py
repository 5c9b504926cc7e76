"""One player alone in a browser, in a lobby with four bots that is about to begin."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.client_web.browser import Visitor, driven, visitors
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program


async def alone(folder: Path, game: str, play: Callable[[Visitor], None], **context: Any) -> None:
    """Let a visitor of Playwright's ``context`` play a game, without a fault of page or server."""
    async with program(folder, "--game", game) as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser(**context)
                ann.page.goto(server.url.replace("ws:", "http:"))
                ann.sign_in("Ann", "Show the lobbies")
                creates_a_lobby(ann, "With bots", Bots_in_free_seats=4)
                play(ann)
                assert ann.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()


def waits_for(visitor: Visitor, true: Callable[[], bool]) -> None:
    for _ in range(400):
        if true():
            return
        visitor.page.wait_for_timeout(50)
    raise AssertionError("it did not come true")
