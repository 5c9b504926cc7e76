"""Calls into the hall that authors' namespaces make, as values; see `gameserver.rooms.calls`."""

import attrs

from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Request, Result
from gameserver.messages.namespaces import Emitted
from gameserver.messages.wire import Refusal
from gameserver.namespaces.audience import Recipients
from gameserver.rooms.calls import Moment
from gameserver.rooms.hall import Hall


@attrs.frozen
class Handled:
    """The handler of an author has finished a request; a refusal's id does not count."""

    player_id: PlayerId
    request_id: RequestId
    request: Request
    outcome: Result | Refusal

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Let the member in or not; send the answer if the client waits for it."""
        hall.namespaces.handled(self.player_id, self.request_id, self.request, self.outcome)


@attrs.frozen
class EmitTo:
    """An author sends an event to members of a namespace; ``latest`` as a notice."""

    audience: Recipients
    event: Emitted
    latest: bool = False

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Send it to those who are members now."""
        hall.namespaces.emit(self.audience, self.event, latest=self.latest)


@attrs.frozen
class Place:
    """An author puts a member into a room, or out of it.

    Raises:
        ValueError: The member is in too many rooms.
    """

    namespace: str
    player_id: PlayerId
    room: str
    inside: bool

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Change the rooms of the member."""
        hall.namespaces.place(self.namespace, self.player_id, self.room, inside=self.inside)


@attrs.frozen
class Expel:
    """An author puts a member out of a namespace."""

    namespace: str
    player_id: PlayerId
    code: str
    sentence: str

    def act(self, hall: Hall, _moment: Moment) -> None:
        """Remove the member and tell its client."""
        hall.namespaces.expel(self.namespace, self.player_id, self.code, self.sentence)
