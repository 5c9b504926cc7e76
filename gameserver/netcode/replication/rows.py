"""The entities of one section as a viewer holds them, and what one body brings."""

from collections.abc import Mapping

import attrs

from gameserver.accel import State
from gameserver.game.crowd import MOST_ENTITIES
from gameserver.game.fields import Audience
from gameserver.game.schema.table import ClassTable, EventTable, GameTable
from gameserver.ids import EntityId, Seat, Tick
from gameserver.netcode.replication.keyed import garbled


@attrs.define(eq=False)
class EntityRow:
    """One entity's values in one section."""

    id: EntityId
    table: ClassTable
    owner: Seat
    state: State
    """Wire values in field order, then the predictor's memory."""
    last: list[int]
    """Of each field the residual that was told last."""
    born: Tick | None = None
    ordinal: int = -1
    """With ``born``: the ordinal of the spawn among those of the owner's command; -1 for none."""
    history: int = 0
    """Whether the entity changed in the last two updates of the section: a bit each."""
    mask: int = 0
    """The fields that changed in the last update of the section."""


@attrs.define
class Decoded:
    """The contents of one snapshot's body, apart from updates of values."""

    spawned: list[EntityId] = attrs.field(factory=list)
    despawned: list[EntityId] = attrs.field(factory=list)
    events: list[tuple[EventTable, tuple[int | bool | str, ...]]] = attrs.field(factory=list)
    checksum: int | None = None
    """The server's checksum; None if the body has none."""
    computed: int | None = None
    """This side's checksum; differs from the server's in a desync."""


def new_row(
    table: GameTable, audience: Audience, rows: Mapping[EntityId, EntityRow],
    entity_id: int, number: int, owner: int,
) -> EntityRow:  # fmt: skip
    """Return a row without values for the section's ``rows``.

    Raises:
        ProtocolError: No section of this audience can have such an entity, or one more.
    """
    if entity_id < 1 or not 0 <= number < len(table.by_number):
        raise garbled(f"entity {entity_id} of class {number} cannot be")
    fields = table.by_number[number].get(audience)
    if fields is None or len(rows) >= MOST_ENTITIES:
        raise garbled(f"class {number} has nothing for this section")
    return EntityRow(EntityId(entity_id), fields, Seat(owner), [], [0] * len(fields.fields))
