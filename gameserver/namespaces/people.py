"""Members of a namespace, and groups of them, as an author's handlers see them."""

from collections.abc import Awaitable, Mapping
from typing import Any, Final, Protocol

import attrs

from gameserver.ids import PlayerId
from gameserver.namespaces.audience import Recipients

EVERYBODY: Final = Recipients()


def plain(args: tuple[object, ...]) -> Any:
    """Return an ack as an author sees it: its argument, None without one, a tuple of several."""
    return args[0] if len(args) == 1 else args or None


class NamespacePort(Protocol):
    """What a namespace stands on; the service provides it."""

    def emit(
        self,
        namespace: str,
        audience: Recipients,
        event: str,
        args: tuple[object, ...],
        *,
        latest: bool,
    ) -> None:
        """Send an event to the members meant by the audience."""
        ...

    def ask(
        self,
        namespace: str,
        player_id: PlayerId,
        event: str,
        args: tuple[object, ...],
        timeout_s: float,
    ) -> Awaitable[tuple[object, ...]]:
        """Send an event and wait for its ack."""
        ...

    def ask_all(
        self,
        namespace: str,
        audience: Recipients,
        event: str,
        args: tuple[object, ...],
        timeout_s: float,
    ) -> Awaitable["Gathered"]:
        """Send an event to the members meant by the audience, and wait for their acks."""
        ...

    def place(self, namespace: str, player_id: PlayerId, room: str, *, inside: bool) -> None:
        """Put a member into a room, or out of it."""
        ...

    def expel(self, namespace: str, player_id: PlayerId, code: str, sentence: str) -> None:
        """Put a member out of the namespace."""
        ...

    def members(self, namespace: str, audience: Recipients) -> tuple[PlayerId, ...]:
        """Return the members meant by the audience."""
        ...

    def rooms_of(self, namespace: str, player_id: PlayerId) -> tuple[str, ...]:
        """Return the rooms of a member."""
        ...

    def name_of(self, player_id: PlayerId) -> str:
        """Return a player's name; empty for a session that is over."""
        ...

    def is_connected(self, player_id: PlayerId) -> bool:
        """Tell whether a session has a connection now."""
        ...


@attrs.frozen
class Gathered:
    """The acks of the members who were asked."""

    answers: Mapping[PlayerId, Any]
    """Each ack's argument, in the order of coming; None without one, a tuple of several."""
    silent: tuple[PlayerId, ...]
    """Those who did not answer in time, or left before."""


@attrs.frozen
class Crowd:
    """Members of a namespace to whom an event can be sent, such as those of a room.

    Each method but `emit` returns another crowd, so calls can be chained.
    """

    _ground: NamespacePort
    _namespace: str
    _audience: Recipients = EVERYBODY
    _latest: bool = False

    @property
    def volatile(self) -> "Crowd":
        """The same members; an event goes only to those who can take it now."""
        return attrs.evolve(self, latest=True)

    def to(self, *rooms: str) -> "Crowd":
        """Return the members of these rooms, besides those that are meant already.

        Of all members, they are those of these rooms alone: nobody, if no room is given.
        """
        before = self._audience
        audience = attrs.evolve(before, rooms=before.rooms + rooms, named=True)
        return attrs.evolve(self, audience=audience)

    def without(self, *whom: "str | Participant") -> "Crowd":
        """Return the same members without these ones, or without those of these rooms."""
        players = tuple(each.player_id for each in whom if isinstance(each, Participant))
        rooms = tuple(each for each in whom if isinstance(each, str))
        before = self._audience
        audience = attrs.evolve(
            before,
            without=before.without + players,
            without_rooms=before.without_rooms + rooms,
        )
        return attrs.evolve(self, audience=audience)

    def emit(self, event: str, *args: object) -> None:
        """Send an event; unless `volatile`, each member gets it once, also after a reconnect.

        Raises:
            ValueError: A name or value cannot be sent (`gameserver.namespaces.values`).
        """
        self._ground.emit(self._namespace, self._audience, event, args, latest=self._latest)

    async def emit_with_ack(self, event: str, *args: object, timeout_s: float = 5.0) -> Gathered:
        """Send an event to all of these members, and wait until each has answered or left.

        Members without a connection are asked too, since they may return in time.

        Returns:
            What came within the time; that some did not answer is no error.

        Raises:
            ValueError: A name or value cannot be sent, or the crowd is ``volatile``.
        """
        if self._latest:
            raise ValueError("a volatile event may be missing, so it has no acks")
        return await self._ground.ask_all(self._namespace, self._audience, event, args, timeout_s)

    @property
    def player_ids(self) -> tuple[PlayerId, ...]:
        """The members that are meant."""
        return self._ground.members(self._namespace, self._audience)


@attrs.frozen
class Participant:
    """One member of a namespace: a session, whatever connection it has at present."""

    _ground: NamespacePort
    _namespace: str
    player_id: PlayerId
    data: dict[str, Any] = attrs.field(factory=dict, eq=False, repr=False)
    """Kept for the author while the session is in the namespace."""

    @property
    def name(self) -> str:
        """The player's present name."""
        return self._ground.name_of(self.player_id)

    @property
    def connected(self) -> bool:
        """Whether the session has a connection now."""
        return self._ground.is_connected(self.player_id)

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms that it is in."""
        return self._ground.rooms_of(self._namespace, self.player_id)

    @property
    def volatile(self) -> Crowd:
        """This member, for events of which only the newest counts."""
        return self._crowd.volatile

    @property
    def _crowd(self) -> Crowd:
        return Crowd(self._ground, self._namespace, Recipients(players=(self.player_id,)))

    def emit(self, event: str, *args: object) -> None:
        """Send an event to this member; see `Crowd.emit`."""
        self._crowd.emit(event, *args)

    async def emit_with_ack(self, event: str, *args: object, timeout_s: float = 5.0) -> Any:
        """Send an event and wait for the client's ack.

        Returns:
            The ack's argument; None without one, a tuple of several.

        Raises:
            RequestTimedOutError: No ack came in time, or the member left.
        """
        answer = await self._ground.ask(self._namespace, self.player_id, event, args, timeout_s)
        return plain(answer)

    def join(self, room: str) -> None:
        """Enter a room; without effect on a member of it."""
        self._ground.place(self._namespace, self.player_id, room, inside=True)

    def leave(self, room: str) -> None:
        """Leave a room; without effect on others."""
        self._ground.place(self._namespace, self.player_id, room, inside=False)

    def to(self, *rooms: str) -> Crowd:
        """Return the members of these rooms without this one, as in Socket.IO."""
        return Crowd(self._ground, self._namespace).to(*rooms).without(self)

    def disconnect(self, sentence: str = "", code: str = "namespace.ended") -> None:
        """Put the member out of the namespace; its session goes on."""
        self._ground.expel(self._namespace, self.player_id, code, sentence)
