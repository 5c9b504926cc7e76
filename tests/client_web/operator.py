"""An operator at the console, in a real browser."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

from gameserver.client import Client, Closed
from gameserver.messages.forms import GetLobbyForm
from gameserver.messages.lobby import CreateLobby, JoinLobby
from tests.client_web.browser import Visitor, visitors
from tests.e2e.program import Running, program, until

SECRET: Final = "correct-horse-battery"
TABS: Final = ("Overview", "Sessions", "Lobbies", "Matches", "Reports", "Bans", "Audit")
WIDE: Final = {"viewport": {"width": 1280, "height": 720}}


class OperatorPage:
    """An operator at the console."""

    def __init__(self, visitor: Visitor, address: str) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.page.on("dialog", lambda dialog: self.visitor.faults.append(dialog.message))
        self.page.goto(f"{address}/console")

    def sign_in(self, secret: str = SECRET, name: str = "Nora") -> None:
        self.page.get_by_label("Secret").fill(secret)
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_role("button", name="Sign in").click()

    def goes_to(self, tab: str) -> None:
        self.page.get_by_role("link", name=tab).click()
        self.page.get_by_role("region", name=tab).wait_for()

    def opens(self, row: str) -> None:
        self.page.locator("tbody .link").filter(has_text=row).first.click()
        self.page.locator(".drawer dl").wait_for()

    def does(self, button: str, *, reason: str = "", confirm: str = "", **fields: str) -> None:
        """Press a button of an act, fill the dialog, and do it."""
        self.page.get_by_role("button", name=button).first.click()
        dialog = self.page.get_by_role("dialog")
        for label, value in fields.items():
            dialog.get_by_label(label.replace("_", " ")).fill(value)
        dialog.get_by_label("Reason").fill(reason)
        confirm = confirm or button.removesuffix("\u2026")
        dialog.get_by_role("button", name=confirm, exact=True).click()
        dialog.wait_for(state="detached")

    def reads(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def faults(self) -> list[str]:
        """Return what the page complained of.

        That nobody was signed in at first is no fault, nor that what was closed is gone.
        """
        usual = ("status of 401", "status of 404")
        return [each for each in self.visitor.faults if not any(word in each for word in usual)]

    def breadth(self) -> tuple[int, int]:
        """Return the width of the page and that of the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth")
        window: int = self.page.evaluate("innerWidth")
        return wide, window


@asynccontextmanager
async def overseen(tmp_path: Path, *more: str) -> AsyncIterator[tuple[Running, str]]:
    async with program(tmp_path, "--console-secret", SECRET, *more) as running:
        yield running, running.url.replace("ws:", "http:")
        running.assert_same_process_without_faults()
        assert SECRET not in running.log.read_text("utf-8")


@contextmanager
def operator(address: str, size: dict[str, Any] = WIDE) -> Iterator[OperatorPage]:
    with visitors() as open_browser:
        yield OperatorPage(open_browser(**size), address)


def at_the_console(address: str, drive: Callable[[OperatorPage], None], **size: Any) -> None:
    """Sign in, do something, and see the page complain of nothing."""
    with operator(address, size or WIDE) as nora:
        nora.sign_in()
        drive(nora)
        assert nora.faults() == []


async def room_of(host: Client, title: str, *guests: Client) -> str:
    form = await host.request(GetLobbyForm())
    config = form.default.__class__(title=title, map=form.default.map, size=form.default.size)
    created = await host.request(CreateLobby(config))
    for guest in guests:
        await guest.request(JoinLobby(lobby_id=created.lobby.lobby_id))
    return str(created.lobby.lobby_id)


async def over(client: Client) -> str:
    await until(lambda: isinstance(client.status, Closed))
    assert isinstance(client.status, Closed)
    return str(client.status.code)
