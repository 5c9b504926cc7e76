"""The composition root: builds every part, joins them, runs their tasks, stops them in order.

Law: only this module knows all parts; only here tasks are started.
"""

import os
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import trio

from gameserver import __version__
from gameserver.errors import Code, ConfigError
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.messages.session import ServerMessage
from gameserver.rooms.calls import Expire, Stop
from gameserver.rooms.hall import Hall
from gameserver.rooms.limits.rules import RoomRules
from gameserver.service.clock import Clock, SystemClock
from gameserver.service.config.settings import Settings
from gameserver.service.connections import Connections
from gameserver.service.conversation import Conversation
from gameserver.service.descriptors import Allowance, allowance, in_use, limit
from gameserver.service.effects import Effects
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import Matches
from gameserver.service.middleware import Middleware, logged
from gameserver.service.monitoring.metrics import Metrics
from gameserver.service.monitoring.pages import pages
from gameserver.service.monitoring.watch import Watch
from gameserver.service.overload.overload import Overload
from gameserver.service.overload.work import Stopwatch, Work
from gameserver.service.people import People
from gameserver.service.router import Router
from gameserver.service.spreader import Spreader
from gameserver.service.ticker import Ticker
from gameserver.transports import (
    Connection,
    ListenSettings,
    listen,
    load_certificate,
    shown,
    subscriber,
)

log = get_logger()

LIFE_CHECK_S = 0.5
"""How often silent peers are looked for; one timer for all of them."""

LIVES_AT_ONCE = 50
"""Peers looked at before others have their turn: each may be sent a probe."""

RESTING_READ_S = 0.001
"""Shortest time between two rounds over the sockets of those in no match: what comes meanwhile is
read in one go."""

RESTING_READS = 16
"""Sockets that one round reads: thousands who speak in one moment must not hold the loop (threat
37)."""

DEADLINE_CHECK_S = 0.05
"""How often the rooms are asked whether something is due; finer than a countdown shows."""

RETRY_AFTER_S = 2.0
"""When clients of a stopping server may come back."""

LONGEST_TELLING_S = 1.0
"""How long a stop waits until thousands were told how their match ended."""

STOPPED = "stopped"


