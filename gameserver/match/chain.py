"""The chain of one audience: an encoder, and the section and keyframe of the present snapshot.

Law: both are encoded once and shared by all viewers; a keyframe only when a viewer needs it.
"""

from collections.abc import Iterable, Sequence

from gameserver.game.entity import Entity, Event
from gameserver.game.fields import Audience
from gameserver.game.schema.table import GameTable
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.protocol.deltas import encode_change
from gameserver.protocol.hot import encode_section


class Chain:
    """An encoder with the number of its section.

    Attributes:
        body: What brings a viewer in sync to the present snapshot; None if the section is not in
            it, because nothing changed.
    """

    def __init__(self, table: GameTable, audience: Audience, number: int) -> None:
        """Start with an empty state; ``number`` is that of the section."""
        self._encoder = SectionEncoder(table, audience)
        self._number = number
        self._keyframe: bytes | None = None
        self._change: bytes | None = None
        self.body: bytes | None = None

    def __len__(self) -> int:
        """Return the number of entities in the state that the audience holds."""
        return len(self._encoder)

    def encode(
        self,
        entities: Iterable[Entity],
        events: Sequence[Event] = (),
        *,
        checksum: bool = False,
        always: bool = False,
    ) -> None:
        """Encode the next link; with ``always`` there is a section even if nothing changed."""
        body = self._encoder.encode(entities, events, checksum=checksum)
        self.body = body if body or always else None
        self._change = self._keyframe = None

    def rest(self) -> None:
        """Send no section with this snapshot: the audience keeps the state that it has."""
        self.body = self._change = None

    def change(self) -> bytes:
        """Return the body as a change of a delta; it must be in the snapshot, and not public."""
        if self._change is None:
            self._change = encode_change(self._number, self.body or b"")
        return self._change

    def section(self) -> bytes:
        """Return the body as a section of a snapshot that is no delta."""
        return encode_section(self._number, self.body or b"")

    def keyframe(self) -> bytes:
        """Return the section that brings any viewer to the chain's present state."""
        if self._keyframe is None:
            body = self._encoder.keyframe()
            self._keyframe = encode_section(self._number, body, keyframe=True)
        return self._keyframe


def forgotten(number: int) -> bytes:
    """Return a section that removes all entities of a section from a viewer: an empty keyframe."""
    return encode_section(number, b"", keyframe=True)
