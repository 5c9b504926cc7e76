"""A match sends and counts what it sent and counted when it was recorded, over bad lines.

Where something else is meant, ``python -m tests.match.test_recorded`` writes the new rows.

Rows: the seed, figures of the match, figures of each seat, and digests of all that was sent, of
what happened and of the world.
"""

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from gameserver.game.schema.dump import world_hash
from gameserver.match.tally import Tally
from tests.match.eventful import Eventful
from tests.recorded import digest, rows_of, write_rows


def told(seed: int) -> tuple[Any, ...]:
    run = Eventful(seed=seed).run
    whole = Tally()
    run.match.tally(whole)
    stats = [attrs.asdict(run.match.stats_of(client.seat)) for client in run.clients.values()]
    sent = [digest(client.sent) for client in run.clients.values()]
    rest = [digest(run.happened), digest(run.journal), world_hash(run.game, run.match.world).hex()]
    return attrs.asdict(whole), stats, sent, rest


@pytest.mark.parametrize(("seed", "figures", "stats", "sent", "rest"), rows_of(__file__))
def test_a_match_sends_and_counts_as_it_was_recorded(
    seed: int, figures: object, stats: object, sent: object, rest: object
) -> None:
    found = told(seed)
    assert found[0] == figures
    assert found[1] == stats
    assert found[2:] == (sent, rest)


def rows() -> Iterator[tuple[Any, ...]]:
    """Play all anew."""
    for seed in (1, 2):
        yield (seed, *told(seed))


if __name__ == "__main__":
    write_rows(__file__, rows())
