"""Games of which the pages know nothing: drawn and played by their schemas."""

import re
from collections.abc import Callable
from pathlib import Path

import trio

from examples.tag import Tag
from gameserver.client import ClientSettings, open_client
from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.e2e.program import gather, program, start

pytestmark = needs_pages


async def played(tmp_path: Path, game: str, play: Callable[[Visitor], None]) -> None:
    """Let somebody play an example against four bots."""

    def begin(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.page.locator(".ranks li").nth(4).wait_for()
        ann.page.keyboard.press("F2")
        play(ann)
        ann.picture(tmp_path, "played")

    await alone(tmp_path, game, begin)


def value_of(visitor: Visitor, name: str) -> str:
    """Return what the inspector shows of a field."""
    row = visitor.page.locator(".inspector dl div", has_text=re.compile(f"^{name}"))
    return row.locator("dd").inner_text()


async def test_a_runner_of_tag_runs_where_the_keys_send_it(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        assert ann.page.locator(".inspector h3").inner_text() == "Runner"
        assert value_of(ann, "name") == "Ann"
        place = value_of(ann, "x"), value_of(ann, "y")
        for key in "dsaw":  # one of them is not against a wall
            ann.page.keyboard.down(key)
            ann.page.wait_for_timeout(300)
            ann.page.keyboard.up(key)
        ann.page.keyboard.down("d")
        ann.page.keyboard.down("s")
        waits_for(ann, lambda: (value_of(ann, "x"), value_of(ann, "y")) != place)
        ann.hears("was it")

    await played(tmp_path, "examples.tag:Tag", play)


async def test_cards_are_turned_by_clicks(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        ann.page.locator(".board dd", has_text="Ann").wait_for()
        for aside in (21, -21):  # the two cards below the middle of the table
            ann.page.mouse.move(240 + aside, 160 + 21)
            ann.page.mouse.down()
            ann.page.mouse.up()
            waits_for(ann, lambda: len(value_of(ann, "label")) == 1)
        assert ann.page.locator(".inspector h3").inner_text() == "Card"

    await played(tmp_path, "examples.pairs:Pairs", play)


async def test_a_draw_is_told_as_one_and_who_is_level_shares_a_rank(tmp_path: Path) -> None:
    """Of three who stand still one is it, and the others never were."""
    plays = ClientSettings(game=Tag())
    async with (
        program(tmp_path, "--game", "examples.tag:Tag", "--seed", "3") as server,
        open_client(server.url, "Bo", plays) as bo,
        open_client(server.url, "Cy", plays) as cy,
    ):
        lobby = await gather(bo, cy, length_s=10)

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser()
                address = server.url.replace("ws:", "http:")
                ann.page.goto(f"{address}/join/{lobby.lobby.invite_code}")
                ann.sign_in("Ann", "Join the lobby")
                ann.clicks("Ready")
                trio.from_thread.run(start, bo, cy)
                ann.page.get_by_role("heading", name="Draw", level=1).wait_for()
                ann.hears("Nobody wins")
                ann.picture(tmp_path, "draw")
                ranks = ann.page.locator(".results tbody td:first-child").all_inner_texts()
                assert ranks == ["1", "1", "3"]

        await driven(drive)


async def test_a_thumb_opens_the_chat(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.page.locator(".ranks li").nth(4).wait_for()
        ann.clicks("Chat")
        ann.picture(tmp_path, "writes")
        ann.say("who is it?")
        ann.hears("who is it?")

    await alone(tmp_path, "examples.tag:Tag", play, **PHONE)
