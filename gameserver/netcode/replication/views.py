"""One viewer's section of a world as a body, on either end: to see where both ends differ.

Law: a body is that of a keyframe, so a decoder checks all that comes from the other end.
"""

from collections.abc import Iterable, Mapping

import attrs

from gameserver.errors import Code, GameFaultError, ProtocolError
from gameserver.game.entity import Entity
from gameserver.game.game import Game
from gameserver.game.schema.table import table_of
from gameserver.ids import EntityId, Seat, Tick
from gameserver.netcode.replication.decoder import SectionDecoder
from gameserver.netcode.replication.encoder import SectionEncoder
from gameserver.netcode.replication.rows import EntityRow
from gameserver.netcode.replication.sections import OWNER, PUBLIC, audience_of


@attrs.frozen
class FieldDifference:
    """A value that two ends have of one entity; the field is "" where one has none at all."""

    entity: str
    id: EntityId
    field: str
    here: object
    there: object


def is_whole(section: int) -> bool:
    """Tell whether both ends know which entities a section has: by the world and the seat."""
    return section in (PUBLIC, OWNER)


def body_of(game: Game, entities: Iterable[Entity], section: int, seat: Seat) -> bytes:
    """Return what a section tells of entities; of `OWNER` those that the seat owns.

    Raises:
        ProtocolError: A value cannot be sent.
    """
    encoder = SectionEncoder(table_of(game), audience_of(section))
    try:
        encoder.encode([e for e in entities if section != OWNER or e.owner == seat])
        return encoder.keyframe()
    except (GameFaultError, OverflowError, TypeError, ValueError) as error:
        raise ProtocolError(Code.BAD_MESSAGE, f"a value cannot be sent: {error}") from None


def differences_of(
    game: Game, world: Mapping[EntityId, Entity], body: bytes, section: int, seat: Seat
) -> list[FieldDifference]:
    """Return where a world and the body of the other end differ, by rising id.

    Entities that the other end lacks count only in a section that `is_whole`.

    Raises:
        ProtocolError: The body is none of this game.
    """
    theirs = _rows(game, body, section)
    chosen = world.values() if is_whole(section) else [world[n] for n in theirs if n in world]
    ours = _rows(game, body_of(game, chosen, section, seat), section)
    found: list[FieldDifference] = []
    for number in sorted({*ours, *theirs}):
        here, there = ours.get(number), theirs.get(number)
        found += _of_rows(number, here, there)
    return found


def _rows(game: Game, body: bytes, section: int) -> dict[EntityId, EntityRow]:
    decoder = SectionDecoder(table_of(game), audience_of(section))
    decoder.apply(body, keyframe=True)
    return decoder.rows


def _of_rows(
    number: EntityId, here: EntityRow | None, there: EntityRow | None
) -> list[FieldDifference]:
    some = here or there
    assert some is not None
    kind = some.table.entity.__name__
    if here is None or there is None or here.table is not there.table:
        told = (None if row is None else row.table.entity.__name__ for row in (here, there))
        return [FieldDifference(kind, number, "", *told)]
    pairs = [("owner", int(here.owner), int(there.owner))]
    names = (field.name for field in here.table.fields)
    pairs += zip(names, here.state, there.state, strict=False)
    return [FieldDifference(kind, number, name, a, b) for name, a, b in pairs if a != b]


@attrs.frozen
class ViewedTick:
    """What one end had of a section at a tick."""

    tick: Tick
    body: bytes
