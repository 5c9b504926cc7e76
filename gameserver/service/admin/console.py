"""The operator's console of one server: its parts, its roads, and a port of its own.

Law: without a secret there is no console: no route, no page, no task. On its own port there is
nothing else, and on the game's port nothing of it.
"""

import ssl
from collections.abc import Callable
from typing import Final, Protocol

import attrs
import trio

from gameserver.errors import ConfigError
from gameserver.messages.session import ServerMessage, ServerStats
from gameserver.protocol.server_codec import ServerCodec
from gameserver.service.admin.acting import OperatorActs
from gameserver.service.admin.api import AdminApi
from gameserver.service.admin.credentials import Credentials
from gameserver.service.admin.described import document
from gameserver.service.admin.reading import OperatorReader
from gameserver.service.admin.road import AdminRoad
from gameserver.service.admin.sampling import Sampler
from gameserver.service.config.settings import Settings
from gameserver.service.logging.logs import get_logger
from gameserver.service.matches import Matches
from gameserver.service.monitoring.metrics import Metrics
from gameserver.service.rest.webpages import CONSOLE, FOLDER, WebPages, built_pages, read_pages
from gameserver.service.router import Router
from gameserver.transports import ConnectionLimits, Guard, Link, ListenSettings, accept
from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import AnswerRequest, HttpRequest, HttpResponse, Road
from gameserver.transports.listener import Turn

log: Final = get_logger()

CONNECTIONS: Final = 128
"""Connections to the console's own port."""
PER_ADDRESS: Final = 32

ANSWERED_S: Final = 0.5
"""Time between the order to end the server and its beginning: an empty server ends at once."""


class ServerEnd(Protocol):
    """The end of the server, as far as operators decide it."""

    @property
    def ending(self) -> bool:
        """Whether the server drains or stops."""
        ...

    def stop(self) -> None:
        """Stop now."""

    def begin_drain(self) -> None:
        """Stop behind the last match; the second time nothing changes."""


class Console:
    """The console of a server that has a secret for it."""

    def __init__(
        self,
        settings: Settings,
        router: Router,
        matches: Matches,
        metrics: Metrics,
        notify: Callable[[ServerMessage], None],
        wind_down: ServerEnd,
        end_barred: Callable[[], None],
        saves_matches: Callable[[], bool],
    ) -> None:
        """Build the parts; `run` must run before requests are answered.

        Args:
            settings: The operator's.
            router: Has the door to the rooms, and the connections.
            matches: The running matches.
            metrics: The server's figures.
            notify: Tells those who follow topics without a session.
            end_barred: Ends the streams without a session of banned addresses.
            wind_down: The end of the server.
            saves_matches: Tells whether matches that run at the end go on in the next process.
        """
        self._settings = settings
        game, self._runtime = router.people.hall.parts.state.game, router.clock
        runtime = self._runtime
        self._guard: Guard | None = None
        self._nursery: trio.Nursery | None = None
        self._told_to_end = False

        def stats() -> ServerStats:
            return metrics.read(runtime.now())

        self._credentials = credentials = Credentials(
            settings.console_secret,
            settings.stats_token,
            runtime.now,
            runtime.entropy,
        )
        self.sampler: Sampler = Sampler(stats, runtime.wall_ms)
        reader = OperatorReader(game, router.people, matches, router.connections, runtime, stats)
        acts = OperatorActs(
            router.people,
            notify,
            stop=self._behind_the_answer(wind_down.stop),
            drain=self._behind_the_answer(wind_down.begin_drain),
            ending=lambda: self._told_to_end or wind_down.ending,
            end_barred=end_barred,
        )
        api = AdminApi(
            credentials,
            reader,
            acts,
            self.sampler,
            settings.name,
            runtime.wall_ms(),
            settings.drain_s,
            saves_matches,
            document(),
        )
        self._road = AdminRoad(api, credentials, router)

    @property
    def beside_the_game(self) -> AnswerRequest | None:
        """What answers operators on the game's port; None if the console has its own."""
        return None if self._settings.console_port else self._road.answer

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Answer requests and take samples until cancelled."""
        async with trio.open_nursery() as self._nursery:
            nursery = self._nursery
            await nursery.start(self._road.asgi.run)
            nursery.start_soon(self.sampler.run)
            task_status.started()

    def _behind_the_answer(self, end: Callable[[], None]) -> Callable[[], None]:
        """Return what ends the server a moment later, so that the operator is answered first."""

        async def later() -> None:
            await trio.sleep(ANSWERED_S)
            end()

        def begin() -> None:
            if self._nursery is not None:
                self._told_to_end = True
                self._nursery.start_soon(later)

        return begin

    async def listen(
        self,
        settings: ListenSettings,
        turn: Turn,
        *,
        task_status: "trio.TaskStatus[int]" = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve the console's own port until cancelled; reports the port when ready.

        Args:
            settings: Those of the game's port.
            turn: Waits until the loop has time for work of this many seconds.
            task_status: Told the port.

        Raises:
            ConfigError: An address or port cannot be listened on, or it is the game's.
            CannotListenError: An address is in use, or does not exist at present.
        """
        if self._settings.console_port == self._settings.port:
            raise ConfigError("console-port must be another port than port")
        own = attrs.evolve(settings, port=self._settings.console_port, pages={}, deflate=False)
        limits = ConnectionLimits(CONNECTIONS, PER_ADDRESS)
        self._guard = guard = Guard(
            own, _no_players, ServerCodec(), turn=turn, roads=self._roads(), limits=limits
        )
        async with trio.open_nursery() as nursery:
            await nursery.start(guard.run)
            port = await nursery.start(accept, own, guard.serve)
            log.info("console listens", port=port)
            task_status.started(port)

    def change_secret(self, secret: str) -> None:
        """Let operators in with this secret alone; if it is another one, all are signed out."""
        if self._credentials.change_secret(secret):
            log.info("console secret changed")

    def renew(self, tls: ssl.SSLContext) -> None:
        """Give new connections to the console's own port this certificate."""
        if self._guard is not None:
            self._guard.renew(tls)

    def _roads(self) -> dict[str, Road]:
        files = read_pages(built_pages())
        pages = WebPages(files, self._runtime.now)
        roads = {"/api": self._road.road, "/poll": Road(_nothing_here)}
        if CONSOLE in files:
            page = pages.console
            roads |= {CONSOLE: page, "/": page, f"/{FOLDER}": pages.files}
        return roads


async def _no_players(link: Link) -> None:
    """End a player's connection: this is the console's port."""
    link.close_soon("this port is for the operator")
    await link.wait_closed()


async def _nothing_here(_request: HttpRequest) -> HttpResponse:
    await trio.lowlevel.checkpoint()
    return refusal(404, "this port is for the operator")
