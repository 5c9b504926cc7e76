"""What a match, its viewers and its sums begin with."""

import inspect

from gameserver.match.chain import Chain
from gameserver.match.intake import MatchCounts
from gameserver.match.match import Match
from gameserver.match.tally import Tally
from gameserver.match.windows import DetailLevels
from tests.defaults import counts, defaults


def test_a_match_that_has_not_begun_has_counted_nothing() -> None:
    assert counts(MatchCounts) == dict.fromkeys(
        ("ticks", "malformed", "clamped_views", "desyncs"), 0
    )
    figures = counts(Tally)
    assert set(figures.values()) == {0}
    assert len(figures) == len(inspect.signature(Tally).parameters), "each figure is a count"


def test_a_viewer_loses_no_detail_before_the_first_judgement() -> None:
    levels = DetailLevels()
    assert (levels.level, levels.bytes, levels.due) == (0, 0, 0)


def test_a_match_is_in_its_first_epoch_and_hides_nothing_from_spectators() -> None:
    promised = defaults(Match)
    assert (promised["epoch"], promised["spectator_delay_s"]) == (1, 0.0)


def test_a_link_is_sent_only_for_a_change_and_without_a_checksum() -> None:
    promised = defaults(Chain.encode)
    assert (promised["checksum"], promised["always"]) == (False, False)
