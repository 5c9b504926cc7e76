"""Encode one audience's part of the world, one snapshot after the other.

Law: changes are packed once per snapshot and shared by all viewers of the audience. An entity whose
values the viewers extrapolate correctly takes no bytes.

A section's body is a run of msgpack values, in records::

    eid mask residual{number of bits in mask}       update; eid >= 1, mask >= 1
    -1 eid type owner cause value*                  spawn; the predictor's memory is zero
    -2 eid                                          despawn
    -3 event field*                                 game event
    -4 sum                                          checksum after all of this, 32 bits
    -5 eid type owner cause value* memory*          entity in a keyframe

``cause`` is nil, or ``[born, ordinal]`` if a seat's command spawned the entity. ``value`` and
``memory`` are in field order. A spawn with the id of a living entity replaces it; a change of owner
is sent in this way, too.
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import Final

import msgpack

from gameserver.accel import Track, hot
from gameserver.accel.packing import pack_values
from gameserver.game.entity import Entity, Event
from gameserver.game.fields import Audience
from gameserver.game.schema.table import GameTable
from gameserver.ids import EntityId

SPAWN: Final = -1
DESPAWN: Final = -2
EVENT: Final = -3
CHECKSUM: Final = -4
KEYED: Final = -5

_pack = msgpack.Packer().pack


def entity_sum(entity_id: int, number: int, owner: int, values: Sequence[object]) -> int:
    """Return an entity's share of a section's checksum: CRC-32 of its packed identity and values.

    ``number`` is that of its class in the schema.
    """
    return zlib.crc32(_pack([entity_id, number, owner, *values]))


def _full(track: Track, record: int) -> bytes:
    """Return the whole entity as a record: `SPAWN`, or `KEYED` with the memory."""
    entity = track.entity
    cause = [entity.born, entity.ordinal] if entity.ordinal >= 0 else None
    values = track.state if record == KEYED else track.state[: len(track.table.fields)]
    head = [record, entity.id, track.table.number, entity.owner, cause]
    return pack_values([*head, *values])


def _share(track: Track) -> int:
    """Return an entity's share of the checksum, of its state without the memory."""
    values = track.state[: len(track.table.fields)]
    return entity_sum(track.entity.id, track.table.number, track.entity.owner, values)


class SectionEncoder:
    """The server's end of one audience's chain.

    Call `encode` once per snapshot with all entities that the audience may see, then `keyframe` for
    viewers who are not in the chain yet: it does not change the chain.
    """

    def __init__(self, table: GameTable, audience: Audience) -> None:
        """Start a chain without entities."""
        self._table = table
        self._audience = audience
        self._tracks: dict[EntityId, Track] = {}
        self._tail = b""

    def encode(
        self, entities: Iterable[Entity], events: Iterable[Event] = (), *, checksum: bool = False
    ) -> bytes:
        """Advance the chain to the present state and return the body with the changes.

        Entities without a field for this audience are skipped, except by the public audience.
        """
        tracks = self._tracks
        body, alive, others = hot.advance(tracks, entities)
        for entity in others:
            track = self._begin(entity)
            if track is not None:
                alive += 1
                body += _full(track, SPAWN)
        if alive != len(tracks):
            body += b"".join(self._ended(entities))
        self._tail = self._events(events)
        if checksum:
            self._tail += pack_values([CHECKSUM, self.checksum()])
        return body + self._tail

    def __len__(self) -> int:
        """Return the number of entities in the chain."""
        return len(self._tracks)

    def keyframe(self) -> bytes:
        """Return a body with all entities, for a viewer who is not in the chain.

        It has the same events and checksum as the last `encode`.
        """
        return b"".join(_full(track, KEYED) for track in self._tracks.values()) + self._tail

    def checksum(self) -> int:
        """Return the 32-bit checksum of all values of the chain."""
        return sum(_share(track) for track in self._tracks.values()) & 0xFFFFFFFF

    def _begin(self, entity: Entity) -> Track | None:
        table = self._table.of(type(entity), self._audience)
        if table is None:
            return None
        track = hot.track(entity, table)
        self._tracks[entity.id] = track
        return track

    def _ended(self, entities: Iterable[Entity]) -> list[bytes]:
        present = {entity.id: entity for entity in entities}
        gone = [
            entity_id
            for entity_id, track in self._tracks.items()
            if present.get(entity_id) is not track.entity
        ]
        for entity_id in gone:
            del self._tracks[entity_id]
        return [pack_values([DESPAWN, entity_id]) for entity_id in gone]

    def _events(self, events: Iterable[Event]) -> bytes:
        packed = b""
        for event in events:
            row = self._table.event_row(event)
            packed += pack_values([EVENT, row.number, *row.values(event)])
        return packed
