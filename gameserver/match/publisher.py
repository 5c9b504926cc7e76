"""Turn a stepped world into frames: encode once per audience, share with everybody in it.

Law: build what each audience may see, then encode it, once. A viewer in sync gets everybody's
bytes; one who is not gets keyframes, which are encoded at most once per audience and tick.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from gameserver.game.entity import Entity, Event
from gameserver.game.fields import Audience
from gameserver.game.table import GameTable
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.match.viewers import Viewer
from gameserver.netcode.encoder import SectionEncoder
from gameserver.protocol.hot import encode_snapshot

PUBLIC: Final = 0
OWNER: Final = 1
FIRST_GROUP: Final = 2


class _Chain:
    """One audience's encoder and what it made of the present tick."""

    def __init__(self, table: GameTable, audience: Audience, number: int) -> None:
        self.encoder = SectionEncoder(table, audience)
        self.number = number
        self.delta = b""
        self._keyframe: bytes | None = None

    def encode(self, entities: list[Entity], events: Iterable[Event], *, checksum: bool) -> None:
        self.delta = self.encoder.encode(entities, events, checksum=checksum)
        self._keyframe = None

    def keyframe(self) -> bytes:
        if self._keyframe is None:
            self._keyframe = self.encoder.keyframe()
        return self._keyframe

    def delta_section(self) -> tuple[int, bytes]:
        return 2 * self.number, self.delta

    def keyframe_section(self) -> tuple[int, bytes]:
        return 2 * self.number + 1, self.keyframe()


class Publisher:
    """The chains of one match."""

    def __init__(self, table: GameTable, tick_rate: int) -> None:
        """Start with nobody watching."""
        self._table = table
        self._checksum_every = tick_rate
        self._checksum_due = 0
        self._public = _Chain(table, Audience.PUBLIC, PUBLIC)
        self._owners: dict[Seat, _Chain] = {}
        self._groups: dict[int, _Chain] = {}
        classes = table.by_number
        self._has_owner = any(Audience.OWNER in row for row in classes)
        self.has_groups = any(Audience.GROUP in row for row in classes)
        self.bytes_out = 0

    def publish(
        self,
        world: World,
        viewers: Mapping[PlayerId, Viewer],
        groups: Mapping[Seat, int],
        events: Iterable[Event],
    ) -> None:
        """Offer every viewer its snapshot of this tick.

        Args:
            world: The world after its step.
            viewers: Everybody watching.
            groups: The group of each seat that has one.
            events: The volatile events since the last snapshot.
        """
        checksum = world.tick >= self._checksum_due
        if checksum:
            self._checksum_due = world.tick + self._checksum_every
        entities = list(world)
        self._public.encode(entities, events, checksum=checksum)
        if self._has_owner:
            self._encode_owners(entities, viewers, checksum=checksum)
        if self.has_groups:
            self._encode_groups(entities, viewers, groups, checksum=checksum)
        shared = encode_snapshot(world.tick, _present([self._public.delta_section()]))
        tick, size, alike = world.tick, len(shared), not (self._owners or self._groups)
        for viewer in viewers.values():
            if (
                alike
                and viewer.in_sync
                and viewer.last_sent - viewer.seen <= viewer.patience
                and viewer.outlet.offer(shared)
            ):
                viewer.last_sent = tick
                self.bytes_out += size
            elif viewer.may_receive(tick):
                self._send(tick, viewer, shared)

    def _send(self, tick: Tick, viewer: Viewer, shared: bytes) -> None:
        own = self._own_chains(viewer)
        if viewer.in_sync:
            parts = _present([chain.delta_section() for chain in own])
            message = shared + encode_snapshot(tick, parts) if parts else shared
        else:
            chains = [self._public, *own]
            message = encode_snapshot(tick, [chain.keyframe_section() for chain in chains])
            viewer.keyframes += 1
        viewer.offered(tick, taken=viewer.outlet.offer(message))
        if viewer.in_sync:
            self.bytes_out += len(message)

    def _own_chains(self, viewer: Viewer) -> list[_Chain]:
        chains = [self._owners.get(viewer.seat), self._groups.get(viewer.group)]
        return [chain for chain in chains if chain is not None and viewer.seat != NO_SEAT]

    def _encode_owners(
        self, entities: list[Entity], viewers: Mapping[PlayerId, Viewer], *, checksum: bool
    ) -> None:
        seats = {viewer.seat for viewer in viewers.values() if viewer.seat != NO_SEAT}
        for seat in [seat for seat in self._owners if seat not in seats]:
            del self._owners[seat]
        for seat in sorted(seats):
            chain = self._owners.get(seat)
            if chain is None:
                chain = self._owners[seat] = _Chain(self._table, Audience.OWNER, OWNER)
            owned = [entity for entity in entities if entity.owner == seat]
            chain.encode(owned, (), checksum=checksum)

    def _encode_groups(
        self,
        entities: list[Entity],
        viewers: Mapping[PlayerId, Viewer],
        groups: Mapping[Seat, int],
        *,
        checksum: bool,
    ) -> None:
        for viewer in viewers.values():
            group = groups.get(viewer.seat, 0)
            if group != viewer.group:
                viewer.group, viewer.in_sync = group, False
        watched = sorted({viewer.group for viewer in viewers.values()} - {0})
        for number in [number for number in self._groups if number not in watched]:
            del self._groups[number]
        for number in watched:
            chain = self._groups.get(number)
            if chain is None:
                chain = _Chain(self._table, Audience.GROUP, FIRST_GROUP + number)
                self._groups[number] = chain
            members = [entity for entity in entities if groups.get(entity.owner, 0) == number]
            chain.encode(members, (), checksum=checksum)


def _present(sections: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Leave out empty bodies: a section that is absent counts as one."""
    return [section for section in sections if section[1]]
