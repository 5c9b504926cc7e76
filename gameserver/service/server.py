"""The composition root: builds all parts, connects them, runs their tasks, and stops them in order.

Law: only this module knows all parts, and only this module starts their tasks.
"""

import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from types import MappingProxyType
from typing import Final

import trio

from gameserver.errors import Code
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.namespaces import Namespace
from gameserver.protocol.server_codec import ServerCodec
from gameserver.roads.draws import RoadDraws
from gameserver.roads.events.road import TRANSPORT
from gameserver.rooms.hall import Hall
from gameserver.service.admin.console import Console
from gameserver.service.authors import Authors
from gameserver.service.certificate import Certificate
from gameserver.service.config.room_rules import room_rules
from gameserver.service.config.settings import Conformance, Settings
from gameserver.service.connections import Connections
from gameserver.service.conversation import Conversation
from gameserver.service.deadlines import Deadlines
from gameserver.service.effects import Effects
from gameserver.service.feeds.feeds import Feeds
from gameserver.service.gate import Gate
from gameserver.service.journals import Journals
from gameserver.service.listening import listen_settings
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import Matches
from gameserver.service.matchrecovery import MatchRecovery
from gameserver.service.middleware import Middleware, logged
from gameserver.service.monitoring.metrics import Metrics
from gameserver.service.monitoring.pages import pages
from gameserver.service.monitoring.watch import Watch
from gameserver.service.overload.overload import Overload
from gameserver.service.overload.work import Work
from gameserver.service.people import People, Record
from gameserver.service.recovery import Recovery, RestoreProgress, silent
from gameserver.service.replays import Replays
from gameserver.service.rest import leases
from gameserver.service.rest.mounted import Mounted
from gameserver.service.resting import read_resting
from gameserver.service.roads import FurtherRoads
from gameserver.service.router import Router
from gameserver.service.runtime import Runtime
from gameserver.service.saving import Saving, note_unsent
from gameserver.service.spreader import Spreader
from gameserver.service.ticker import Ticker
from gameserver.service.winddown import RETRY_AFTER_S, STOPS, WindDown
from gameserver.transports import (
    ConnectionLimits,
    Guard,
    Link,
    ListenSettings,
    accept,
    shown,
    subscriber,
)
from gameserver.transports.http.asgi import AsgiApp

log: Final = get_logger()

LIFE_CHECK_S = 1.0
"""Seconds between two checks for silent peers; one timer serves all of them."""

LIVES_AT_ONCE = 50
"""Peers checked before other tasks run, since each check may send a ping."""


