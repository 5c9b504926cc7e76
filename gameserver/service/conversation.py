"""The messages of one connection, from hello to goodbye.

Law: a conversation makes no decisions. It decodes messages, passes them to the rooms or to the
match, and sends the answers. An error in it ends this connection and nothing else.
"""

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Final

import trio

from gameserver.errors import PROTOCOL_PAGE, Code, ProtocolError, RequestError
from gameserver.ids import PlayerId, RequestId
from gameserver.messages import wire
from gameserver.messages.match import EnterMatch
from gameserver.messages.session import GetServerStats
from gameserver.messages.wire import Kind
from gameserver.protocol import hot, limits
from gameserver.protocol.codec import BadRequest
from gameserver.protocol.heartbeat import Heartbeat
from gameserver.rooms.hall import Welcomed
from gameserver.rooms.limits.buckets import TokenBucket
from gameserver.service.compression import PUBLIC_ANSWERS
from gameserver.service.connections import PlayerLink, say_goodbye
from gameserver.service.early import EarlyInputs
from gameserver.service.logging.logs import get_logger
from gameserver.service.middleware import RequestContext
from gameserver.service.monitoring.traffic import GOODBYE, LOST, SILENT
from gameserver.service.router import Router
from gameserver.transports import Link, subscriber

log: Final = get_logger()

LONGEST_LOOK: Final = 512
"""Longest request for the server's statistics before a hello, in bytes, its token included."""

MOST_AHEAD: Final = 32
"""Messages that need not wait, up to `match.enter` of a session that crosses. They are charged
(threat 37)."""

MEASURE_S: Final = 30.0
"""Time between two pings of a peer that is not silent: they measure its round trip. Each wakes the
connection's task, which costs as much as some ticks of a player."""

REST_HEADS: Final = hot.LIFE_HEADS | hot.LANE_HEADS
"""First bytes of the messages that are processed while the socket is read; see `_found`."""

TOO_MANY_INPUTS: Final = "too many inputs; one for each tick counts"


