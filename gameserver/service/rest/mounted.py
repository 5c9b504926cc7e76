"""What the server mounts over plain HTTP: ``/api/v1``, the pages, and the applications of others.

Law: only this module knows all parts of the package.
"""

from collections.abc import Callable, Mapping

import trio

from gameserver.errors import ConfigError
from gameserver.game.pictures import pictures_folder
from gameserver.service.matches import Matches
from gameserver.service.monitoring.metrics import Metrics
from gameserver.service.rest.api import Api
from gameserver.service.rest.application import PATH, ApiRoad
from gameserver.service.rest.documents import documents
from gameserver.service.rest.leases import Leases
from gameserver.service.rest.pictures import read_pictures
from gameserver.service.rest.reading import ServerReader
from gameserver.service.rest.webpages import WebPages, built_pages, read_pages
from gameserver.service.router import Router
from gameserver.service.runtime import Runtime
from gameserver.transports import ConnectionLimits
from gameserver.transports.http.asgi import AsgiApp, AsgiRoad
from gameserver.transports.http.requests import AnswerRequest, Road


class Mounted:
    """Runs and names the roads of all of them."""

    def __init__(
        self,
        router: Router,
        matches: Matches,
        metrics: Metrics,
        runtime: Runtime,
        limits: ConnectionLimits,
        *,
        stopping: Callable[[], bool],
        others: Mapping[str, AsgiApp],
        admin: AnswerRequest | None = None,
    ) -> None:
        """Build the parts.

        Args:
            router: Carries out requests.
            matches: The running matches.
            metrics: The server's figures.
            runtime: Access to the process.
            limits: Counts the sessions of those who only poll, like connections.
            stopping: Whether the server is stopping.
            admin: Answers operators on this port; None if the console is off or on another port.
            others: Applications by the first part of the paths that each serves.
        """
        hall, state = router.people.hall, router.people.hall.parts.state
        reader = ServerReader(
            router.settings,
            state.game,
            tuple(sorted(state.maps)),
            router.people,
            matches,
            players=lambda: hall.counts().connected,
            started_at_ms=runtime.wall_ms(),
        )
        self.leases: Leases = Leases(router.people, limits, metrics.traffic)
        api = Api(
            reader,
            router,
            self.leases,
            stats=lambda: metrics.read(runtime.now()),
            stopping=stopping,
            rules=state.rules,
            documents=documents(),
        )
        self._application = ApiRoad(api, router, admin)
        files = {**read_pages(built_pages()), **read_pictures(pictures_folder(type(state.game)))}
        self._pages = WebPages(files, runtime.now, console=admin is not None)
        self._others = {path: AsgiRoad(each) for path, each in others.items()}

    def roads(self, taken: Mapping[str, Road]) -> dict[str, Road]:
        """Return all roads by the first part of their paths, those of ``taken`` included.

        Raises:
            ConfigError: An application has a path that is no first part, or is taken.
        """
        roads = {**taken, PATH: self._application.road, **self._pages.roads}
        for path, each in self._others.items():
            if path in (*roads, "/poll") or path.rfind("/") != 0 or path == "/":
                raise ConfigError(f"no application can be at {path!r}: a path such as /shop can")
            roads[path] = each.road
        return roads

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Run the leases and applications until cancelled."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self.leases.run)
            for each in (self._application.asgi, *self._others.values()):
                await nursery.start(each.run)
            task_status.started()
