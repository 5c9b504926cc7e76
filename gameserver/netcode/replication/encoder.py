"""Encode one audience's part of the world, one snapshot after the other.

Law: changes are packed once per snapshot and shared by all viewers of the audience. An entity whose
values the viewers extrapolate correctly takes a small part of a bit; no bytes, if all are so.

The body of a section that is no keyframe is one run of bits (`gameserver.accel.rangecoding`), drawn
in ``docs/protocol.md``: whether all that was learned is unlearned; whether entities changed, and
then of each what changed; records of entities that came and went, of events, and a checksum. It is
empty if there is nothing to say. What was learned is part of the chain: both ends unlearn it when
no entity is left, and in the body behind a keyframe, whose viewers know nothing of it.

A keyframe's body is a run of msgpack values, in records::

    -3 event field*                                 game event
    -4 sum                                          checksum of all of this, 32 bits
    -5 eid type owner cause value* memory*          entity

``cause`` is nil, or ``[born, ordinal]`` if a seat's command spawned the entity. ``value`` and
``memory`` are in field order. A spawn with the id of a living entity replaces it; a change of owner
is sent in this way, too.
"""

import zlib
from collections.abc import Iterable, Sequence

import msgpack

from gameserver.accel import Track, hot
from gameserver.accel.packing import pack_values
from gameserver.errors import GameFaultError
from gameserver.game.entity import Entity, Event
from gameserver.game.fields import Audience
from gameserver.game.schema.table import GameTable
from gameserver.ids import EntityId
from gameserver.netcode.replication.keyed import CHECKSUM, EVENT, KEYED
from gameserver.netcode.replication.records import MOST_RECORDS, SectionRecords, ToldEventRow

_pack = msgpack.Packer().pack


def entity_sum(entity_id: int, number: int, owner: int, values: Sequence[object]) -> int:
    """Return an entity's share of a section's checksum: CRC-32 of its packed identity and values.

    ``number`` is that of its class in the schema.
    """
    return zlib.crc32(_pack([entity_id, number, owner, *values]))


def _keyed(track: Track) -> bytes:
    """Return the whole entity as a record of a keyframe."""
    entity = track.entity
    cause = [entity.born, entity.ordinal] if entity.ordinal >= 0 else None
    head = [KEYED, entity.id, track.table.number, entity.owner, cause]
    return pack_values([*head, *track.state])


def _share(track: Track) -> int:
    """Return an entity's share of the checksum, of its state without the memory."""
    values = track.state[: len(track.table.fields)]
    return entity_sum(track.entity.id, track.table.number, track.entity.owner, values)


class SectionEncoder:
    """The server's end of one audience's chain.

    Call `encode` once per snapshot with all entities that the audience may see, then `keyframe` for
    viewers who are not in the chain yet.
    """

    def __init__(self, table: GameTable, audience: Audience) -> None:
        """Start a chain without entities."""
        self._table = table
        self._audience = audience
        self._tracks: dict[EntityId, Track] = {}
        self._writer = hot.body_writer()
        self._records = SectionRecords(self._writer, table)
        self._told: list[ToldEventRow] = []
        self._sum: int | None = None
        self._joined = False
        """Whether a viewer got a keyframe who does not know what was learned before it."""

    def encode(
        self, entities: Iterable[Entity], events: Sequence[Event] = (), *, checksum: bool = False
    ) -> bytes:
        """Advance the chain to the present state and return the body with the changes.

        Entities without a field for this audience are skipped, except by the public audience.

        Raises:
            GameFaultError: More came and went, or happened, than clients take in one body.
        """
        tracks = self._tracks
        changed, alive, others = hot.advance(tracks, entities)
        if not (others or events or checksum) and alive == len(tracks):
            # The usual case: it runs in each tick.
            self._told, self._sum = [], None
            if not changed:
                return b""
            joined, self._joined = self._joined, False
            return self._writer.updates(tracks, joined)
        return self._encode(changed, alive, others, entities, events, checksum=checksum)

    def _encode(
        self, changed: bool, alive: int, others: Iterable[Entity], entities: Iterable[Entity],
        events: Iterable[Event], *, checksum: bool,
    ) -> bytes:  # fmt: skip
        """Return the body of a change that is told by records, too."""
        tracks, writer = self._tracks, self._writer
        before = list(tracks.values())
        born = [track for entity in others if (track := self._begin(entity)) is not None]
        gone = self._ended(entities) if alive + len(born) != len(tracks) else []
        rows = [(self._table.event_row(event), event) for event in events]
        self._told = [(row, row.values(event)) for row, event in rows]
        self._sum = self.checksum() if checksum else None
        if not (changed or born or gone or self._told or checksum):
            return b""
        if (records := len(born) + len(gone) + len(self._told) + checksum) > MOST_RECORDS:
            raise GameFaultError(
                f"{records} entities and events came and went in one tick; most are {MOST_RECORDS}"
            )
        writer.begin(before, changed, self._joined)
        self._joined = False
        if born or gone or self._told or checksum:
            self._records.write(born, gone, self._told, self._sum)
        self._records.end()
        body = writer.end()
        if not tracks:
            writer.forget()
        return body

    def __len__(self) -> int:
        """Return the number of entities in the chain."""
        return len(self._tracks)

    def keyframe(self) -> bytes:
        """Return a body with all entities, for a viewer who is not in the chain.

        It has the same events and checksum as the last `encode`. The next body begins to learn
        anew, for all viewers.
        """
        self._joined = True
        body = b"".join(map(_keyed, self._tracks.values()))
        for table, values in self._told:
            body += pack_values([EVENT, table.number, *values])
        return body if self._sum is None else body + pack_values([CHECKSUM, self._sum])

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

    def _ended(self, entities: Iterable[Entity]) -> list[EntityId]:
        present = {entity.id: entity for entity in entities}
        gone = [
            entity_id
            for entity_id, track in self._tracks.items()
            if present.get(entity_id) is not track.entity
        ]
        for entity_id in gone:
            del self._tracks[entity_id]
        return gone
