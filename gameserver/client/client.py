"""The client: signs in, sends requests, and reconnects by itself after a lost connection.

Law: the application sees one continuous session. Each request is answered once, each event happens
once and in order; a lost connection is visible only as a change of `Client.status`.
"""

import os
import random
from contextlib import suppress
from functools import partial
from typing import Any, Final

import trio

from gameserver.client.chatbook import ChatBook
from gameserver.client.conversation import ClientConversation
from gameserver.client.health import Stall, Trouble, stall_of, trouble_of, words_of
from gameserver.client.link.address import Address
from gameserver.client.link.background import background
from gameserver.client.link.backoff import Backoff
from gameserver.client.link.farewell import Farewell, known_code, plain_sentence
from gameserver.client.link.roads import Roads
from gameserver.client.link.wire import Wire
from gameserver.client.namespaces import ClientNamespace
from gameserver.client.play.replica import MatchReplica
from gameserver.client.sendable import check_sendable
from gameserver.client.settings import ClientSettings
from gameserver.client.status import (
    Closed,
    Connecting,
    OfflineCause,
    Online,
    Reconnecting,
    Status,
    StatusChanged,
)
from gameserver.client.updates import Updates
from gameserver.errors import (
    Code,
    ConnectionLostError,
    RequestError,
    RequestTimedOutError,
    ServerClosedError,
)
from gameserver.game.game import Game
from gameserver.ids import PlayerId
from gameserver.messages.base import Request, Result
from gameserver.messages.lobby import LobbyList, LobbyState
from gameserver.messages.session import SignOut
from gameserver.messages.wire import Limits, Refusal

FAREWELL_S: Final = 1.0
"""Longest time for an orderly end: an unreachable server must not keep a window open."""

LOBBY_GRACE_S: Final = 30.0
"""How long a server holds a seat in a lobby without a match; the welcome gives it for a match."""

GAVE_UP: Final = "You stopped trying to reconnect."
LEFT: Final = "the application closed the client"


