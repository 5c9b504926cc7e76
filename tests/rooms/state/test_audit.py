"""The book of reports: which of them gives way in a full book, and to what attack."""

from hypothesis import given
from hypothesis import strategies as st

from gameserver.ids import LobbyId, PlayerId
from gameserver.rooms.state.audit import PlayerReport, ReportBook

MOST = 300
SHARE = 15


class Desk:
    """A full book's worth of reports, by source and accused."""

    def __init__(self, most: int = MOST) -> None:
        self.book = ReportBook(most)

    def report(self, accused: str, source: str, settled_by: str = "") -> int:
        number = self.book.last + 1
        self.book.put(
            PlayerReport(
                number=number,
                at_ms=number,
                reporter=PlayerId(source),
                reporter_name=source,
                accused=PlayerId(accused),
                accused_name=accused,
                accused_address="",
                lobby_id=LobbyId(""),
                lobby_title="",
                text="",
                lines=(),
                settled_by=settled_by,
                source=source,
            )
        )
        return number

    def about(self, accused: str) -> int:
        return sum(each.accused == accused for each in self.book.by_number.values())


def test_a_flood_from_many_addresses_about_many_players_leaves_whom_more_addresses_report() -> None:
    desk = Desk()
    for n in range(10):
        desk.report("Eve", f"honest {n}")
    for n in range(640):
        desk.report(f"accused {n % 100}", f"flooder {n}")
    assert desk.about("Eve") == 10


def test_a_flood_from_many_addresses_about_few_players_drives_out_its_own() -> None:
    desk = Desk()
    for n in range(10):
        desk.report("Eve", f"honest {n}")
    lone = desk.report("Mallory", "honest 3")
    for n in range(640):
        desk.report(f"accused {n % 10}", f"flooder {n}")
    assert desk.about("Eve") == 10
    assert lone in desk.book.by_number


def test_a_player_whom_many_report_does_not_lose_first() -> None:
    desk = Desk()
    for n in range(SHARE):
        desk.report("Eve", f"honest {n}")
    for n in range(MOST):
        desk.report(f"accused {n}", f"other {n}")
    assert desk.about("Eve") == SHARE


def test_a_new_report_stays_in_a_book_that_a_flood_has_filled() -> None:
    desk = Desk()
    for n in range(2 * MOST):
        desk.report(f"accused {n % 30}", f"flooder {n}")
    # Two of one address, such as of two players behind one line.
    new = {desk.report("Eve", "home"), desk.report("Eve", "home")}
    for n in range(MOST // 2 - 1):
        desk.report(f"accused {n % 30}", f"flooder {n}")
    assert new <= desk.book.by_number.keys()


def test_of_a_source_above_its_share_the_oldest_goes_and_nobody_elses() -> None:
    desk = Desk()
    others = {desk.report(f"accused {n}", f"other {n}") for n in range(MOST - SHARE)}
    of_one = [desk.report(f"one {n}", "flooder") for n in range(100)]
    assert desk.book.by_number.keys() == others | set(of_one[-SHARE:])


def test_of_an_accused_above_the_share_each_source_keeps_its_newest() -> None:
    desk = Desk()
    for n in range(MOST - SHARE):
        desk.report(f"accused {n}", f"other {n}")
    first = desk.report("Eve", "honest")
    twice = [desk.report("Eve", "again") for _ in range(2)]
    for n in range(SHARE - 2):
        desk.report("Eve", f"more {n}")
    assert desk.about("Eve") == SHARE
    assert first in desk.book.by_number
    assert [number in desk.book.by_number for number in twice] == [False, True]


@given(st.lists(st.integers(1, 2), min_size=20, max_size=80))
def test_the_newest_half_stays_if_nobody_has_more_than_the_share(crowds: list[int]) -> None:
    desk = Desk(40)
    assert desk.book.share == 2
    for n, reporters in enumerate(crowds):
        for each in range(reporters):
            number = desk.report(f"accused {n}", f"source {n} {each}")
            assert set(range(max(1, number - 19), number + 1)) <= desk.book.by_number.keys()
            assert len(desk.book.by_number) == min(40, number)
