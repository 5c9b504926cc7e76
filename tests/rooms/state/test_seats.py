import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameserver.ids import PlayerId, Seat
from gameserver.rooms.state.seats import Seats, SeatState

ANN, BOB, CARL = PlayerId("ann"), PlayerId("bob"), PlayerId("carl")


def test_a_seat_is_reserved_claimed_held_claimed_again_and_released() -> None:
    seats = Seats(2)
    assert seats.reserve(ANN, [Seat(1), Seat(0)]) == Seat(1)
    assert seats.state(ANN) is SeatState.RESERVED
    seats.claim(ANN)
    assert seats.state(ANN) is SeatState.CLAIMED
    seats.hold(ANN)
    assert seats.state(ANN) is SeatState.HELD
    assert seats.free() == [Seat(0)], "a held seat is nobody else's"
    seats.claim(ANN)
    seats.release(ANN)
    assert seats.state(ANN) is None
    assert seats.free() == [Seat(0), Seat(1)]


def test_of_two_reservations_of_the_last_seat_one_is_refused() -> None:
    seats = Seats(1)
    assert seats.reserve(ANN, seats.free()) == Seat(0)
    assert seats.reserve(BOB, [Seat(0)]) is None
    assert seats.state(BOB) is None


def test_seats_that_do_not_exist_cannot_be_reserved() -> None:
    assert Seats(2).reserve(ANN, [Seat(-1), Seat(2)]) is None


def test_nobody_has_two_seats_or_claims_without_a_reservation() -> None:
    seats = Seats(2)
    seats.reserve(ANN, seats.free())
    with pytest.raises(AssertionError):
        seats.reserve(ANN, seats.free())
    with pytest.raises(AssertionError):
        seats.claim(BOB)


def test_shrinking_moves_players_beyond_the_new_size_and_removes_nobody() -> None:
    seats = Seats(6)
    for who, seat in ((ANN, 5), (BOB, 1), (CARL, 4)):
        seats.reserve(who, [Seat(seat)])
    seats.resize(3)
    assert seats.holder(Seat(1)) == BOB
    assert {who for _, who in seats} == {ANN, BOB, CARL}
    assert {seat for seat, _ in seats} == {0, 1, 2}


@given(st.lists(st.tuples(st.sampled_from("rcx"), st.integers(0, 4), st.integers(0, 3))))
def test_seats_and_players_always_correspond_one_to_one(steps: list[tuple[str, int, int]]) -> None:
    seats = Seats(3)
    for step, person, number in steps:
        who = PlayerId(str(person))
        if step == "r" and seats.state(who) is None:
            seats.reserve(who, [Seat(number)])
        elif step == "c" and seats.state(who) is not None:
            seats.claim(who)
        elif step == "x":
            seats.release(who)
        pairs = list(seats)
        assert len({seat for seat, _ in pairs}) == len({who for _, who in pairs}) == len(seats)
        assert all(seats.seat_of(who) == seat for seat, who in pairs)
        assert len(seats.free()) + len(seats) == 3
