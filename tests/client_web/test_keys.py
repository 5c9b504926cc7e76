"""Changed keys: they are kept, play Arena and any other game, and the help names them."""

from pathlib import Path

import msgpack

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import Visitor, needs_pages
from tests.client_web.test_any_game import value_of
from tests.client_web.test_unseen import HEARS_WHAT_IS_SENT

pytestmark = needs_pages

NORTH, ROCKET = 7, 8
"""The value of a command's `move`, and where `rocket` is in an input message."""


def tab_to(visitor: Visitor, name: str) -> None:
    """Press Tab until the button whose text begins so has the focus."""
    for _ in range(40):
        visitor.page.keyboard.press("Tab")
        focused = visitor.page.locator(":focus")
        if focused.count() and focused.inner_text().startswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name}")


def binds(visitor: Visitor, name: str, key: str) -> None:
    """Change a key by the keyboard alone."""
    tab_to(visitor, name)
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("Press a key…").wait_for()
    visitor.page.keyboard.press(key)
    visitor.page.get_by_text("Press a key…").wait_for(state="hidden")


def sent(visitor: Visitor) -> list[list[int]]:
    rows = [msgpack.unpackb(bytes(each)) for each in visitor.page.evaluate("sent")]
    return [row for row in rows if row[0] == 1]


async def test_keys_of_arena_are_changed_without_a_mouse_kept_and_used(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        page = ann.page
        page.evaluate(HEARS_WHAT_IS_SENT)
        ann.clicks("Ready")
        ann.plays()
        page.keyboard.press("Escape")
        tab_to(ann, "Change the keys")
        page.keyboard.press("Enter")
        binds(ann, "Up", "i")
        binds(ann, "Rocket", "i")
        shared = page.locator(".key-choice li", has_text="also:")
        assert shared.locator("small").all_inner_texts() == ["also: Rocket", "also: Up"]
        ann.picture(tmp_path, "conflict")
        binds(ann, "Rocket", "r")
        assert shared.count() == 0
        tab_to(ann, "Chat")
        page.keyboard.press("Enter")
        page.keyboard.press("F5")
        ann.hears("The browser needs this key itself")
        page.keyboard.press("Escape")
        binds(ann, "Chat", "t")
        tab_to(ann, "Back")
        page.keyboard.press("Enter")
        help_of = page.get_by_role("list", name="Keys")
        assert help_of.locator("li").first.inner_text() == "run: I A S D or arrows"
        assert "rocket: R " in help_of.inner_text()
        page.keyboard.press("Escape")

        page.evaluate("sent = []")
        page.keyboard.down("i")
        waits_for(ann, lambda: any(row[5] == NORTH for row in sent(ann)))
        page.keyboard.up("i")
        page.keyboard.press("r")
        waits_for(ann, lambda: any(row[ROCKET] for row in sent(ann)))
        page.evaluate("sent = []")
        page.keyboard.down("w")  # it runs no more
        waits_for(ann, lambda: len(sent(ann)) > 10)
        assert {row[5] for row in sent(ann)} == {0}
        page.keyboard.up("w")
        page.keyboard.press("t")
        ann.say("by another key")
        ann.hears("by another key")

        page.reload()
        ann.plays()
        page.keyboard.press("Escape")
        ann.hears("run: I A S D or arrows")
        ann.clicks("Change the keys")
        ann.clicks("All as they were")
        ann.clicks("Back")
        ann.hears("run: W A S D or arrows")

    await alone(tmp_path, "arena", play, viewport={"width": 1280, "height": 720})


async def test_keys_of_another_game_are_its_own(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        page = ann.page
        ann.clicks("Ready")
        page.locator(".ranks li").first.wait_for()
        page.keyboard.press("F2")
        page.locator(".inspector h3").wait_for()
        page.keyboard.press("Escape")
        ann.clicks("Change the keys")
        binds(ann, "fire", "g")
        tab_to(ann, "Back")
        page.keyboard.press("Enter")
        page.get_by_role("dialog").get_by_text("fire: G").wait_for()
        page.keyboard.press("Escape")
        assert page.locator(".act kbd").all_inner_texts() == ["G"]
        page.keyboard.press("t")  # what the author bound
        page.keyboard.press("g")
        waits_for(ann, lambda: value_of(ann, "turns") == "1")
        page.keyboard.press("g")
        waits_for(ann, lambda: value_of(ann, "turns") == "2")

    await alone(tmp_path, "tests.client_web.regatta:Regatta", play)


async def test_the_settings_change_keys_before_a_match_and_keep_no_nonsense(
    tmp_path: Path,
) -> None:
    def play(ann: Visitor) -> None:
        page = ann.page
        ann.clicks("Leave the lobby")
        kept = '{"up": 5, "left": "KeyJ", "down": "Escape", "x": "<b>"}'
        page.evaluate(f"localStorage.setItem('gameserver.keys', '{kept}')")
        page.reload()
        ann.sees("Lobbies", exact=True)
        ann.clicks("Settings")
        names = page.locator(".key-choice kbd").all_inner_texts()
        assert names[:4] == ["W", "J", "S", "D"]
        tab_to(ann, "Dash")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")  # it keeps the key, and the settings stay
        binds(ann, "Dash", "q")
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")
        saved = page.evaluate("JSON.parse(localStorage.getItem('gameserver.keys'))")
        assert saved == {"left": "KeyJ", "dash": "KeyQ"}

    await alone(tmp_path, "arena", play)
