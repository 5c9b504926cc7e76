"""A client draws and measures what it drew and measured when it was recorded, over bad lines.

Where something else is meant, ``python -m tests.client.play.test_recorded`` writes the new rows.

Rows: the seed, the figures of each client, and digests of its frames and of its tape.
"""

from typing import Any

import attrs

from tests.match.eventful import Eventful
from tests.recorded import Recorded, digest


def told(seed: int) -> tuple[Any, ...]:
    played = Eventful(seed=seed)
    stats = {
        name: {key: round(value, 6) for key, value in attrs.asdict(client.replica.stats).items()}
        for name, client in played.run.clients.items()
    }
    frames = {name: digest(seen) for name, seen in played.frames.items()}
    return stats, frames


RECORDED = Recorded(__file__, (3, 4), told)


@RECORDED.each
def test_a_client_draws_and_measures_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
