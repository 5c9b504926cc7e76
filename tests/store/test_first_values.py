"""What a journal's file, its bounds and its verdict begin with."""

from gameserver.store.frames import payloads_of
from gameserver.store.keep import Keep
from gameserver.store.reading import StoredMatch
from gameserver.store.verify import Verified
from tests.defaults import counts, defaults


def test_without_bounds_no_journal_is_deleted() -> None:
    assert counts(Keep) == {"matches": 0, "days": 0.0}


def test_a_replay_that_has_not_begun_has_compared_nothing() -> None:
    assert counts(Verified) == {
        "ticks": 0,
        "left_out": 0,
        "hashes": 0,
        "finished": False,
        "same_fault": False,
    }


def test_a_journal_is_read_from_its_first_frame_and_tick_unless_told_otherwise() -> None:
    assert defaults(payloads_of)["begin"] == 0
    promised = defaults(StoredMatch.numbered)
    assert (promised["first"], promised["tick"]) == (0, 0)
