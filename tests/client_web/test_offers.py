"""What the pages offer: bots for who is alone, the way back, the text that was refused."""

from pathlib import Path

from tests.client_web.alone import alone, waits_for
from tests.client_web.browser import PHONE, Visitor, driven, needs_pages, visitors
from tests.client_web.test_playing import creates_a_lobby
from tests.e2e.program import program

pytestmark = needs_pages

ON_ITS_SIDE = {**PHONE, "viewport": {"width": 844, "height": 390}}
UNSTEADY = """() => {
  const banner = document.createElement("p");
  banner.className = "glass banner warn";
  banner.textContent = "Your connection is unsteady: answers come up to 0.9 s late.";
  document.querySelector(".hud-top").append(banner);
  const [a, b] = [banner, document.querySelector(".corner")].map((e) => e.getBoundingClientRect());
  return a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
}"""


async def test_who_is_alone_on_a_map_for_two_starts_with_bots_at_once(tmp_path: Path) -> None:
    async with program(tmp_path, "--game", "examples.pairs:Pairs") as server:

        def drive() -> None:
            with visitors() as open_browser:
                ann = open_browser()
                ann.page.goto(server.url.replace("ws:", "http:"))
                ann.sign_in("Ann", "Show the lobbies")
                creates_a_lobby(ann, "Nobody else", Bots_in_free_seats=0)
                ann.hears("A match on this map needs 2 players; here are 1, bots included")
                ann.picture(tmp_path, "alone")
                ann.clicks("Add bots and start")
                ann.page.locator(".ranks li").nth(1).wait_for()
                assert ann.faults == []

        await driven(drive)


async def test_who_has_left_people_behind_is_offered_the_way_back(tmp_path: Path) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws:", "http:")

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo = open_browser(), open_browser()
                ann.page.goto(address)
                ann.sign_in("Ann", "Show the lobbies")
                link = creates_a_lobby(ann, "Friends")
                back = f"Join the lobby {link.rpartition('/')[2]}"
                ann.clicks("Leave the lobby")
                ann.sees("Lobbies", exact=True)
                assert ann.page.get_by_role("button", name="Join the lobby").count() == 0
                link = creates_a_lobby(ann, "Friends")
                back = f"Join the lobby {link.rpartition('/')[2]}"
                bo.page.goto(link)
                bo.sign_in("Bo", back)
                bo.sees("Friends")
                bo.clicks("Leave the lobby")
                bo.clicks(back)
                bo.sees("Friends")
                bo.clicks("Leave the lobby")
                bo.clicks("Sign out")
                bo.clicks(back)
                bo.sees("Friends")
                assert ann.faults == bo.faults == []

        await driven(drive)


async def test_a_refused_line_comes_back_to_the_chat_of_a_match_with_the_reason(
    tmp_path: Path,
) -> None:
    def play(ann: Visitor) -> None:
        page = ann.page
        ann.clicks("Ready")
        ann.plays()
        page.keyboard.press("F3")
        ann.sets("lag", 200)  # so that nothing is answered before the next line is sent
        page.keyboard.press("F3")
        for line in ("over here", "over here", "on my way"):  # the second one is refused
            page.keyboard.press("Enter")
            ann.say(line)
            waits_for(ann, lambda: page.get_by_label("Say something").count() == 0)
        page.locator(".toast").get_by_text("You have just said that.").wait_for()
        ann.hears("on my way")
        page.keyboard.press("Enter")
        waits_for(ann, lambda: page.get_by_label("Say something").input_value() == "over here")
        page.locator(".refused").wait_for()
        ann.picture(tmp_path, "refused")
        ann.say("over there")
        ann.hears("over there")
        page.keyboard.press("Enter")
        assert page.get_by_label("Say something").input_value() == ""
        assert page.locator(".refused").count() == 0

    await alone(tmp_path, "arena", play)


async def test_a_phone_on_its_side_shows_fields_and_hides_no_button(tmp_path: Path) -> None:
    def play(ann: Visitor) -> None:
        ann.clicks("Ready")
        ann.plays()
        ann.page.locator(".corner").get_by_role("button", name="Menu").tap()
        ann.page.get_by_role("dialog").get_by_role("button", name="Inspect").tap()
        ann.page.locator(".inspector h3").wait_for()
        assert ann.page.evaluate(UNSTEADY)
        ann.picture(tmp_path, "unsteady")

    await alone(tmp_path, "arena", play, **ON_ITS_SIDE)
