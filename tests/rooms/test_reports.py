"""Reports of players about others: what is kept of them, and what makes room in a full book."""

from gameserver.errors import Code
from gameserver.messages import chat
from gameserver.messages.session import ReportPlayer
from gameserver.rooms.state import orders
from tests.rooms.party import Party, refused_with
from tests.rooms.test_oversight import order


def test_a_report_has_the_chat_that_its_reporter_could_read() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    carl = party.guest("Carl")
    bob.say("in the lobby")
    bob.say("to all", chat.Channel.GLOBAL)
    bob.whisper(ann, "to Ann")
    bob.whisper(carl, "to Carl")
    ann.ask(chat.MuteChat(bob.player_id, True))
    ann.ask(ReportPlayer(bob.player_id, "rude\x1b[2J"))
    report = party.hall.parts.state.reports.by_number[1]
    said = [line.text for line in report.lines if line.sender]
    assert said == ["in the lobby", "to all", "to Ann"]
    assert (report.accused_name, report.reporter_name, report.text) == ("Bob", "Ann", "rude[2J")
    order(party, orders.SettleReport(1))
    assert party.hall.parts.state.reports.by_number[1].settled_by == "root"


def test_many_reports_are_refused_and_the_oldest_settled_one_makes_room() -> None:
    party = Party(reports=2, reports_burst=3)
    ann, bob = party.group("Ann", "Bob")
    for _ in range(2):
        ann.ask(ReportPlayer(bob.player_id))
    order(party, orders.SettleReport(2))
    ann.ask(ReportPlayer(bob.player_id))
    assert list(party.hall.parts.state.reports.by_number) == [1, 3]
    refused_with(Code.RATE_LIMITED, ann, ReportPlayer(bob.player_id))
    refused_with(Code.PLAYER_UNKNOWN, ann, ReportPlayer(ann.player_id))


def test_a_flood_of_reports_drives_out_its_own_and_not_those_of_others() -> None:
    party = Party(reports=30)
    eve = party.guest("Eve", "192.0.2.9")
    honest = [party.guest(f"Honest {n}", f"198.51.100.{n}") for n in range(10)]
    for guest in honest:
        guest.ask(ReportPlayer(eve.player_id, "spam"))
    for n in range(60):
        flooder = party.guest(f"Flooder {n}", f"203.0.113.{n}")
        for _ in range(5):
            flooder.ask(ReportPlayer(honest[0].player_id, "junk"))
    kept = party.hall.parts.state.reports.by_number
    assert len(kept) == 30
    assert {each.reporter for each in kept.values()} >= {each.player_id for each in honest}
    # Also against as many addresses as there is room: whom the flood is about has enough of them.
    for n in range(100):
        party.guest(f"More {n}", f"192.0.2.{100 + n}").ask(ReportPlayer(honest[0].player_id))
    assert sum(each.accused == eve.player_id for each in kept.values()) == 10
