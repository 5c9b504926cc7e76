"""What the service learns of each tick of a match."""

from collections.abc import Mapping

import attrs

from gameserver.errors import GameFaultError
from gameserver.game.entity import Outcome
from gameserver.ids import PlayerId, Tick


@attrs.define
class TickReport:
    """What the service must know about one tick."""

    tick: Tick
    outcome: Outcome | None = None
    fault: GameFaultError | None = None
    evicted: tuple[PlayerId, ...] = ()
    """Viewers that were congested for too long, and were removed."""
    silent: Mapping[PlayerId, bool] = attrs.field(factory=dict)
    """Players whose inputs stopped (true) or came again (false)."""
