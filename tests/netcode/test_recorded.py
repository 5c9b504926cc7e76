"""Prediction, timing and snapshots go as they went when they were recorded, over bad lines.

Where something else is meant, ``python -m tests.netcode.test_recorded`` writes the new rows.

Rows: the seed; by client how often its prediction was wrong, and its distances to the present tick;
digests of its mistakes and corrections, and of the snapshots that it got.
"""

from typing import Any

from tests.match.eventful import Eventful
from tests.recorded import Recorded, digest


def told(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    played = Eventful(seed=seed)
    figures: dict[str, Any] = {}
    digests: dict[str, Any] = {}
    for name, client in played.run.clients.items():
        stats, telemetry = client.replica.stats, client.replica.telemetry
        figures[name] = [
            stats.divergences, stats.divergences_by_input, round(stats.lead_ticks, 6),
            round(stats.view_delay_ms, 6),
        ]  # fmt: skip
        wrong = [list(telemetry.divergences), list(telemetry.corrections_px)]
        digests[name] = [digest(wrong), digest(played.frames[name]), digest(client.sent)]
    return figures, digests


RECORDED = Recorded(__file__, (5, 6), told)


@RECORDED.each
def test_what_clients_predict_goes_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
