"""Sessions of players who only poll: each request with a token keeps its session present.

Law: a lease takes no connection from a session. It stands for one only while there is no other, and
ends by itself when the session goes on over a connection, or when no request has come for
`LEASE_S`; from then on the session is kept as after every lost connection.
"""

from contextlib import ExitStack
from typing import Final

import attrs
import trio

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber, PlayerId
from gameserver.messages.wire import EventEnvelope, Hello
from gameserver.rooms.calls import Attend, Lost, ReadEvents, SignIn
from gameserver.rooms.hall import Welcomed
from gameserver.rooms.state.session import Session
from gameserver.service.logging.logs import get_logger
from gameserver.service.monitoring.traffic import GOODBYE, SILENT, Traffic
from gameserver.service.people import People
from gameserver.transports import ConnectionLimits, subscriber

log: Final = get_logger()

TRANSPORT: Final = "rest"

LEASE_S: Final = 60.0
"""How long a session counts as connected after a request with its token."""

CHECK_S: Final = 1.0
"""Seconds between two checks for leases that end."""

UNREAD: Final = 64
"""Events kept for a player who never asked for any; older ones count as arrived. A player who asks
gets all of them, as on every other way."""


@attrs.define(eq=False)
class Lease:
    """Stands for the connection of one session."""

    player_id: PlayerId
    epoch: int
    used_at: float
    place: ExitStack
    """Counts the lease as a connection until it is closed."""
    reads: bool = False
    """Whether the player has asked for events."""


class Leases:
    """The leases of all sessions that have no connection."""

    def __init__(self, people: People, limits: ConnectionLimits, traffic: Traffic) -> None:
        """Start without leases; ``limits`` and ``traffic`` count them like connections."""
        self._traffic = traffic
        self._people = people
        self._limits = limits
        self._leases: dict[PlayerId, Lease] = {}

    def __len__(self) -> int:
        """Return the number of leases."""
        return len(self._leases)

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """End leases in time, until cancelled."""
        task_status.started()
        while True:
            await trio.sleep(CHECK_S)
            for lease in list(self._leases.values()):
                try:
                    self._check(lease)
                except Exception:  # a bug of ours at one lease; the others are checked
                    log.exception("lease failed")

    def sign_in(self, hello: Hello, address: str) -> Welcomed:
        """Make the session of a new guest, present by a lease.

        Raises:
            RequestError: The sign-in is refused.
        """
        place = self._admitted(address)
        try:
            welcomed = self._people.take(SignIn(hello, subscriber(address)))
        except BaseException:
            place.close()
            raise
        self._begin(welcomed.session, place)
        log.info(
            "signed in",
            player=welcomed.session.player_id,
            name=welcomed.session.name,
            client=hello.client[:40],
            address=address,
        )
        return welcomed

    def attend(self, token: bytes, address: str) -> Session:
        """Return the session of a token, which is present now.

        Raises:
            RequestError: The token is unknown, or the server is full or stopping.
        """
        attended = self._people.take(Attend(token, subscriber(address)))
        session = attended.session
        if attended.began:
            try:
                self._begin(session, self._admitted(address))
            except RequestError:
                self._people.take(Lost(session.player_id, session.epoch))
                raise
        lease = self._leases.get(session.player_id)
        if lease is not None and lease.epoch == session.epoch:
            lease.used_at = trio.current_time()
        return session

    def events(self, session: Session, after: EventNumber, most: int) -> tuple[EventEnvelope, ...]:
        """Return a session's first events behind a number; they are acknowledged by the next."""
        lease = self._leases.get(session.player_id)
        if lease is not None:
            lease.reads = True
        epoch = None if lease is None else lease.epoch
        return self._people.take(ReadEvents(session.player_id, after, most, epoch))

    def _admitted(self, address: str) -> ExitStack:
        place = ExitStack()
        refusal = place.enter_context(self._limits.admit(address))
        if refusal:
            place.close()
            raise RequestError(Code.SERVER_FULL, refusal, {"retry_after_s": 30.0})
        return place

    def _begin(self, session: Session, place: ExitStack) -> None:
        old = self._leases.get(session.player_id)
        if old is not None:
            self._end(old, Code.SESSION_REPLACED)
        now = trio.current_time()
        self._traffic.began(TRANSPORT)
        self._leases[session.player_id] = Lease(session.player_id, session.epoch, now, place)

    def _check(self, lease: Lease) -> None:
        if self._leases.get(lease.player_id) is not lease:
            return
        session = self._people.hall.parts.state.sessions.get(lease.player_id)
        if session is None or not session.owned_by(lease.epoch):
            self._end(lease, Code.SESSION_REPLACED if session is not None else GOODBYE)
        elif trio.current_time() - lease.used_at > LEASE_S:
            self._end(lease, SILENT)
            self._people.take(Lost(lease.player_id, lease.epoch))
        elif not lease.reads and session.stream.last > UNREAD:
            arrived = EventNumber(session.stream.last - UNREAD)
            self._people.take(ReadEvents(lease.player_id, arrived, 0, lease.epoch))

    def _end(self, lease: Lease, reason: str) -> None:
        self._traffic.ended(reason)
        lease.place.close()
        del self._leases[lease.player_id]
