"""Whispers in the pages: where they are seen, how a new one is marked; and typing notices."""

from pathlib import Path

from playwright.sync_api import WebSocketRoute

from tests.client_web.alone import waits_for
from tests.client_web.browser import PHONE, Visitor, needs_pages
from tests.client_web.pair import gather, pair
from tests.client_web.test_playing import creates_a_lobby

pytestmark = needs_pages


def lines(visitor: Visitor) -> list[str]:
    return visitor.page.locator(".chat .line.whisper").all_inner_texts()


def sees_whispers(visitor: Visitor, count: int) -> list[str]:
    waits_for(visitor, lambda: len(lines(visitor)) == count)
    return [" ".join(line.split()[1:]) for line in lines(visitor)]


async def test_a_whisper_is_in_sight_in_each_tab_and_counted_until_it_is_read(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        gather(ann, bo, address)
        ann.say("/w Bo psst, over here")
        assert sees_whispers(ann, 1) == ["Ann whispers to Bo psst, over here"]
        # Bo's chat is below what the phone shows.
        bo.hears("Ann whispers: psst, over here")
        assert sees_whispers(bo, 1) == ["Ann whispers to you psst, over here"]
        bo.picture(tmp_path, "bo-whispered")
        count = bo.page.locator(".segments .count")
        bo.page.reload()
        bo.sees("Friday night")
        assert count.count() == 0  # the line was shown between those of the lobby
        bo.clicks("Whispers")
        ann.say("for all to read")
        bo.clicks("Lobby, 1 new")
        sees_whispers(bo, 1)
        assert count.count() == 0
        bo.clicks("Leave the lobby")
        bo.sees("Lobbies", exact=True)
        bo.page.goto("about:blank")
        ann.say("/w Bo are you there?")
        sees_whispers(ann, 2)
        bo.page.goto(address)
        bo.clicks("Whispers, 1 new")
        assert sees_whispers(bo, 2)[1] == "Ann whispers to you are you there?"
        bo.clicks("Everyone")
        assert count.count() == 0
        bo.say("/w Ann what is it?")
        sees_whispers(ann, 3)
        assert ann.page.locator(".segments .count").count() == 0
        assert ann.page.locator(".toast").is_hidden()  # Ann has seen the line itself
        ann.picture(tmp_path, "ann-whispered")

    await pair(tmp_path, meet, second=PHONE)


async def test_a_line_that_was_shown_over_a_match_is_read(tmp_path: Path) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        gather(ann, bo, address, Bots_in_free_seats=4)
        for each in (ann, bo):
            each.clicks("Ready")
        for each in (ann, bo):
            each.page.locator(".match-chat").wait_for(state="attached")
        ann.page.keyboard.press("Enter")
        ann.say("/w Bo the star is top left")
        bo.page.locator(".match-chat").get_by_text("the star is top left").wait_for()
        bo.page.keyboard.press("Escape")
        bo.clicks("Leave the lobby")
        bo.sees("Lobbies", exact=True)
        bo.picture(tmp_path, "bo-back")
        assert bo.page.locator(".segments .count").count() == 0
        bo.clicks("Whispers")
        sees_whispers(bo, 1)

    await pair(tmp_path, meet, "--game", "examples.pairs:Pairs")


async def test_a_refused_history_of_whispers_keeps_nobody_from_a_lobby(tmp_path: Path) -> None:
    refused: list[bytes | str] = []

    def outward(line: WebSocketRoute) -> None:
        """Let a page ask for the lines of a team that it does not have."""
        onward = line.connect_to_server()

        def sent(message: bytes | str) -> None:
            if isinstance(message, bytes) and b"chat.history" in message:
                changed = message.replace(b"\xa7whisper", b"\xa4team")
                if changed != message:
                    refused.append(message)
                message = changed
            onward.send(message)

        line.on_message(sent)

    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        ann.page.goto(address)
        ann.sign_in("Ann", "Show the lobbies")
        link = creates_a_lobby(ann, "Friday night")
        bo.page.route_web_socket("**", outward)
        bo.page.goto(link)
        bo.sign_in("Bo", "Join the lobby")
        bo.sees("Friday night")
        assert len(refused) == 1

    await pair(tmp_path, meet)


async def test_typing_is_shown_until_the_line_or_four_seconds_and_not_for_a_whisper(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        for name, each in (("Ann", ann), ("Bo", bo)):
            each.page.goto(address)
            each.sign_in(name, "Show the lobbies")
            each.sees("Lobbies", exact=True)
        field = bo.page.get_by_label("Say something")
        typing = ann.page.get_by_text("Bo: typing…")
        field.fill("/w Ann a secret")
        bo.page.wait_for_timeout(500)
        assert typing.count() == 0
        field.fill("no secret")
        typing.wait_for()
        field.press("Enter")
        typing.wait_for(state="detached", timeout=2000)
        field.fill("no, nothing")
        typing.wait_for()
        field.fill("")
        typing.wait_for(state="detached", timeout=8000)

    await pair(tmp_path, meet)
