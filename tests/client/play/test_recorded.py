"""A client draws and measures what it drew and measured when it was recorded, over bad lines.

Where something else is meant, ``python -m tests.client.play.test_recorded`` writes the new rows.

Rows: the seed, the figures of each client, and digests of its frames and of its tape.
"""

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from tests.match.eventful import Eventful
from tests.recorded import digest, rows_of, write_rows


def told(seed: int) -> tuple[Any, ...]:
    played = Eventful(seed=seed)
    stats = {
        name: {key: round(value, 6) for key, value in attrs.asdict(client.replica.stats).items()}
        for name, client in played.run.clients.items()
    }
    frames = {name: digest(seen) for name, seen in played.frames.items()}
    return stats, frames


@pytest.mark.parametrize(("seed", "stats", "frames"), rows_of(__file__))
def test_a_client_draws_and_measures_as_it_was_recorded(
    seed: int, stats: object, frames: object
) -> None:
    found = told(seed)
    assert found[0] == stats
    assert found[1] == frames


def rows() -> Iterator[tuple[Any, ...]]:
    """Play all anew."""
    for seed in (3, 4):
        yield (seed, *told(seed))


if __name__ == "__main__":
    write_rows(__file__, rows())
