"""A match sends and counts what it sent and counted when it was recorded, over bad lines.

Where something else is meant, ``python -m tests.match.test_recorded`` writes the new rows.

Rows: the seed, figures of the match, figures of each seat, and digests of all that was sent, of
what happened and of the world.
"""

from typing import Any

import attrs

from gameserver.game.schema.dump import world_hash
from gameserver.match.tally import Tally
from tests.match.eventful import Eventful
from tests.recorded import Recorded, digest


def told(seed: int) -> tuple[Any, ...]:
    run = Eventful(seed=seed).run
    whole = Tally()
    run.match.tally(whole)
    stats = [attrs.asdict(run.match.stats_of(client.seat)) for client in run.clients.values()]
    sent = [digest(client.sent) for client in run.clients.values()]
    rest = [digest(run.happened), digest(run.journal), world_hash(run.game, run.match.world).hex()]
    return attrs.asdict(whole), stats, sent, rest


RECORDED = Recorded(__file__, (1, 2), told)


@RECORDED.each
def test_a_match_sends_and_counts_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
