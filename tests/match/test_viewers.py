"""When a viewer is sent a snapshot, paused, offered again, called silent, or given up."""

from itertools import pairwise

import pytest

from gameserver.accel import hot
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.match.viewers import (
    EVICT_S,
    PAUSE_S,
    RETRY_S,
    SILENT_S,
    SPECTATOR_SLACK_S,
    Viewer,
)
from gameserver.netcode.timing.steering import LeadSteering, link_rules

RATE = 20
PATIENCE = int(PAUSE_S * RATE)
NOW = Tick(1000)


class Deaf:
    """An outlet that these tests do not use."""

    def offer(self, message: bytes) -> bool:
        raise AssertionError(message)


SEAT = Seat(0)


def viewer(seat: Seat = SEAT, seen: int = 0, last_sent: int = 0) -> Viewer:
    link, steering = hot.link_measure(link_rules(RATE)), LeadSteering(RATE)
    made = Viewer(PlayerId("p"), seat, Deaf(), RATE, Tick(seen), link, steering)
    made.last_sent = Tick(last_sent)
    return made


# --- congestion -----------------------------------------------------------------------------------


def test_a_spectator_may_be_behind_a_little_longer_than_a_player() -> None:
    assert viewer().patience == PATIENCE
    assert viewer(NO_SEAT).patience == int((PAUSE_S + SPECTATOR_SLACK_S) * RATE) > PATIENCE


def test_a_new_viewer_needs_a_keyframe_and_is_in_no_group() -> None:
    one = viewer()
    assert (one.in_sync, one.group, one.last_sent, one.delay, one.keyframes) == (False, 0, 0, 0, 0)
    assert one.may_receive(Tick(0))


def test_a_viewer_is_paused_when_it_is_farther_behind_than_its_patience() -> None:
    one = viewer(seen=100, last_sent=100 + PATIENCE)
    one.in_sync = True
    assert one.may_receive(NOW)
    assert (one.in_sync, one.paused_since) == (True, None)
    one.last_sent = Tick(one.last_sent + 1)
    assert not one.may_receive(NOW)
    assert (one.in_sync, one.paused_since) == (False, NOW)


def test_before_its_first_snapshot_a_viewer_has_no_congestion() -> None:
    one = viewer()
    assert one.may_receive(NOW)
    late = viewer(seen=500)  # it came in the middle of the match
    assert late.may_receive(NOW)


def test_a_paused_viewer_goes_on_when_it_has_seen_all_that_was_sent() -> None:
    one = viewer(seen=100, last_sent=100 + PATIENCE + 1)
    assert not one.may_receive(NOW)
    one.saw(Tick(NOW + 1), Tick(one.last_sent - 1))
    assert not one.may_receive(Tick(NOW + 1))
    assert one.paused_since == NOW
    one.saw(Tick(NOW + 2), one.last_sent)
    assert one.may_receive(Tick(NOW + 2))
    assert one.paused_since is None


def test_a_claim_to_have_applied_an_unsent_snapshot_is_ignored() -> None:
    one = viewer(seen=100, last_sent=110)
    for claimed, seen in [(111, 100), (100, 100), (99, 100), (105, 105), (104, 105), (110, 110)]:
        one.saw(NOW, Tick(claimed))
        assert one.seen == seen


def test_any_acknowledgement_is_a_sign_of_life() -> None:
    one = viewer(seen=100, last_sent=110)
    one.saw(NOW, Tick(5))
    assert one.link.heard == NOW


# --- refusals -------------------------------------------------------------------------------------


def test_an_outlet_that_takes_is_in_sync_and_the_snapshot_counts_as_sent() -> None:
    one = viewer(seen=NOW - 5)
    one.offered(NOW, taken=True)
    assert (one.in_sync, one.last_sent, one.refused_since) == (True, NOW, None)
    assert one.may_receive(Tick(NOW + 1))


def test_after_refusals_the_wait_doubles_up_to_its_limit() -> None:
    one, tick = viewer(last_sent=7), int(NOW)
    asked = []
    while tick < NOW + 5 * RATE:
        if one.may_receive(Tick(tick)):
            asked.append(tick - NOW)
            one.offered(Tick(tick), taken=False)
        tick += 1
    most = int(RETRY_S * RATE)
    assert asked[:6] == [0, 1, 2, 4, 8, 16]
    gaps = [after - before for before, after in pairwise(asked[4:])]
    assert gaps == [8] + [most] * (len(gaps) - 1)
    assert (one.in_sync, one.last_sent, one.refused_since) == (False, Tick(7), NOW)


def test_an_outlet_that_takes_again_ends_the_series_of_refusals() -> None:
    one = viewer(seen=NOW - 5)
    one.offered(NOW, taken=False)
    one.offered(Tick(NOW + 8), taken=False)
    assert not one.may_receive(Tick(NOW + 15))
    one.offered(Tick(NOW + 16), taken=True)
    assert one.last_sent == NOW + 16
    one.offered(Tick(NOW + 20), taken=False)
    assert one.refused_since == NOW + 20
    assert one.may_receive(Tick(NOW + 20))


# --- the end --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["paused_since", "refused_since"])
def test_a_viewer_is_hopeless_after_its_time_and_not_before(name: str) -> None:
    one = viewer()
    assert not one.is_hopeless(NOW)
    setattr(one, name, Tick(0))
    most = int(EVICT_S * RATE)
    assert not one.is_hopeless(Tick(most))
    assert one.is_hopeless(Tick(most + 1))


def test_a_seat_is_silent_after_its_time_and_not_before() -> None:
    one, most = viewer(), int(SILENT_S * RATE)
    assert not one.is_silent(NOW)
    one.saw(Tick(10), Tick(0))
    assert not one.is_silent(Tick(10 + most))
    assert one.is_silent(Tick(10 + most + 1))


def test_a_spectator_is_never_silent() -> None:
    one = viewer(NO_SEAT)
    one.saw(Tick(10), Tick(0))
    assert not one.is_silent(NOW)
