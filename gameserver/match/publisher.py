"""Encode a stepped world as snapshots: once per audience, shared by all viewers of the audience.

Law: the part of the world that an audience may see is encoded once per snapshot. All viewers in
sync get the same bytes; a viewer out of sync gets a keyframe, which is encoded at most once per
audience and snapshot.
"""

from collections.abc import Collection, Iterable, Mapping

from gameserver.accel import SendBatch
from gameserver.game.crowd import too_large
from gameserver.game.entity import Entity, Event
from gameserver.game.fields import Audience
from gameserver.game.schema.table import GameTable
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, PlayerId, Seat, Tick
from gameserver.match.chain import Chain
from gameserver.match.sight import Sight
from gameserver.match.viewers import Viewer
from gameserver.match.windows import ViewWindow
from gameserver.netcode.replication.sections import FIRST_GROUP, OWNER, PUBLIC
from gameserver.protocol.deltas import join_delta, with_changes
from gameserver.protocol.hot import join_sections
from gameserver.protocol.limits import SERVER_MESSAGE_BYTES


class Publisher:
    """Owns the chains of one match, and offers each viewer its snapshots."""

    def __init__(self, table: GameTable, tick_rate: int, sight: Sight, sends: SendBatch) -> None:
        """Start without chains of owners or groups.

        Args:
            table: Tables of the game.
            tick_rate: Ticks a second; a checksum is sent once a second.
            sight: Divides the world among the viewers.
            sends: Takes what is the same for many; its owner sends it.
        """
        self._sends = sends
        self._table = table
        self._tick_rate = tick_rate
        self._checksum_due = 0
        self._last = Tick(0)
        """Tick of the last snapshot, which all viewers in sync have."""
        self._public = Chain(table, Audience.PUBLIC, PUBLIC)
        self._owners: dict[Seat, Chain] = {}
        self._groups: dict[int, Chain] = {}
        self._sight = sight
        self._with_owner = _classes_with(Audience.OWNER, table)
        self._with_group = _classes_with(Audience.GROUP, table)
        self.has_groups: bool = bool(self._with_group)
        self.bytes_out: int = 0

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
            viewers: All viewers of the match.
            groups: The group of each seat that has one.
            events: The volatile events since the last snapshot.

        Raises:
            GameFaultError: A snapshot is longer than what a client takes.
        """
        entities, told = list(world), list(events)
        try:
            self._publish(world.tick, entities, viewers, groups, told)
        except _OversizeError as error:
            raise too_large(error.size, SERVER_MESSAGE_BYTES, entities, told) from None

    def _publish(
        self,
        tick: Tick,
        entities: list[Entity],
        viewers: Mapping[PlayerId, Viewer],
        groups: Mapping[Seat, int],
        events: list[Event],
    ) -> None:
        checksum = tick >= self._checksum_due
        if checksum:
            self._checksum_due = tick + self._tick_rate
        # All chains are encoded before the first message is built: a keyframe is the state after
        # this tick's encoding, and a viewer whose group changed is out of sync from here on.
        if self._with_owner:
            self._encode_owners(entities, viewers, checksum=checksum)
        if self.has_groups:
            self._encode_groups(entities, viewers, groups, checksum=checksum)
        sight = self._sight
        public, general = sight.place(entities, events)
        self._public.encode(public, general, checksum=checksum)
        settled, moved = sight.grouped(tick, viewers.values())
        # Only cells that a viewer sees are encoded, so all windows must be known before this.
        sight.encode(tick, settled, moved)
        for window, group in settled.items():
            self._send_alike(tick, window, group)
        for viewer, window in moved:
            if viewer.in_sync and viewer.window is not None:
                message = self._moved(tick, viewer, viewer.window, window)
            else:
                message = self._keyframe(tick, viewer, window)
            # After the message is built: it compares the old window with the new one.
            viewer.window = window
            self._send(tick, viewer, message)
        self._last = tick

    def _send_alike(self, tick: Tick, window: ViewWindow, viewers: Collection[Viewer]) -> None:
        """Send the same delta to all viewers of a window that are in sync, others a keyframe."""
        changes = self._sight.deltas(window)
        shared = join_delta(tick, self._last, self._public.body or b"", changes)
        size = _fitting(shared)
        others = viewers
        if not (self._owners or self._groups):
            # The usual case: it runs for each player and tick.
            taken, others = self._sends.fan_out(shared, viewers, tick)
            self.bytes_out += taken * size
            self._sight.sent(size, viewers, others)
        for viewer in others:
            if not viewer.may_receive(tick):
                continue
            if viewer.in_sync:
                self._send(tick, viewer, self._with_own(viewer, shared))
            else:
                self._send(tick, viewer, self._keyframe(tick, viewer, window))

    def _with_own(self, viewer: Viewer, shared: bytes) -> bytes:
        """Return the shared delta with the changes of owner and group before its own."""
        own = [chain.change() for chain in self._own_chains(viewer) if chain.body is not None]
        return with_changes(shared, own) if own else shared

    def _moved(self, tick: Tick, viewer: Viewer, before: ViewWindow, now: ViewWindow) -> bytes:
        """Return the snapshot of a viewer in sync that sees other cells than before."""
        chains = [self._public, *self._own_chains(viewer)]
        told = [chain.section() for chain in chains if chain.body is not None]
        return join_sections(tick, [*told, *self._sight.changes(before, now)])

    def _keyframe(self, tick: Tick, viewer: Viewer, window: ViewWindow) -> bytes:
        viewer.keyframes += 1
        own = [chain.keyframe() for chain in self._own_chains(viewer)]
        seen = self._sight.keyframes(window)
        return join_sections(tick, [self._public.keyframe(), *own, *seen])

    def _send(self, tick: Tick, viewer: Viewer, message: bytes) -> None:
        size = _fitting(message)
        viewer.offered(tick, taken=viewer.outlet.offer(message))
        if viewer.in_sync:
            self.bytes_out += size
            self._sight.sent(size, [viewer])

    def _own_chains(self, viewer: Viewer) -> list[Chain]:
        """Return the chains of the viewer's seat and group; none for a spectator."""
        owner, group = self._owners.get(viewer.seat), self._groups.get(viewer.group)
        if group is None:
            return [owner] if owner is not None else []
        return [owner, group] if owner is not None else [group]

    def _encode_owners(
        self, entities: list[Entity], viewers: Mapping[PlayerId, Viewer], *, checksum: bool
    ) -> None:
        seats = {viewer.seat for viewer in viewers.values() if viewer.seat != NO_SEAT}
        for seat in [seat for seat in self._owners if seat not in seats]:
            del self._owners[seat]
        owned: dict[Seat, list[Entity]] = {}
        told = self._with_owner
        for entity in entities:
            if entity.__class__ in told:
                owned.setdefault(entity.owner, []).append(entity)
        for seat in sorted(seats):
            chain = self._owners.get(seat)
            if chain is None:
                chain = self._owners[seat] = Chain(self._table, Audience.OWNER, OWNER)
            chain.encode(owned.get(seat, ()), checksum=checksum)

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
        told = [entity for entity in entities if entity.__class__ in self._with_group]
        for number in [number for number in self._groups if number not in watched]:
            del self._groups[number]
        for number in watched:
            chain = self._groups.get(number)
            if chain is None:
                chain = Chain(self._table, Audience.GROUP, FIRST_GROUP + number)
                self._groups[number] = chain
            members = [entity for entity in told if groups.get(entity.owner, 0) == number]
            chain.encode(members, checksum=checksum)


def _classes_with(audience: Audience, table: GameTable) -> frozenset[type[Entity]]:
    """Return the entity classes that have a field for an audience."""
    return frozenset(kind for kind, tables in table.classes.items() if audience in tables)


class _OversizeError(Exception):
    """A message is longer than what a client takes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def _fitting(message: bytes) -> int:
    """Return the length of a message that a client takes.

    Raises:
        _OversizeError: It is longer.
    """
    size = len(message)
    if size > SERVER_MESSAGE_BYTES:
        raise _OversizeError(size)
    return size
