"""The roads besides the server's own protocol: created together, run together.

Law: all of them count the same connections, and sessions of all of them are served alike.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial

import trio

from gameserver.protocol.server_codec import ServerCodec
from gameserver.roads import echo, sse
from gameserver.roads.draws import RoadDraws
from gameserver.roads.events import road as events
from gameserver.roads.socketio.connection import EngineSettings
from gameserver.roads.socketio.engine import Engine
from gameserver.roads.socketio.game import GameSocket
from gameserver.service.feeds.feeds import Feeds
from gameserver.service.monitoring.traffic import Traffic
from gameserver.transports import ConnectionLimits, ListenSettings, ServeLink
from gameserver.transports.http.requests import Road


class FurtherRoads:
    """Socket.IO, sessions over event streams, and topics as event streams."""

    def __init__(
        self,
        settings: ListenSettings,
        codec: ServerCodec,
        converse: ServeLink,
        limits: ConnectionLimits,
        feeds: Feeds,
        draws: RoadDraws,
        traffic: Traffic,
        charged: events.Charged,
        namespaces: Collection[str] = (),
        *,
        barred: Callable[[str], bool],
        conformance: bool = False,
    ) -> None:
        """Serve each session's link with ``converse``, and the topics of ``feeds``.

        ``traffic`` counts the streams of topics; the service counts sessions. ``charged`` charges
        for the opening of such a stream; ``barred`` tells whether an address is banned.

        ``namespaces`` of authors are those of Socket.IO, too. With ``conformance`` there is an
        echo for suites of conformance.
        """
        self._echo = {echo.PATH: echo.echo_road()} if conformance else {}
        make = partial(
            GameSocket, settings=settings, codec=codec, converse=converse, namespaces=namespaces
        )
        self._engine = Engine(EngineSettings(), make, draws, limits)
        self._streams = sse.EventStreams(settings, codec, converse, limits, draws)
        self._feeds = feeds
        self.topics: events.TopicStreams = events.TopicStreams(
            feeds,
            feeds.changes,
            draws,
            began=partial(traffic.began, events.TRANSPORT),
            ended=traffic.ended,
            charged=charged,
            barred=barred,
        )

    @property
    def table(self) -> Mapping[str, Road]:
        """The roads by the first part of their paths."""
        return {
            "/socket.io": self._engine.road,
            sse.PATH: self._streams.road,
            events.PATH: self.topics.road,
            **self._echo,
        }

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Run the roads until cancelled."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self._engine.run)
            await nursery.start(self._streams.run)
            await nursery.start(self.topics.run)
            nursery.start_soon(self._feeds.run)
            task_status.started()