class Conversation:
    """Reads and answers the messages of one peer."""

    def __init__(self, router: Router, link: Link) -> None:
        """Prepare for a connection; ``router`` answers its requests."""
        self._router = router
        self._link = link
        self._player_id = PlayerId("")
        self._epoch = 0
        self._bucket = TokenBucket(limits.MESSAGES_PER_S, limits.MESSAGES_BURST)
        self._hot_bucket = TokenBucket(limits.INPUTS_PER_S, limits.INPUTS_BURST)
        self._life_bucket = TokenBucket(limits.LIFE_PER_S, limits.LIFE_BURST)
        self._received_bytes = 0
        self._pinged = (-1, router.clock.now())
        """Nonce and time of the ping that was sent last; at first the time of the connection."""
        self._controls = 0
        """WebSocket's own pings and pongs that were charged."""
        self._counted_bytes = 0
        """Received bytes for which the player was allowed bytes of answers."""
        self._address = subscriber(link.peer)
        self._own = router.work.budget()
        self._ahead = 0
        """Messages left that need not wait; see `_goes_ahead`."""
        self._early = EarlyInputs(lambda message: router.hot(self._player_id, message))
        self._waits = False
        """Whether it waits for its turn."""
        self.ending: str = LOST
        """The reason for its end, see `gameserver.service.monitoring.traffic`."""
        self.heartbeat: Heartbeat = Heartbeat(router.settings.heartbeat_s, router.clock.now())

    @property
    def transport(self) -> str:
        """Name of the link's transport."""
        return self._link.transport

    async def run(self) -> None:
        """Serve the connection until it ends."""
        # The socket is read together with all others from the first message on: if hundreds sign
        # in at the same time, a wake-up of each one's task would cost too much.
        self._link.rest_in_lane(hot.LANE_HEADS, self._found, self._router.resting)
        try:
            if await self._hello():
                while True:
                    message = await self._link.receive()
                    if self._router.plays_here(self._player_id) and _is_hot(message):
                        self._received(message)
                        continue
                    with self._counted() if self._goes_ahead() else await self._turn():
                        self._received(message)
        except ProtocolError as error:
            sentence = error.sentence if self._player_id else _with_page(error.sentence)
            self._refuse(error.code, sentence)
            self.part(error.code, sentence)
        finally:
            try:
                await self._router.turns.wait()  # thousands of connections may end together
            finally:
                # Also when the wait was cancelled: the rooms must learn of the lost connection.
                with self._router.turns.counted():
                    self._router.left(self._player_id, self._epoch)

    def _goes_ahead(self) -> bool:
        """Tell whether the next message need not wait, though it is charged.

        That is so between the hello of a session that crosses and its `match.enter`.
        """
        if not self._ahead:
            return False
        self._ahead -= 1
        return True

    async def _turn(self) -> AbstractContextManager[None]:
        """Wait for this conversation's turn; the time of the context's block is charged."""
        self._waits = True
        try:
            await self._router.work.wait(self._address, self._own)
            await self._router.turns.wait()
        finally:
            self._waits = False
        return self._counted()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._router.turns.counted(), self._router.work.counted(self._address, self._own):
            yield

    # --- signing in ---------------------------------------------------------------------------

    async def _hello(self) -> bool:
        with trio.move_on_after(limits.HELLO_S) as scope:
            while True:
                message = await self._link.receive()
                scope.deadline = math.inf  # the time for which the server lets it wait is free
                with await self._turn():
                    if not self._looks_in(message):
                        return self._welcome(message)
                scope.deadline = trio.current_time() + limits.HELLO_S
        sentence = _with_page(f"no hello came within {limits.HELLO_S:.0f} s")
        self.part(Code.HELLO_EXPECTED, sentence)
        return False

    def _looks_in(self, message: bytes) -> bool:
        """Answer a request for the server's statistics, which needs no session.

        Returns:
            Whether the message was such a request; if not, it must be a hello.

        Raises:
            ProtocolError: The peer sent too many of them.
        """
        if len(message) > LONGEST_LOOK:
            return False
        asked, *rest = self._link.codec.decode(message)
        if not isinstance(asked, wire.RequestEnvelope) or rest:
            return False
        if not isinstance(asked.request, GetServerStats):
            return False
        now = self._router.clock.now()
        self.heartbeat.heard(now)
        if self._bucket.take(now):
            raise ProtocolError(Code.RATE_LIMITED, "too many messages; send fewer a second")
        answer = self._router.answer(self._context(), asked)
        self._link.post(answer)
        if isinstance(answer, wire.Refusal):
            self.part(Code(answer.code), answer.sentence)
        return True

    def _welcome(self, message: bytes) -> bool:
        hello, *rest = self._link.codec.decode(message)
        if not isinstance(hello, wire.Hello) or rest:
            raise ProtocolError(Code.HELLO_EXPECTED, "the first message must be a hello, alone")
        with self._router.people.turn:  # the welcome is sent before the effects of the sign-in
            return self._sign_in(hello)

    def _sign_in(self, hello: wire.Hello) -> bool:
        try:
            signed_in = self._router.sign_in(hello, self._link.peer)
        except RequestError as error:
            self._refuse(error.code, error.sentence)
            retry_after_s = error.details.get("retry_after_s")
            self.part(
                error.code,
                error.sentence,
                retry_after_s if isinstance(retry_after_s, float) else None,
            )
            return False
        self._player_id = signed_in.welcome.player_id
        self._epoch = signed_in.welcome.epoch
        # Sent before `attach`, which sends pending events: those come after the repeated ones.
        self._router.connections.later(partial(self._greet, signed_in))
        line = PlayerLink(self._link, self._epoch, self.charge, self._note_end, self._own)
        if self._router.attach(self._player_id, line):
            self._ahead = MOST_AHEAD
            self._early.let_play()
        self._link.rest_in_lane(REST_HEADS, self._found, self._router.resting)
        return True

    def _greet(self, signed_in: Welcomed) -> None:
        sent_bytes = self._link.post_all([signed_in.welcome, *signed_in.replay])
        self._router.replayed(self._player_id, sent_bytes)

    # --- received messages ------------------------------------------------------------------------

    def _received(self, message: bytes) -> None:
        now = self._router.clock.now()
        self.heartbeat.heard(now)
        if _is_hot(message):
            if len(message) > hot.LONGEST:
                raise ProtocolError(Code.BAD_MESSAGE, "too long for an input")
            self._play(message, now)
            return
        items = self._link.codec.decode(message)
        self._charge_message(now, len(items))
        for item in items:
            if not self._link.is_open:
                return  # an item before this one ended the connection
            self._control(item, now)

    def _charge_message(self, now: float, count: int = 1) -> None:
        if self._bucket.take(now, count):
            raise ProtocolError(Code.RATE_LIMITED, "too many messages; send fewer a second")

    def _play(self, message: bytes, now: float) -> None:
        if self._hot_bucket.take(now):
            raise ProtocolError(Code.RATE_LIMITED, TOO_MANY_INPUTS)
        self._early.put(message)

    def _found(self, message: bytes) -> bool:
        """Process an input, ping or pong that the lane found while it read the socket.

        Returns:
            Whether the message was exactly one of these. Any other message is left to `receive`: a
            request behind a ping must not overtake earlier requests, and the refusal of a wrong
            ping, or of an input that is too long or comes before the hello, must not overtake their
            answers.
        """
        is_input = _is_hot(message)
        sign = None if is_input else hot.sign_of_life(message)
        if is_input and (len(message) > hot.LONGEST or not self._link.messages):
            return False
        if not is_input and sign is None:
            return False
        now = self._router.clock.now()
        self.heartbeat.heard(now)
        try:
            if is_input:
                self._play(message, now)
            else:
                self._charge_message(now)
                if self._link.is_open:
                    self._control(sign, now)
            # Inputs of players in a match never wait.
            if not (is_input and self._router.entered(self._player_id, self._epoch)):
                self._alive(1)
        except ProtocolError as error:
            self._refuse(error.code, error.sentence)
            self.part(error.code, error.sentence)
        return True

    def _alive(self, count: int) -> None:
        """Charge pings and pongs, and inputs outside of a match.

        A connection that sends more of them than it needs is not read while its address is in debt.
        """
        debt_s = self._router.work.alive(self._address, self._own, count)
        if self._life_bucket.take(self._router.clock.now(), count) and debt_s:
            self._link.hold(debt_s)

    def charge(self, inputs: int) -> None:
        """Charge inputs that the lane has taken; too many end the connection."""
        if self._hot_bucket.take(self._router.clock.now(), inputs):
            self._refuse(Code.RATE_LIMITED, TOO_MANY_INPUTS)
            self.part(Code.RATE_LIMITED, TOO_MANY_INPUTS)

    def _control(self, item: object, now: float) -> None:
        match item:
            case wire.RequestEnvelope():
                self._answer(item)
            case BadRequest():
                refusal = wire.Refusal(item.id, item.code, item.sentence, item.details)
                placed = self._router.placed(self._player_id, refusal)
                self._router.connections.later(partial(self._link.post, placed))
            case wire.Ack():
                self._router.acked(self._player_id, self._epoch, item)
            case wire.Ping():
                self._link.offer(self._link.codec.encode(wire.Pong(item.nonce, int(now * 1000))))
            case wire.Pong(nonce) if nonce == self._pinged[0]:
                self._link.round_trip_s = now - self._pinged[1]
            case wire.Pong():
                pass  # of an older ping; as a sign of life it was counted already
            case wire.Goodbye():
                self._note_end(GOODBYE)
                self._link.close_soon("goodbye")
            case wire.Hello():
                raise ProtocolError(Code.BAD_MESSAGE, "a hello comes once, as the first message")
            case _:
                raise ProtocolError(
                    Code.BAD_MESSAGE, "send an input or a seen in the shortest msgpack form"
                )

    def _answer(self, item: wire.RequestEnvelope) -> None:
        received = self._link.bytes_in
        # Counted before the request is decided, since its own bytes earn bytes of its answer.
        self._router.received(self._player_id, received - self._counted_bytes)
        self._counted_bytes = received
        # The answer is queued before the effects are performed: clients rely on getting the events
        # of a request after its answer.
        with self._router.people.turn:
            decided = self._router.answer(self._context(), item)
            if isinstance(decided, wire.Later):
                return  # the effect `ReplyLater` sends the answer
            if isinstance(item.request, EnterMatch):
                self._entered(decided)
            answer = self._link.codec.encode(decided)
            self._router.answered(self._player_id, item.request, len(answer))
            public = type(item.request) in PUBLIC_ANSWERS
            self._router.connections.queue(self._link, answer, public=public)

    def _entered(self, answer: wire.Answer) -> None:
        self._ahead = 0
        if isinstance(answer, wire.ResultEnvelope):
            self._router.connections.later(self._early.let_play)  # behind `Router._watch`
        else:
            self._early.forget()

    def _context(self) -> RequestContext:
        link = self._link
        epoch = self._epoch or None
        return RequestContext(self._player_id, link.peer, link.transport, link.direct, epoch)

    # --- heartbeat and end ------------------------------------------------------------------------

    def check_life(self, now: float) -> None:
        """Send a silent peer a ping; end the connection of a peer that stays silent.

        One timer calls this for all conversations.
        """
        controls = self._link.controls - self._controls
        if controls:
            self._controls += controls
            self._alive(controls)
        received = self._link.bytes_in
        if self._waits or self._link.held or received != self._received_bytes:
            # Any received bytes are a sign of life, also frames that the library answers itself. A
            # peer that waits for its turn may have sent bytes that are not read yet.
            self._received_bytes = received
            self.heartbeat.heard(now)
            # Before the hello nobody is measured: a pong is none, and would be refused.
            if self._player_id and now - self._pinged[1] >= MEASURE_S:
                self._ping(now)
        elif self.heartbeat.is_dead(now):
            log.info("peer silent", player=self._player_id, address=self._link.peer)
            self._note_end(SILENT)
            self._link.abort()
        elif self.heartbeat.wants_ping(now):
            self._ping(now)

    def _ping(self, now: float) -> None:
        self._pinged = (int(now * 1000) & 0x7FFFFFFF, now)
        self._link.offer(self._link.codec.encode(wire.Ping(self._pinged[0])))

    def part(self, code: Code, sentence: str, retry_after_s: float | None = None) -> None:
        """Send a goodbye, then close the connection."""
        self._note_end(code)
        say_goodbye(self._link, code, sentence, retry_after_s)

    def _note_end(self, reason: str) -> None:
        if self.ending == LOST:  # the first reason counts
            self.ending = reason

    def _refuse(self, code: str, sentence: str) -> None:
        self._link.post(wire.Refusal(RequestId(0), code, sentence))


def _is_hot(message: bytes) -> bool:
    return hot.peek_kind(message) in (Kind.INPUT, Kind.SEEN)


def _with_page(sentence: str) -> str:
    """Add the protocol's page: such a peer is most likely a client under development."""
    return f"{sentence}; see {PROTOCOL_PAGE}, section 3"
