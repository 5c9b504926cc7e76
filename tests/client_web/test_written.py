"""Lines that are written in the pages: whom they reach, and which stay in their field."""

from pathlib import Path

from tests.client_web.browser import driven, needs_pages, visitors
from tests.client_web.operator import WIDE
from tests.client_web.test_playing import creates_a_lobby
from tests.client_web.test_whispers import sees_whispers
from tests.e2e.program import program

pytestmark = needs_pages


async def test_a_whisper_that_goes_wrong_is_sent_to_nobody(tmp_path: Path) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws:", "http:")

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo = open_browser(**WIDE), open_browser(**WIDE)
                for name, each in (("Ann", ann), ("Bo Li", bo)):
                    each.page.goto(address)
                    each.sign_in(name, "Show the lobbies")
                    each.sees("Lobbies", exact=True)
                field = ann.page.get_by_label("Say something")
                for wrong in ("/w", "/w Bo", '/w "Bo Li"', '/w "Bo Li', "/unknown x"):
                    ann.say(wrong)
                    ann.hears('/w "name with spaces" text')
                    assert field.input_value() == wrong
                for right in ('/w "Bo Li" one', "/W “Bo Li” two"):
                    ann.say(right)
                    bo.hears(right[-3:])
                ann.say("hello, all")
                bo.hears("hello, all")
                said = bo.page.locator(".chat .line").all_inner_texts()
                assert [" ".join(line.split()[1:]) for line in said] == [
                    "Ann whispers to you one",
                    "Ann whispers to you two",
                    "Ann hello, all",
                ]
                assert ann.faults == bo.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()


async def test_the_tab_of_whispers_answers_the_last_one_and_a_member_s_menu_begins_one(
    tmp_path: Path,
) -> None:
    async with program(tmp_path) as server:
        address = server.url.replace("ws:", "http:")

        def drive() -> None:
            with visitors() as open_browser:
                ann, bo = open_browser(**WIDE), open_browser(**WIDE)
                ann.page.goto(address)
                ann.sign_in("Ann", "Show the lobbies")
                link = creates_a_lobby(ann, "Friday night")
                bo.page.goto(link)
                bo.sign_in("Bo Li", "Join the lobby")
                bo.sees("Friday night")
                field = bo.page.get_by_label("Say something")
                bo.clicks("Whispers")
                bo.say("to whom?")
                bo.hears('/w "name with spaces" text')
                assert field.input_value() == "to whom?"
                field.fill("")
                ann.clicks("What to do with Bo Li")
                ann.clicks("Whisper")
                own = ann.page.get_by_label("Say something")
                assert own.input_value() == '/w "Bo Li" '
                ann.page.keyboard.type("psst")  # the field has the focus
                own.press("Enter")
                assert sees_whispers(bo, 1) == ["Ann whispers to you psst"]
                bo.page.get_by_text("to Ann", exact=True).wait_for()
                bo.say("what is it?")
                ann.hears("what is it?")
                assert sees_whispers(ann, 2)[1] == "Bo Li whispers to you what is it?"
                bo.picture(tmp_path, "bo-answered")
                assert ann.faults == bo.faults == []

        await driven(drive)
        server.assert_same_process_without_faults()