class Client:
    """One player's session on a server. Made by `open_client`."""

    def __init__(self, address: Address, player_name: str, settings: ClientSettings) -> None:
        """Store the settings; `run` connects."""
        self._settings = settings
        self._talk = ClientConversation(player_name, settings)
        # S311: spreading clients over time needs no secrets.
        self._backoff = Backoff(random.Random(settings.seed or os.urandom(16)))  # noqa: S311
        self._status: Status = Connecting()
        self._changed = trio.Event()
        self._roads = Roads(address, settings.roads, settings.open_stream)
        self._hurry = trio.Event()
        self._attempt = trio.CancelScope()
        self._given_up = False
        self._leaving = self._signing_out = False
        self._life = trio.CancelScope(shield=True)
        self._seat_until: float | None = None
        self.reconnects: int = 0
        """Connections made after the first one."""

    # --- state ----------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """State of the connection to the server."""
        return self._status

    @property
    def player_id(self) -> PlayerId:
        """This player's public id; empty before the first welcome."""
        return self._talk.session.player_id

    @property
    def player_name(self) -> str:
        """This player's name, as the server accepted it."""
        return self._talk.state.player_name

    @property
    def token(self) -> bytes:
        """Resume token for a later run; the newest one, so read it when the client has closed."""
        return self._talk.session.token

    @property
    def limits(self) -> Limits | None:
        """The server's limits for requests and texts; None before the first welcome."""
        return self._talk.welcome.limits if self._talk.welcome else None

    @property
    def server(self) -> str:
        """The server's name for itself."""
        return self._talk.welcome.server if self._talk.welcome else ""

    @property
    def game(self) -> Game | None:
        """The game that is played; None before the first welcome or with ``play=False``."""
        return self._talk.matches.game

    @property
    def lobby(self) -> LobbyState | None:
        """The newest state of this player's lobby; None outside a lobby."""
        return self._talk.state.lobby

    @property
    def lobby_list(self) -> LobbyList | None:
        """The newest list of lobbies, from a request or from a watch."""
        return self._talk.state.lobby_list

    @property
    def chat(self) -> ChatBook:
        """Chat lines, typing notices and muted players."""
        return self._talk.state.chat

    @property
    def match(self) -> MatchReplica | None:
        """The replica of the match this player is in; see `MatchReady`."""
        return self._talk.matches.replica

    @property
    def rtt_s(self) -> float | None:
        """Smallest of the last round trips, in seconds; None before the first measurement."""
        return self._talk.rtt_s

    @property
    def rtt_history_s(self) -> list[float]:
        """The last measured round trips in seconds, oldest first."""
        return self._talk.rtt_history_s

    @property
    def silent_s(self) -> float:
        """In a match: seconds since the last message from the server. Elsewhere 0."""
        return self._talk.silent_s

    @property
    def stall(self) -> Stall:
        """How long the match has received nothing, in the steps that a player is shown."""
        replica = self.match
        if replica is None:
            return Stall.NONE
        started = replica.started
        return stall_of(self.silent_s, started.snapshot_every / started.tick_rate)

    @property
    def trouble(self) -> Trouble:
        """Quality of the connection in a match: whether it is slow or unsteady."""
        return trouble_of(*self._line_times())

    @property
    def trouble_sentence(self) -> str:
        """`trouble` in one sentence for the player; empty without trouble."""
        times = self._line_times()
        return words_of(trouble_of(*times), *times)

    def _line_times(self) -> tuple[float, float]:
        replica = self.match
        if replica is None or not isinstance(self._status, Online):
            return 0.0, 0.0
        return self.rtt_s or 0.0, replica.jitter_s

    @property
    def bytes_in(self) -> int:
        """Bytes received over all connections so far, as TCP carried them."""
        return self._talk.bytes_in

    @property
    def bytes_out(self) -> int:
        """Bytes sent over all connections so far, as TCP carried them."""
        return self._talk.bytes_out

    def now(self) -> float:
        """Return the clock's time in seconds, for the calls of `MatchReplica`."""
        return trio.current_time()

    # --- operations ------------------------------------------------------------------------------

    async def request(self, request: Request, timeout_s: float | None = None) -> Any:
        """Send a request and wait for its answer, also across reconnects.

        Returns:
            An instance of ``request.result``.

        Raises:
            RequestError: The server refused, or the request holds a value that cannot be sent.
            RequestTimedOutError: No answer came in time.
            ConnectionLostError: The session was lost before the answer came.
            ServerClosedError: The client is closed.
        """
        self._check_open()
        check_sendable(request)
        answered = trio.Event()
        answers: list[Result | Refusal | None] = []

        def settle(answer: Result | Refusal | None) -> None:
            answers.append(answer)
            answered.set()

        request_id = self._talk.ask(request, settle)
        limit = self._settings.request_timeout_s if timeout_s is None else timeout_s
        try:
            with trio.move_on_after(limit):
                await answered.wait()
        finally:
            self._talk.session.abandon(request_id)
        if not answers:
            raise RequestTimedOutError(f"{request.name}: no answer within {limit:g} s")
        return self._unwrap(request, answers[0])

    def namespace(self, name: str) -> ClientNamespace:
        """Return the events of an author's namespace; `ClientNamespace.join` enters it."""
        spaces = self._talk.state.spaces
        return spaces.setdefault(name, ClientNamespace(name, self.request, self._talk.ask))

    def updates(self) -> Updates:
        """Return a new reader of all updates from now on."""
        return self._talk.new_reader()

    def drop_connection(self) -> None:
        """Abort the TCP connection, as a lost network would; for tests and demonstrations."""
        self._talk.cut()

    def watch_match(self) -> None:
        """Watch the match that `LeaveMatch` left; the update `MatchReady` follows."""
        self._talk.matches.watch()

    def try_now(self) -> None:
        """End the wait before the next attempt to connect; without effect at other times."""
        self._hurry.set()

    def give_up(self) -> None:
        """Stop connecting: the client closes. Without effect while the client is online."""
        if not isinstance(self._status, Online):
            self._given_up = True
            self._hurry.set()
            self._attempt.cancel()

    async def wait_online(self) -> None:
        """Wait until the session is connected.

        Raises:
            ServerClosedError: The client is closed.
        """
        while not isinstance(self._status, Online):
            self._check_open()
            await self._changed.wait()

    @property
    def road(self) -> str:
        """Name of the transport in use, such as ``websocket``; "" before the first connection."""
        return self._roads.current

    # --- lifecycle ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep the session connected until the server ends it, or until `leave`.

        Shielded: when the block of `open_client` is cancelled, `leave` still signs the session out,
        and needs the connection until then.

        Raises:
            ConnectionLostError: The first connection could not be made.
            GameMismatchError: The server's game is not available here.
        """
        with self._life:
            await self._keep_connected()

    async def _keep_connected(self) -> None:
        """Connect and reconnect until the client closes; raises the same as `run`."""
        has_been_online = False
        while True:
            self._hurry = trio.Event()
            farewell = Farewell(GAVE_UP, final=True)
            with trio.CancelScope() as self._attempt:
                farewell = await self._use_connection()
            has_been_online = has_been_online or self._talk.welcome is not None
            if farewell.final:
                return self._close(farewell)
            if self._leaving and (farewell.at_once or not self._signing_out):
                # No session is left to sign out, or the application keeps the token for a later
                # run: a resume would use that token up.
                return self._close(Farewell(LEFT, final=True))
            self._keep_trying_or_raise(farewell, has_been_online=has_been_online)
            wait = 0.0 if farewell.at_once else self._backoff.next_wait(farewell.retry_after_s)
            self._set_status(self._waiting(farewell, wait, has_been_online=has_been_online))
            with trio.move_on_after(wait):
                await self._hurry.wait()
            if self._given_up:
                return self._close(Farewell(GAVE_UP, final=True))

    def _waiting(self, farewell: Farewell, wait: float, *, has_been_online: bool) -> Status:
        """Return the status until the next attempt to connect."""
        attempt, now = self._backoff.attempt, trio.current_time()
        if not has_been_online:
            return Connecting(attempt + 1)
        if isinstance(self._status, Online) and self._talk.welcome is not None:
            most = self._talk.welcome.resume_grace_s
            self._seat_until = now + (most if self.match else min(most, LOBBY_GRACE_S))
        if farewell.cause is OfflineCause.STOPPING or self.lobby is None:
            self._seat_until = None
        kept = self._seat_until
        seat_until = kept if kept is not None and kept > now else None
        reason = plain_sentence(farewell.sentence)
        return Reconnecting(wait, attempt, reason, farewell.cause, now + wait, seat_until)

    def _keep_trying_or_raise(self, farewell: Farewell, *, has_been_online: bool) -> None:
        tried = self._backoff.attempt + 1
        if not has_been_online and not farewell.at_once and tried >= self._settings.first_attempts:
            raise ConnectionLostError(farewell.sentence)

    async def _use_connection(self) -> Farewell:
        try:
            async with self._roads.dial(self._settings.connect_timeout_s) as wire:
                told, ended = trio.open_memory_channel[Farewell](1)
                async with background() as nursery:
                    if self._roads.can_improve:
                        nursery.start_soon(self._improve, told)
                    farewell = await self._talk.over(wire, self._went_online)
                    return farewell or await ended.receive()
        except ConnectionLostError as error:
            return Farewell(str(error), cause=OfflineCause.UNREACHABLE)

    async def _improve(self, told: trio.MemorySendChannel[Farewell]) -> None:
        """Let the session go on over a better road once it is open; tell how that ended."""
        farewell: Farewell | None = None
        while farewell is None:
            async with self._roads.better(self._settings.connect_timeout_s) as wire:
                farewell = await self._talk.cross(wire, partial(self._crossed, wire))
        told.send_nowait(farewell)

    def _crossed(self, wire: Wire, resumed: bool) -> None:
        self._roads.take(wire)
        self._went_online(resumed)

    def _went_online(self, resumed: bool) -> None:
        if self._backoff.attempt or isinstance(self._status, Reconnecting):
            self.reconnects += 1
        self._backoff.succeeded()
        self._set_status(Online(resumed))

    def _close(self, farewell: Farewell) -> None:
        self._set_status(Closed(farewell.code, farewell.sentence))
        self._talk.end()

    def _set_status(self, status: Status) -> None:
        self._status = status
        self._talk.tell(StatusChanged(status))
        self._changed.set()
        self._changed = trio.Event()

    def _check_open(self) -> None:
        if isinstance(self._status, Closed):
            code = self._status.code or Code.SERVER_STOPPING
            raise ServerClosedError(code, self._status.sentence)

    def _unwrap(self, request: Request, answer: Result | Refusal | None) -> Result:
        if isinstance(answer, Refusal):
            code = known_code(answer.code)
            raise RequestError(code, answer.sentence, answer.details, answer.code)
        if answer is None:
            self._check_open()
            raise ConnectionLostError(f"{request.name}: the session ended before the answer came")
        return answer

    async def leave(self) -> None:
        """Sign out, if the settings say so, and close; takes at most `FAREWELL_S`."""
        self._leaving = True
        self._signing_out = self._settings.sign_out and isinstance(self._status, Online)
        try:
            with trio.move_on_after(FAREWELL_S, shield=True):
                if self._signing_out:
                    # These errors mean that the session is gone already.
                    with suppress(RequestError, ConnectionLostError, ServerClosedError):
                        await self.request(SignOut())
                self._signing_out = False
                await self._talk.say_goodbye()
        finally:
            self._life.cancel()
        if not isinstance(self._status, Closed):
            self._close(Farewell(LEFT, final=True))
