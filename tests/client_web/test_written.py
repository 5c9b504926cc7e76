"""Lines that are written in the pages: whom they reach, and which stay in their field."""

from pathlib import Path

from tests.client_web.browser import Visitor, needs_pages
from tests.client_web.pair import gather, pair
from tests.client_web.test_whispers import sees_whispers

pytestmark = needs_pages


async def test_a_whisper_that_goes_wrong_is_sent_to_nobody(tmp_path: Path) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
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

    await pair(tmp_path, meet)


async def test_the_tab_of_whispers_answers_the_last_one_and_a_member_s_menu_begins_one(
    tmp_path: Path,
) -> None:
    def meet(ann: Visitor, bo: Visitor, address: str) -> None:
        gather(ann, bo, address, name="Bo Li")
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

    await pair(tmp_path, meet)