class Server:
    """One server: one game, many lobbies."""

    def __init__(
        self,
        settings: Settings,
        game: Game,
        maps: Mapping[str, TileMap],
        *,
        runtime: Runtime | None = None,
        middleware: Sequence[Middleware] = (),
        record: Record | None = None,
        http: Mapping[str, AsgiApp] = MappingProxyType({}),
        namespaces: Iterable[type[Namespace]] = (),
        progress: RestoreProgress = silent,
    ) -> None:
        """Build the parts; nothing runs and nothing listens yet.

        Args:
            settings: The operator's settings.
            game: The game that every lobby of this server plays.
            maps: Maps by name.
            runtime: Access to the process; replaced in simulations.
            middleware: Links around every request, the first outermost.
            record: Called with every call into the hall, before it acts.
            http: ASGI applications by the first part of the paths that each serves, such as
                ``/shop``; they run on trio and get requests of HTTP only.
            namespaces: Namespaces of authors, besides those of the game.
            progress: Told how far the state of an earlier process is restored.

        Raises:
            ConfigError: The certificate cannot be used.
        """
        for tile_map in maps.values():
            tile_map.to_wire()  # cached now, since encoding it later would hold the loop
        self.settings = settings
        self._runtime = runtime = runtime or Runtime()
        rules = room_rules(settings)
        self._authors = Authors(
            [*game.namespaces, *namespaces],
            runtime,
            lambda: self.people,
            lambda: self._router.handlers,
        )
        self.hall: Hall = Hall(game, maps, rules, namespaces=self._authors.names)
        gate = Gate(note_unsent)
        self.connections: Connections = Connections(gate)
        self._saving = Saving(gate, runtime, self.connections.flush)
        self.ticker: Ticker = Ticker(runtime.stopwatch)
        self._journals = Journals(
            settings, game, runtime, lambda player: player in self.hall.parts.state.sessions
        )
        self.matches: Matches = Matches(
            game,
            maps,
            self.ticker,
            most=settings.max_matches,
            seeds=self._seed,
            drain=runtime.drain,
            journals=self._journals,
            spectator_delay_s=settings.spectator_delay_s,
        )
        self.feeds: Feeds = Feeds(
            lambda: self.people,
            self.matches,
            game,
            runtime.stopwatch,
            later=bool(settings.spectator_delay_s),
        )
        effects = Effects(
            self.hall, self.connections, self.matches, self.feeds.publish, self._authors.perform
        )
        self.people: People = People(self.hall, effects, runtime, self._saving, record)
        names = frozenset(self._authors.names)
        self._recovery = Recovery(
            settings, game, maps, self.people, self._saving, runtime, names, progress
        )
        self._match_recovery = MatchRecovery(
            game, self.people, self.matches, self._journals, progress
        )
        self._deadlines = Deadlines(self.people)
        self._spreader = Spreader(self.people, runtime.stopwatch)
        self._conversations: dict[Conversation, None] = {}
        """In the order in which they began, so that a simulation is the same in each run."""
        self.metrics: Metrics = Metrics(
            settings.name,
            game,
            self.hall,
            self.matches,
            overload := Overload(),
            runtime=runtime,
            transports=self._transports,
            certificate_left=lambda: self._certificate.left_s,
        )
        self.watch: Watch = Watch(
            self.people, self.matches, self.metrics, overload, lambda: self._router.arrivals
        )
        self._work = Work(rules, runtime)
        self._router = Router(
            settings,
            game,
            self.people,
            self.matches,
            self.connections,
            runtime,
            self.metrics,
            [logged(runtime.stopwatch), *middleware],
            self._work,
            Replays(self._journals, self.people, self.connections, self._work, runtime),
        )
        self._http = http
        self._wind_down = WindDown(
            settings,
            self.people,
            self.matches,
            self.connections,
            self.feeds,
            self._spreader,
            self._journals,
            self._saving,
            self._router.replays,
            self._conversations,
        )
        self.console: Console | None = self._new_console() if settings.console_secret else None
        self._certificate = Certificate(settings, runtime)
        self._guard = self._new_guard(ListenSettings())
        self.addresses: list[str] = []
        """Addresses of the server, once it listens."""
        self.stopped: trio.Event = trio.Event()

    async def run(
        self,
        *,
        listens: bool = True,
        task_status: "trio.TaskStatus[str]" = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve until `stop`; reports the first ``ws://`` address when ready.

        A server that does not listen serves the streams given to `serve`, and reports "".

        Raises:
            ConfigError: An address or port cannot be listened on, or the folder of the data is in
                use.
            CannotListenError: An address is in use, or does not exist at present.
        """
        with self._recovery.folder_locked():
            await self._recovery.run()
            await self._match_recovery.restore()
            self._journals.tidy()
            try:
                await self._run(task_status, listens=listens)
            finally:
                self._saving.abandon()
        self.stopped.set()

    async def _run(self, task_status: "trio.TaskStatus[str]", *, listens: bool) -> None:
        async with trio.open_nursery() as nursery:
            loops = [self.ticker.run, self._spreader.run, self._router.turns.run, self.watch.run]
            loops += [self._journals.run, self._saving.run, self._match_recovery.run]
            loops += [self._recovery.keep_trying, self._deadlines.run]
            loops += [self._router.replays.run, self._router.replays.films.run]
            for loop in (*loops, self._keep_lives):
                nursery.start_soon(loop)
            nursery.start_soon(read_resting, self._router.resting)
            await nursery.start(self._authors.run)
            if listens:
                settings = self._listen_settings()
                self._guard = self._new_guard(settings)
                port = await nursery.start(accept, settings, self.serve)
                nursery.start_soon(self._certificate.run, self._renew)
                scheme = "wss" if self._certificate.context is not None else "ws"
                self.addresses = [f"{scheme}://{shown(host, port)}" for host in self.settings.host]
            await nursery.start(self._guard.run)
            await nursery.start(self._roads.run)
            await nursery.start(self._mounted.run)
            if self.console is not None:
                await nursery.start(self.console.run)
                if listens and self.settings.console_port:
                    await nursery.start(self.console.listen, settings, self._turn)
            task_status.started(self.addresses[0] if self.addresses else "")
            await self._wind_down.wait()
            await self._roads.topics.close()
            await self._wind_down.run()
            nursery.cancel_scope.cancel()

    def stop(self) -> None:
        """Begin an orderly stop: `run` returns within ``stop_after_s``."""
        self._wind_down.stop()

    def drain(self) -> None:
        """Stop when all matches are over, after ``drain_s`` at the latest; the second time at once.

        Meanwhile no match begins and no lobby opens.
        """
        self._wind_down.drain()

    @property
    def cut_matches(self) -> int:
        """Matches that the stop has cut off, and that go on in the next process."""
        return self._wind_down.cut

    def reload_certificate(self) -> None:
        """Read the certificate's files again, for new connections."""
        self._certificate.reload()

    async def serve(self, stream: trio.abc.Stream, address: str = "") -> None:
        """Serve one connection to its end; only cancellation gets out.

        Args:
            stream: Any stream of bytes; the listener hands over accepted sockets.
            address: Address of the peer, for a stream without one.
        """
        await self._guard.serve(stream, address)

    async def converse(self, link: Link) -> None:
        """Serve the link of any transport until it ends; a transport calls it as its handler."""
        conversation = Conversation(self._router, link)
        self._conversations[conversation] = None
        self.metrics.traffic.began(link.transport)
        if self._wind_down.stopping:  # accepted after the others were sent a goodbye
            conversation.part(Code.SERVER_STOPPING, STOPS, RETRY_AFTER_S)
        try:
            await conversation.run()
        finally:
            link.close_soon()
            with trio.CancelScope(shield=True):
                await link.wait_closed()
            del self._conversations[conversation]
            self.metrics.traffic.ended(conversation.ending)
            self._wind_down.conversation_left()

    # --- tasks ------------------------------------------------------------------------------

    async def _admit(self, peer: str) -> None:
        await self._work.admit(subscriber(peer))

    async def _asked(self, peer: str) -> None:
        await self._work.asked(subscriber(peer))

    async def _turn(self, seconds: float) -> None:
        await self._router.turns.wait()
        self._router.turns.spend(seconds)

    async def _keep_lives(self) -> None:
        """Check all connections for silent peers, again and again."""
        while True:
            await trio.sleep(LIFE_CHECK_S)
            now = self._runtime.now()
            for number, conversation in enumerate(list(self._conversations)):
                try:
                    conversation.check_life(now)
                except Exception:  # a bug of ours at one connection; the others are checked
                    log.exception("heartbeat failed")
                if number % LIVES_AT_ONCE == LIVES_AT_ONCE - 1:
                    await trio.lowlevel.checkpoint()

    # --- parts -------------------------------------------------------------------------------

    def _new_console(self) -> Console:
        def end_barred() -> None:  # the streams are made later, and anew
            self._roads.topics.end_barred()

        parts = (self._router, self.matches, self.metrics, self.feeds.notify, self._wind_down)
        return Console(self.settings, *parts, end_barred, lambda: self._saving.active)

    def _renew(self, tls: ssl.SSLContext) -> None:
        self._guard.renew(tls)
        if self.console is not None:
            self.console.renew(tls)

    def _transports(self) -> Iterator[str]:
        yield from (each.transport for each in self._conversations)
        yield from repeat(TRANSPORT, len(self._roads.topics))
        yield from repeat(leases.TRANSPORT, len(self._mounted.leases))

    def _seed(self) -> int:
        if self.settings.seed:
            return self.settings.seed + self.matches.started
        return int.from_bytes(self._runtime.entropy(7), "big")

    def _new_guard(self, settings: ListenSettings) -> Guard:
        codec = ServerCodec()
        limits = ConnectionLimits(settings.max_connections, settings.max_per_address)
        self._roads = FurtherRoads(
            settings,
            codec,
            self.converse,
            limits,
            self.feeds,
            RoadDraws(self._runtime.entropy),
            self.metrics.traffic,
            self._router.charged,
            self._authors.names,
            barred=self.people.bars,
            conformance=self.settings.conformance is Conformance.ECHO,
        )
        self._mounted = Mounted(
            self._router,
            self.matches,
            self.metrics,
            self._runtime,
            limits,
            stopping=lambda: self._wind_down.ending,
            others=self._http,
            admin=self.console.beside_the_game if self.console is not None else None,
        )
        return Guard(
            settings,
            self.converse,
            codec,
            self._admit,
            self._turn,
            self._asked,
            roads=self._mounted.roads(self._roads.table),
            limits=limits,
        )

    def _listen_settings(self) -> ListenSettings:
        read = pages(
            self.settings.stats_token,
            lambda: self.metrics.read(self._runtime.now()),
            lambda: self._wind_down.ending,
        )
        return listen_settings(self.settings, self._runtime, self._certificate.context, read)
