"""Simulate a whole server and its players: real code, virtual time, everything from one seed.

Law: no part of the server or the client is replaced, except the listener, the network and the
clock. The server is the real one; the clients are the SDK's; the network is in memory, and time is
virtual. The same seed gives the same run, message by message, so a failure can be reproduced.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from random import Random
from types import MappingProxyType
from typing import Final

import attrs
import trio

from gameserver.client import Client, ClientSettings, Online, open_client
from gameserver.client.bots import WireBot
from gameserver.client.chatbook import KEPT_LINES
from gameserver.errors import ConnectionLostError, RequestError, RequestTimedOutError
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.rng import Rng
from gameserver.ids import PlayerId
from gameserver.messages.chat import Channel, SendChat
from gameserver.messages.lobby import CreateLobby, LobbyConfig, Phase, SetReady
from gameserver.rooms.calls import Call, MatchIsOver, Moment
from gameserver.service.config.settings import Settings
from gameserver.service.runtime import Runtime
from gameserver.testing.clock import LeapClock
from gameserver.testing.memorynet import MemoryLink, MemoryNet
from gameserver.testing.memoryway import Weather
from gameserver.testing.picture import differences
from gameserver.testing.trace import Trace
from gameserver.testing.whole import URL, WholeServer, running, simulated_runtime

NO_OPTIONS: Final[Mapping[str, int | bool | str]] = MappingProxyType({})

CALM_S: Final = 10.0
"""Virtual seconds without troubles at the end, in which every client can reconnect."""
SETTLE_TRIES: Final = 15
"""Most attempts to find clients and server equal, before a difference counts as a fault."""
CHECK_S: Final = 0.5
"""Virtual seconds between two checks of the hall's invariants."""
PATIENCE_S: Final = 600.0
"""Virtual seconds after which a simulation counts as hanging."""


@attrs.frozen
class Troubles:
    """Troubles of connections: mean seconds between two of a kind; 0 for never."""

    cuts: float = 6.0
    stalls: float = 5.0
    slow_readers: float = 7.0
    weathers: float = 4.0
    longest_stall_s: float = 3.0
    worst_delay_s: float = 0.3
    most_split: float = 0.3
    """Largest part of the pieces, 0..1, that arrive split in two."""


@attrs.define
class Report:
    """The result of a simulation."""

    seed: int
    players: int
    virtual_s: float = 0.0
    cuts: int = 0
    stalls: int = 0
    slow_readers: int = 0
    reconnects: int = 0
    matches: int = 0
    """Matches that ended with results."""
    lines: int = 0
    """Lines of the global chat that clients received."""
    messages: int = 0
    """Pieces that arrived over the network."""
    trace: str = ""
    """Digest of all pieces with their times, and of all calls into the hall."""
    faults: list[str] = attrs.field(factory=list)
    """Expectations that did not hold; empty if all did."""


def simulate(
    seed: int,
    game: Game,
    maps: Mapping[str, TileMap],
    *,
    players: int = 4,
    seconds: float = 30.0,
    options: Mapping[str, int | bool | str] = NO_OPTIONS,
    troubles: Troubles | None = None,
    reading_s: float = 0.0,
) -> Report:
    """Run a server and its players from one seed.

    Args:
        seed: Seed of the network, the troubles, the bots, the server's entropy, and the order in
            which trio runs tasks that are ready.
        game: A game with bots; each client is played by one.
        maps: At least one map that fits the game's default options.
        players: Number of clients; each chats, and joins matches by quick play.
        seconds: Virtual seconds with troubles; `CALM_S` without troubles follow.
        options: Options of the matches that differ from the game's defaults. A match must be short
            enough to end within the run.
        troubles: Troubles of connections; None for the default ones.
        reading_s: How fast the server's stopwatches advance; see `simulated_runtime`.

    Returns:
        The report; expectations that did not hold are in its ``faults``.
    """
    net = MemoryNet(Random(seed), clocked=True)  # noqa: S311  a simulation must be repeatable
    runtime = simulated_runtime(seed, net, reading_s)

    async def run() -> Report:
        scenario = _Scenario(
            seed, runtime, net, game, maps, players, seconds, options, troubles or Troubles()
        )
        await scenario.run()
        return scenario.outcome

    with runtime.ordered():
        return trio.run(run, clock=LeapClock(net))


