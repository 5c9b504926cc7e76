"""Cells by themselves: what each window holds, and which cells advance at which snapshots."""

from typing import ClassVar

import attrs
import pytest

from gameserver.accel import hot
from gameserver.game.entity import Entity, Event
from gameserver.game.fields import Audience
from gameserver.game.interest import Interest
from gameserver.game.schema.table import table_of
from gameserver.ids import NO_SEAT, EntityId, PlayerId, Seat, Tick
from gameserver.match.cells import SLOWER, Cells
from gameserver.match.chain import forgotten
from gameserver.match.viewers import PAUSE_S, Viewer
from gameserver.match.windows import ViewWindow
from gameserver.netcode.replication.decoder import SectionDecoder
from gameserver.netcode.replication.grid import Cell
from gameserver.netcode.replication.sections import MOST_CELLS, Rate, cell_section
from gameserver.netcode.timing.steering import LeadSteering, link_rules
from gameserver.protocol.deltas import decode_delta, join_delta
from gameserver.protocol.hot import encode_section
from gameserver.testing.skirmish import Board, Runner, Skirmish, Thrown

RATE = 30
SIDE = 9
"""Rows and columns of the test's world; a cell is 100 wide."""
FAR_EVERY = 4


@attrs.frozen
class Burst(Event):
    """An event with a place."""

    x: int
    y: int


class Bursting(Skirmish):
    """The skirmish with events that have a place."""

    name = "bursting"
    events: ClassVar[tuple[type[Event], ...]] = (*Skirmish.events, Burst)


class Deaf:
    """An outlet that these tests do not use."""

    def offer(self, message: bytes) -> bool:
        raise AssertionError(message)


def cells(near: int = 2, far: int = 1, bytes_per_s: int = 1000) -> Cells:
    interest = Interest(
        cell=100, eye=Runner, near=near, far=far, far_every=FAR_EVERY, bytes_per_s=bytes_per_s
    )
    return Cells(table_of(Bursting()), interest, (SIDE * 100, SIDE * 100), RATE)


def at(column: int, row: int) -> Cell:
    return Cell(row * SIDE + column)


def runner(number: int, column: int, row: int, seat: int = NO_SEAT) -> Runner:
    made = Runner(x=column * 100 + 50, y=row * 100 + 50, name="r", team=0)
    made.id, made.owner = EntityId(number), Seat(seat)
    return made


def viewer(seat: int = 0, seen: int = 100, last_sent: int = 100) -> Viewer:
    link, steering = hot.link_measure(link_rules(RATE)), LeadSteering(RATE)
    made = Viewer(PlayerId(f"p{seat}"), Seat(seat), Deaf(), RATE, Tick(seen), link, steering)
    made.last_sent, made.in_sync = Tick(last_sent), True
    return made


def around(column: int, row: int, least: int, most: int) -> set[Cell]:
    """Return the cells of some rings, as their definition has it."""
    return {
        at(c, r)
        for c in range(SIDE)
        for r in range(SIDE)
        if least <= max(abs(c - column), abs(r - row)) <= most
    }


def by_rate(window: ViewWindow) -> dict[Rate, set[Cell]]:
    rates: dict[Rate, set[Cell]] = {}
    for cell, rate in window.watched:
        rates.setdefault(rate, set()).add(cell)
    return rates


