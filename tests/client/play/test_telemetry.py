"""What is counted of a replica's corrections, and what is kept of them."""

import pytest

from gameserver.client.play.telemetry import (
    KEPT_CORRECTIONS,
    KEPT_DIVERGENCES,
    Telemetry,
    percentile,
)
from gameserver.game.fixed import SUB
from gameserver.netcode.prediction.world import Difference, Verdict

OFF = Difference("Runner", 1, "x", 4, 8)


def test_a_prediction_that_was_right_is_a_correction_of_zero() -> None:
    telemetry = Telemetry()
    telemetry.judged(Verdict(1, compared=True))
    assert list(telemetry.corrections_px) == [0.0]
    assert (telemetry.divergence_count, telemetry.divergences_by_input) == (0, 0)


def test_a_tick_that_was_not_predicted_is_not_counted() -> None:
    telemetry = Telemetry()
    telemetry.judged(Verdict(1, compared=False))
    assert telemetry == Telemetry()


def test_differences_are_counted_by_their_cause() -> None:
    telemetry = Telemetry()
    verdicts = [Verdict(n, True, (OFF,), 3.0 * SUB, input_explains=n < 2) for n in range(5)]
    for verdict in verdicts:
        telemetry.judged(verdict)
    assert (telemetry.divergence_count, telemetry.divergences_by_input) == (5, 2)
    assert [each.verdict for each in telemetry.divergences] == verdicts
    assert [each.explained for each in telemetry.divergences] == ["input"] * 2 + ["world"] * 3
    assert list(telemetry.corrections_px) == [3.0] * 5


def test_only_the_latest_differences_are_kept_and_all_are_counted() -> None:
    telemetry = Telemetry()
    for number in range(KEPT_CORRECTIONS + 1):
        telemetry.judged(Verdict(number, True, (OFF,)))
    assert telemetry.divergence_count == KEPT_CORRECTIONS + 1
    assert len(telemetry.corrections_px) == KEPT_CORRECTIONS
    assert [each.verdict.tick for each in telemetry.divergences] == list(
        range(KEPT_CORRECTIONS + 1 - KEPT_DIVERGENCES, KEPT_CORRECTIONS + 1)
    )


@pytest.mark.parametrize(
    ("samples", "part", "found"),
    [([], 0.5, 0.0), ([7.0], 0.0, 7.0), ([7.0], 0.99, 7.0), ([3.0, 1.0, 2.0, 4.0], 0.5, 3.0),
     ([float(n) for n in range(100)], 0.99, 99.0), ([float(n) for n in range(100)], 1.0, 99.0)],
)  # fmt: skip
def test_a_percentile_is_the_smallest_sample_above_its_part(
    samples: list[float], part: float, found: float
) -> None:
    assert percentile(samples, part) == found