class Server:
    """One server: one game, many lobbies."""

    def __init__(
        self,
        settings: Settings,
        game: Game,
        maps: Mapping[str, TileMap],
        *,
        clock: Clock | None = None,
        entropy: Callable[[int], bytes] = os.urandom,
        middleware: Sequence[Middleware] = (),
        stopwatch: Stopwatch = time.thread_time,
    ) -> None:
        """Build the parts; nothing runs and nothing listens yet.

        Args:
            settings: What the operator chose.
            game: The game that every lobby of this server plays.
            maps: Maps by name.
            clock: Replaced in simulations.
            entropy: Source of seeds, tokens and ids; replaced in simulations.
            middleware: Links around every request, the first outermost.
            stopwatch: Measures what work costs; replaced in simulations.

        Raises:
            ConfigError: The certificate cannot be used.
        """
        for tile_map in maps.values():
            tile_map.to_wire()  # the first who asks for a large map must not hold the loop
        self.settings = settings
        self._clock = clock or SystemClock()
        self._entropy = entropy
        rules = RoomRules(
            server=f"{settings.name} (gameserver {__version__})",
            heartbeat_s=settings.heartbeat_s,
            match_grace_s=settings.resume_grace_s,
            session_ttl_s=max(120.0, 2 * settings.resume_grace_s),
        )
        self.hall = Hall(game, maps, rules)
        self.connections = Connections()
        self.ticker = Ticker()
        self.matches = Matches(
            game,
            maps,
            self.ticker,
            most=settings.max_matches,
            seeds=self._seed,
        )
        effects = Effects(self.hall, self.connections, self.matches)
        self.people = People(self.hall, effects, self._clock, entropy)
        self._spreader = Spreader(self.people)
        self._conversations: set[Conversation] = set()
        overload = Overload()
        self.metrics = Metrics(
            settings.name,
            game,
            self.hall,
            self.matches,
            overload,
            now=self._clock.now(),
            connections=self._conversations.__len__,
        )
        self.watch = Watch(
            self.people, self.matches, self.metrics, overload, lambda: self._router.arrivals
        )
        self._work = Work(rules, self._clock, stopwatch)
        self._router = Router(
            settings,
            game,
            self.people,
            self.matches,
            self.connections,
            self._clock,
            self.metrics,
            [logged, *middleware],
            self._work,
        )
        self._tls = self._load_tls()
        self.addresses: list[str] = []
        """Where it can be reached, once it listens."""
        self._stopping = trio.Event()
        self.stopped = trio.Event()
        self._left = trio.Event()

    async def run(self, *, task_status: "trio.TaskStatus[str]" = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until `stop`; reports the first ``ws://`` address when ready.

        Raises:
            ConfigError: An address cannot be listened on.
        """
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.ticker.run)
            nursery.start_soon(self._keep_deadlines)
            nursery.start_soon(self._spreader.run)
            nursery.start_soon(self._router.turns.run)
            nursery.start_soon(self._keep_lives)
            nursery.start_soon(self.watch.run)
            nursery.start_soon(self._read_resting)
            port = await nursery.start(listen, self._listen_settings(), self._serve, self._admit)
            scheme = "wss" if self._tls is not None else "ws"
            self.addresses = [f"{scheme}://{shown(host, port)}" for host in self.settings.host]
            task_status.started(self.addresses[0])
            await self._stopping.wait()
            await self._wind_down()
            nursery.cancel_scope.cancel()
        self.stopped.set()

    def stop(self) -> None:
        """Begin an orderly stop: `run` returns within ``stop_after_s``."""
        self._stopping.set()

    # --- tasks ------------------------------------------------------------------------------

    async def _serve(self, connection: Connection) -> None:
        conversation = Conversation(self._router, connection)
        self._conversations.add(conversation)
        if self._stopping.is_set():  # came too late to be told with the others
            conversation.part(Code.SERVER_STOPPING, "the server stops", RETRY_AFTER_S)
        try:
            await conversation.run()
        finally:
            connection.close_soon()
            with trio.CancelScope(shield=True):
                await connection.wait_closed()
            self._conversations.discard(conversation)
            self._left.set()

    async def _admit(self, peer: str) -> None:
        await self._work.admit(subscriber(peer))

    async def _keep_deadlines(self) -> None:
        """Let the rooms act when something of theirs is due.

        Deadlines move with every request, so this looks often instead of being told each time.
        Between two of them the others have their turn: ten matches may begin in one moment.
        """
        while True:
            await trio.sleep(DEADLINE_CHECK_S)
            more = True
            while more:
                try:
                    more = self.people.take(Expire())
                except Exception:  # a bug, met by one deadline
                    log.exception("deadline failed")
                await trio.lowlevel.checkpoint()

    async def _read_resting(self) -> None:
        """Read the sockets of all who are in no match, many at once.

        Nearly all that comes from them are signs of life, which so wake no task of their own; what
        else comes wakes its connection's.
        """
        resting = self._router.resting
        while resting.descriptor >= 0:
            await trio.lowlevel.wait_readable(resting.descriptor)
            try:
                resting.drain(RESTING_READS)
            except Exception:  # a bug, met by one message; the others are read in the next round
                log.exception("reading failed")
            await trio.sleep(RESTING_READ_S)

    async def _keep_lives(self) -> None:
        while True:
            await trio.sleep(LIFE_CHECK_S)
            now = self._clock.now()
            for number, conversation in enumerate(list(self._conversations)):
                conversation.check_life(now)
                if number % LIVES_AT_ONCE == LIVES_AT_ONCE - 1:
                    await trio.lowlevel.checkpoint()

    # --- stopping -----------------------------------------------------------------------------

    async def _wind_down(self) -> None:
        """Tell players, close matches in order, say goodbye, and let the words leave."""
        log.info("stopping", players=len(self.connections), matches=len(self.matches))
        notice = ServerMessage("the server stops", stops_in_s=self.settings.stop_after_s)
        for player_id in self.connections:
            self.connections.tell((player_id,), notice)
            self.connections.flush()
            await trio.lowlevel.checkpoint()  # between two of thousands, ticks go on
        self.people.take(Stop())
        for live in self.matches:
            live.end(STOPPED, "the server stops")
            await trio.lowlevel.checkpoint()
        with trio.move_on_after(LONGEST_TELLING_S):
            await self._spreader.wait_idle()
        for conversation in list(self._conversations):
            conversation.part(Code.SERVER_STOPPING, "the server stops", RETRY_AFTER_S)
            await trio.lowlevel.checkpoint()
        with trio.move_on_after(self.settings.stop_after_s):
            while self._conversations:
                self._left = trio.Event()
                await self._left.wait()

    # --- parts -------------------------------------------------------------------------------

    def _seed(self) -> int:
        if self.settings.seed:
            return self.settings.seed + self.matches.started
        return int.from_bytes(self._entropy(7), "big")

    def _load_tls(self) -> ssl.SSLContext | None:
        certificate, key = self.settings.tls_cert, self.settings.tls_key
        if bool(certificate) != bool(key):
            given, missing = ("tls-cert", "tls-key") if certificate else ("tls-key", "tls-cert")
            raise ConfigError(f"{given} is set without {missing}: they belong together")
        return load_certificate(Path(certificate), Path(key)) if certificate else None

    def _allowance(self) -> Allowance:
        """Return what may be open; said in a line where it is less than what was asked for.

        Raises:
            ConfigError: Nothing may.
        """
        asked = self.settings.max_connections
        most, used = limit(), in_use()
        allowed = allowance(
            asked, self.settings.max_matches, ListenSettings().max_refusals, most=most, used=used
        )
        if allowed.connections < asked:
            log.warning(
                "connections limited",
                asked=asked,
                allowed=allowed.connections,
                open_files=most,
            )
        return allowed

    def _listen_settings(self) -> ListenSettings:
        allowed = self._allowance()
        return ListenSettings(
            hosts=tuple(self.settings.host),
            port=self.settings.port,
            tls=self._tls,
            max_connections=allowed.connections,
            max_refusals=allowed.refusals,
            max_per_address=self.settings.max_per_address,
            allowed_origins=tuple(self.settings.allow_origin),
            names=tuple(self.settings.domain),
            pages=pages(
                self.settings.stats_token,
                lambda: self.metrics.read(self._clock.now()),
                self._stopping.is_set,
            ),
        )