class _Scenario:
    def __init__(
        self,
        seed: int,
        runtime: Runtime,
        net: MemoryNet,
        game: Game,
        maps: Mapping[str, TileMap],
        players: int,
        seconds: float,
        options: Mapping[str, int | bool | str],
        troubles: Troubles,
    ) -> None:
        self.outcome = Report(seed, players)
        self._net = net
        self._random = net.random
        self._trace = Trace()
        net.told = self._trace.arrived
        self._runtime = runtime
        self._game = game
        self._maps = maps
        self._seconds = seconds
        self._options = options
        self._opened = trio.Event()
        self._troubles = troubles
        self._clients: list[Client] = []
        self._players: list[PlayerId] = []
        """Player id of each client after its first sign-in."""
        self._bots: list[WireBot] = []
        self._said: list[str] = []
        """The lines of chat that the server has answered, in order."""
        self._whole: WholeServer

    def _record(self, moment: Moment, call: Call[object]) -> None:
        self._trace.called(moment, call)
        if isinstance(call, MatchIsOver) and call.outcome.standings:
            self.outcome.matches += 1

    async def run(self) -> None:
        with trio.move_on_after(PATIENCE_S) as patience:
            async with running(
                self._game,
                self._maps,
                runtime=self._runtime,
                net=self._net,
                settings=Settings(seed=self.outcome.seed + 1),
                record=self._record,
            ) as self._whole:
                async with trio.open_nursery() as playing:
                    for number in range(self.outcome.players):
                        playing.start_soon(self._play, number)
                    playing.start_soon(self._go_through_troubles)
                    playing.start_soon(self._check_again_and_again)
                    await trio.sleep(self._seconds + CALM_S)
                    await self._judge()
                    playing.cancel_scope.cancel()
                await self._whole.stop()
        if patience.cancelled_caught:
            self.outcome.faults.append(f"did not end within {PATIENCE_S:.0f} s")
        self.outcome.virtual_s = self._seconds + CALM_S
        self.outcome.messages = self._trace.pieces
        self.outcome.trace = self._trace.hexdigest()

    # --- players --------------------------------------------------------------------------------

    async def _play(self, number: int) -> None:
        seed = self.outcome.seed * 1000 + number + 1
        settings = ClientSettings(
            game=self._game,
            maps=self._maps.values(),
            roads=("websocket",),
            open_stream=self._whole.open_stream,
            first_attempts=100,
            seed=seed,
        )
        await trio.sleep(0.3 * number)
        async with open_client(URL, f"Player {number + 1}", settings) as client:
            self._clients.append(client)
            self._players.append(client.player_id)
            bot = WireBot(client, "", Rng.seeded(seed))
            self._bots.append(bot)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._talk, client, number)
                if self._options:
                    if number == 0:
                        await self._open_lobby(client)
                    await self._opened.wait()
                    nursery.start_soon(self._stay_ready, client)
                await bot.play()

    async def _open_lobby(self, client: Client) -> None:
        """Open the lobby that the others join by quick play; retry after each error."""
        size = max(2, self.outcome.players)
        config = LobbyConfig("Simulated", next(iter(self._maps)), size, options=self._options)
        while client.lobby is None:
            try:
                await client.request(CreateLobby(config))
            except (RequestError, RequestTimedOutError, ConnectionLostError):
                await trio.sleep(0.2)
        self._opened.set()

    async def _stay_ready(self, client: Client) -> None:
        """Get ready whenever the lobby is open: a lobby with other options starts only then."""
        while True:
            await trio.sleep(0.5)
            lobby = client.lobby
            if lobby is None or lobby.phase is not Phase.OPEN:
                continue
            if not all(who.ready for who in lobby.members if who.player_id == client.player_id):
                with suppress(RequestError, RequestTimedOutError, ConnectionLostError):
                    await client.request(SetReady(True))

    async def _talk(self, client: Client, number: int) -> None:
        """Send chat lines at regular times, while there are troubles."""
        end = trio.current_time() + self._seconds
        while trio.current_time() < end:
            await trio.sleep(2.0 + 0.1 * number)
            try:
                text = f"line {len(self._said) + 1} of player {number + 1}"
                await client.request(SendChat(Channel.GLOBAL, text))
                self._said.append(text)
            except (RequestError, RequestTimedOutError, ConnectionLostError):
                continue  # over a limit, or without a connection: this line was not sent

    # --- troubles -------------------------------------------------------------------------------

    async def _go_through_troubles(self) -> None:
        troubles = self._troubles
        kinds: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (troubles.cuts, self._cut),
            (troubles.stalls, self._stall),
            (troubles.slow_readers, self._slow_reader),
            (troubles.weathers, self._change_weather),
        ]
        with trio.move_on_after(self._seconds):
            async with trio.open_nursery() as nursery:
                for mean_s, strike in kinds:
                    if mean_s:
                        nursery.start_soon(self._again_and_again, mean_s, strike)
        self._net.weather = Weather(jitter_s=0.0)
        for link in self._net.links:
            link.read_slowly(slow=False)

    async def _again_and_again(self, mean_s: float, strike: Callable[[], Awaitable[None]]) -> None:
        while True:
            await trio.sleep(self._random.expovariate(1 / mean_s))
            await strike()

    def _some_link(self) -> MemoryLink | None:
        standing = [link for link in self._net.links if link.is_open]
        return self._random.choice(standing) if standing else None

    async def _cut(self) -> None:
        if link := self._some_link():
            self.outcome.cuts += 1
            link.cut()

    async def _stall(self) -> None:
        if link := self._some_link():
            self.outcome.stalls += 1
            link.stall(self._random.uniform(0.1, self._troubles.longest_stall_s))

    async def _slow_reader(self) -> None:
        if link := self._some_link():
            self.outcome.slow_readers += 1
            link.read_slowly(slow=True)
            await trio.sleep(self._random.uniform(0.5, self._troubles.longest_stall_s))
            link.read_slowly(slow=False)

    async def _change_weather(self) -> None:
        worst_s = self._troubles.worst_delay_s
        delay_s, jitter_s = (
            self._random.uniform(0.001, worst_s),
            self._random.uniform(0.0, worst_s / 4),
        )
        self._net.weather = Weather(
            delay_s, jitter_s, self._random.uniform(0.0, self._troubles.most_split)
        )

    async def _check_again_and_again(self) -> None:
        while True:
            await trio.sleep(CHECK_S)
            self._whole.server.hall.check()

    # --- the verdict ----------------------------------------------------------------------------

    async def _judge(self) -> None:
        """Record all faults, after every client has had time to reconnect."""
        for _ in range(SETTLE_TRIES):
            if not [*self._wrong_pictures(), *self._wrong_chats()]:
                break
            await trio.sleep(0.2)  # messages may still be in flight
        outcome, hall = self.outcome, self._whole.server.hall
        hall.check()
        if len(self._clients) < outcome.players:
            outcome.faults.append(f"only {len(self._clients)} players ever got in")
        for client in self._clients:
            if not isinstance(client.status, Online):
                outcome.faults.append(f"{client.player_name} is not online: {client.status}")
        for player_id, client in zip(self._players, self._clients, strict=True):
            if client.player_id != player_id:
                outcome.faults.append(f"{client.player_name} lost its session")
        outcome.reconnects = sum(client.reconnects for client in self._clients)
        desyncs = sum(t.desyncs for bot in self._bots for t in bot.record.replicas)
        if desyncs:
            outcome.faults.append(f"{desyncs} desyncs")
        faults = {why for bot in self._bots for why in bot.record.faults.values()}
        outcome.faults += [f"a match broke: {why}" for why in sorted(faults)]
        if not outcome.matches:
            outcome.faults.append("no match ended with results")
        outcome.faults += [*self._wrong_pictures(), *self._wrong_chats()]
        outcome.lines = max(len(client.chat.lines(Channel.GLOBAL)) for client in self._clients)

    def _wrong_pictures(self) -> Iterator[str]:
        """Yield the differences between each client's state and the hall's."""
        now = trio.current_time()
        for client in self._clients:
            for wrong in differences(self._whole.server.hall, client._talk, now):  # noqa: SLF001  its core
                yield f"{client.player_name}: {wrong}"

    def _wrong_chats(self) -> Iterator[str]:
        """Yield each line that nobody heard, and each client whose chat differs from the others'.

        A chat differs if it misses a line, or has one twice or in another order.
        """
        heard = [
            [(line.message_id, line.text) for line in client.chat.lines(Channel.GLOBAL)]
            for client in self._clients
        ]
        longest = max(heard, key=len, default=[])
        if len(longest) < KEPT_LINES:  # else clients have forgotten the first lines
            texts = {text for _, text in longest}
            yield from (f"nobody heard {said!r}" for said in self._said if said not in texts)
        for client, lines in zip(self._clients, heard, strict=True):
            if lost := set(longest) - set(lines):
                yield f"{client.player_name} lost {len(lost)} lines"
            elif lines != longest:
                yield f"{client.player_name} heard something else"
