"""One audience's chain of snapshots, and what it made of the present one.

Law: what a chain makes is made once and shared; a keyframe is encoded only where somebody needs it.
"""

from collections.abc import Iterable

from gameserver.game.entity import Entity, Event
from gameserver.game.fields import Audience
from gameserver.game.schema.table import GameTable
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.protocol.hot import encode_section


class Chain:
    """An encoder with its section's number.

    Attributes:
        delta: The section that takes a viewer in step to the present; empty where nothing changed.
    """

    def __init__(self, table: GameTable, audience: Audience, number: int) -> None:
        """Start a chain that knows nothing."""
        self._encoder = SectionEncoder(table, audience)
        self._number = number
        self._keyframe: bytes | None = None
        self.delta: bytes = b""

    def __len__(self) -> int:
        """Count the entities that the audience knows."""
        return len(self._encoder)

    def encode(
        self,
        entities: Iterable[Entity],
        events: Iterable[Event] = (),
        *,
        checksum: bool = False,
        always: bool = False,
    ) -> None:
        """Advance to the present; ``always`` makes a section even of nothing."""
        body = self._encoder.encode(entities, events, checksum=checksum)
        self.delta = encode_section(self._number, body) if body or always else b""
        self._keyframe = None

    def rest(self) -> None:
        """Make nothing this time: the audience stays where it is."""
        self.delta = b""

    def keyframe(self) -> bytes:
        """Return the section that takes anybody to where the chain is."""
        if self._keyframe is None:
            body = self._encoder.keyframe()
            self._keyframe = encode_section(self._number, body, keyframe=True)
        return self._keyframe


def forgotten(number: int) -> bytes:
    """Return the section that says: nothing of this is seen any more."""
    return encode_section(number, b"", keyframe=True)