# --- windows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "fits"),
    [
        ((1200, 10 * MOST_CELLS // 120), True),
        ((1201, 10 * MOST_CELLS // 120), False),
        ((1200, 10 * MOST_CELLS // 120 + 1), False),
        ((1191, 10 * MOST_CELLS // 120 - 9), True),
        ((10, 10 * MOST_CELLS), True),
        ((10, 10 * MOST_CELLS + 1), False),
    ],
)
def test_a_part_of_a_cell_counts_as_a_cell(size: tuple[int, int], fits: bool) -> None:
    assert Cells.fits(Interest(cell=10, eye=Runner), size) is fits


def test_each_level_takes_a_ring_of_detail_and_the_own_cell_stays_near() -> None:
    made = cells()
    made.place([runner(1, 4, 4, seat=0)], [])
    assert made.levels == 3
    everything = around(4, 4, 0, 3)
    assert by_rate(made.window(Seat(0), 0)) == {
        Rate.NEAR: around(4, 4, 0, 2),
        Rate.FAR: around(4, 4, 3, 3),
    }
    for level, near in ((1, 2), (2, 1), (3, 0)):
        assert by_rate(made.window(Seat(0), level)) == {
            Rate.NEAR: around(4, 4, 0, near),
            Rate.SLOW: everything - around(4, 4, 0, near),
        }


def test_viewers_in_one_cell_at_one_level_have_the_same_window() -> None:
    made = cells()
    made.place([runner(1, 4, 4, 0), runner(2, 4, 4, 1), runner(3, 5, 4, 2)], [])
    window = made.window(Seat(0), 1)
    assert made.window(Seat(1), 1) is window
    assert made.window(Seat(0), 1) is window
    assert made.window(Seat(0), 2) is not window
    assert made.window(Seat(2), 1) is not window


def test_a_spectator_sees_from_the_first_seat_and_without_any_from_the_first_cell() -> None:
    made = cells()
    assert by_rate(made.window(NO_SEAT, 0))[Rate.NEAR] == around(0, 0, 0, 2)
    made.place([runner(1, 7, 7, 3), runner(2, 4, 5, 2)], [])
    assert by_rate(made.window(NO_SEAT, 0))[Rate.NEAR] == around(4, 5, 0, 2)


# --- who gets what --------------------------------------------------------------------------------


def test_viewers_are_settled_if_they_have_their_window_and_moved_otherwise() -> None:
    made = cells()
    made.place([runner(seat + 1, 4, 4, seat) for seat in range(5)], [])
    window = made.window(Seat(0), 0)
    viewers = [viewer(seat) for seat in range(5)]
    for each in viewers[:4]:
        each.window = window
    viewers[1].in_sync = False
    viewers[2].window = made.window(Seat(0), 1)
    settled, moved = made.grouped(Tick(101), viewers)
    assert settled == {window: [viewers[0], viewers[3]]}
    assert moved == [(each, window) for each in (viewers[1], viewers[2], viewers[4])]


def test_a_viewer_too_far_behind_is_left_out_and_those_after_it_are_not() -> None:
    made = cells()
    patience = int(PAUSE_S * RATE)
    late, at_the_edge = viewer(0, 100, 101 + patience), viewer(1, 100, 100 + patience)
    settled, moved = made.grouped(Tick(102 + patience), [late, at_the_edge])
    assert (list(settled), [each for each, _ in moved]) == ([], [at_the_edge])
    assert late.paused_since == 102 + patience


def test_the_detail_of_a_viewer_is_judged_when_it_is_due() -> None:
    made = cells(bytes_per_s=1000)
    one = viewer()
    one.detail.due, one.detail.bytes = 110, 1001
    for tick, level in ((109, 0), (110, 1), (139, 1)):
        made.grouped(Tick(tick), [one])
        assert one.detail.level == level
    one.detail.bytes = 1000
    made.grouped(Tick(140), [one])
    assert (one.detail.level, one.detail.due, one.detail.bytes) == (1, 170, 0)


def test_bytes_are_counted_for_the_viewers_that_were_sent_them() -> None:
    made = cells()
    one, other = viewer(0), viewer(1)
    made.sent(70, [one, other])
    made.sent(5, [one, other], [other])
    assert (one.detail.bytes, other.detail.bytes) == (75, 70)


def events_of(change: bytes) -> list[Event]:
    """Return the events in the first change of a new cell."""
    (section,) = decode_delta(join_delta(Tick(1), Tick(0), b"", [change])).sections
    decoder = SectionDecoder(table_of(Bursting()), Audience.PUBLIC)
    told = decoder.apply(section.body, keyframe=False).events
    return [row.event(**dict(zip(row.names, fields, strict=True))) for row, fields in told]


# --- events ---------------------------------------------------------------------------------------


def test_an_event_with_a_position_is_sent_in_its_cell_and_others_to_all() -> None:
    made = cells(near=0, far=1)
    board = Board(title="b")
    board.id = EntityId(9)
    entities: list[Entity] = [board, runner(1, 4, 4, 0), runner(2, 5, 4, 1)]
    here, away, outside = Burst(450, 450), Burst(551, 450), Burst(899, 899)
    general = made.place(entities, [Thrown(3), here, away, outside, Thrown(4)])
    assert general == ([board], [Thrown(3), Thrown(4)])
    own, others = made.window(Seat(0), 0), made.window(Seat(1), 0)
    made.encode(Tick(1), [own, others], [])
    for window, told in ((own, here), (others, away)):
        assert [event for section in made.deltas(window) for event in events_of(section)] == [told]


# --- chains ---------------------------------------------------------------------------------------


def test_far_and_slow_cells_advance_at_their_own_snapshots_only() -> None:
    made = cells(near=0, far=1)
    moving = runner(2, 5, 4)
    cell = at(5, 4)
    far, slow = ViewWindow(((cell, Rate.FAR),)), ViewWindow(((cell, Rate.SLOW),))
    near = ViewWindow(((cell, Rate.NEAR),))
    told: dict[str, list[int]] = {"near": [], "far": [], "slow": []}
    for snapshot in range(1, 49):
        moving.x += (-1) ** snapshot * snapshot  # no viewer can extrapolate this
        moving.x = min(max(moving.x, 510), 590)
        made.place([moving], [])
        made.encode(Tick(snapshot), [near, far, slow], [])
        for name, window in (("near", near), ("far", far), ("slow", slow)):
            if made.deltas(window):
                told[name].append(snapshot)
    slow_every = SLOWER * FAR_EVERY
    first = [1]  # a chain begins with all that is in its cell
    assert told["far"] == first + [s for s in range(2, 49) if (s + cell) % FAR_EVERY == 0]
    assert told["slow"] == first + [s for s in range(2, 49) if (s + cell) % slow_every == 0]
    assert len(told["near"]) > len(told["far"])


def test_an_empty_far_cell_is_not_sent_and_an_unchanged_one_is() -> None:
    made = cells(near=0, far=1)
    still = runner(2, 5, 4)
    full, empty = at(5, 4), at(4, 5)
    windows = [ViewWindow(((cell, Rate.FAR),)) for cell in (full, empty)]
    told: list[list[int]] = [[], []]
    for snapshot in range(1, 14):
        made.place([still], [])
        made.encode(Tick(snapshot), windows, [])
        for number, window in enumerate(windows):
            told[number] += [snapshot] * len(made.deltas(window))
    assert told == [[1] + [s for s in range(2, 14) if (s + full) % FAR_EVERY == 0], []]


def test_a_change_of_window_removes_cells_outside_and_adds_new_ones() -> None:
    made = cells(near=1, far=0)
    made.place([runner(1, 2, 4, 0), runner(2, 4, 4, 1), runner(3, 5, 5), runner(4, 6, 4)], [])
    before, now = made.window(Seat(0), 0), made.window(Seat(1), 0)
    made.encode(Tick(1), [before], [(viewer(1), now)])
    keyframe = {cell: made._chains[cell, Rate.NEAR].keyframe() for cell, _ in now.watched}
    parts = made.changes(before, now)
    gone = around(2, 4, 0, 1) - around(4, 4, 0, 1)
    new = around(4, 4, 0, 1) - around(2, 4, 0, 1)
    assert parts[: len(gone)] == [forgotten(cell_section(cell, Rate.NEAR)) for cell in sorted(gone)]
    assert parts[len(gone) :] == [keyframe[cell] for cell in sorted(new)]
    assert all(keyframe.values())
    assert forgotten(5000) == encode_section(5000, b"", keyframe=True)
    chains = [made._chains[watched] for watched in now.watched]
    assert made.changes(now, now) == [c.section() for c in chains if c.body is not None]
    assert made.keyframes(now) == [keyframe[cell] for cell, _ in now.watched]


def test_cells_that_nobody_sees_are_not_encoded_any_more() -> None:
    made = cells(near=0, far=0)
    made.place([runner(1, 2, 2, 0), runner(2, 6, 6, 1)], [])
    one, other = made.window(Seat(0), 0), made.window(Seat(1), 0)
    made.encode(Tick(1), [one], [(viewer(1), other)])
    assert sorted(made._chains) == [(at(2, 2), Rate.NEAR), (at(6, 6), Rate.NEAR)]
    made.encode(Tick(2), [other], [])
    assert sorted(made._chains) == [(at(6, 6), Rate.NEAR)]
