"""The players of a story: clients of the SDK that bots play, and that do what people do.

Law: a player uses the client as an application does. In the calm time at the end a player stays
where it is, so that what it believes can be compared with what the server knows.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any, Final

import attrs
import trio

from gameserver.client import Client, ClientSettings
from gameserver.client.bots import WireBot
from gameserver.client.link.address import Address
from gameserver.client.link.background import background
from gameserver.client.link.roads import ALL, LONG_POLLING, SSE, WEBSOCKET
from gameserver.errors import (
    Code,
    ConnectionLostError,
    RequestError,
    RequestTimedOutError,
    ServerClosedError,
)
from gameserver.game.rng import Rng
from gameserver.ids import NO_SEAT, Seat
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, MuteChat, SendChat
from gameserver.messages.lobby import CreateLobby, LobbyConfig, Phase, SetReady, TakeSeat
from gameserver.testing.story.deeds import Wish, deed
from gameserver.testing.story.hearing import Hearing, listen
from gameserver.testing.story.stage import Stage
from gameserver.testing.whole import URL

ANSWER_S: Final = 60.0
"""Time within which every request is answered, whatever happens to connections."""

ROADS: Final = (*[(WEBSOCKET,)] * 7, *[ALL] * 3, (SSE,), (LONG_POLLING,))
"""Roads of players, drawn for each client."""

STAYS_S: Final = (6.0, 40.0)
"""How long a player stays before it leaves and comes back."""

AWAY_S: Final = (0.2, 4.0)


class StoryPlayer:
    """One player, with one client after the other."""

    def __init__(self, stage: Stage, number: int) -> None:
        """Prepare; `play` connects."""
        self.hearing: Hearing = Hearing(f"Player {number + 1}", stage.chat, stage.report.fault)
        self.bots: list[WireBot] = []
        self.client: Client | None = None
        self._stage = stage
        self._number = number
        self._random: Random = stage.random(f"player {number}")
        self._token = b""
        self._said = 0

    async def play(self, opened: trio.Event) -> None:
        """Play until cancelled; ``opened`` is set once the story's lobby is there."""
        stage, random = self._stage, self._random
        await trio.sleep(0.3 * self._number)
        while True:
            stays_s = random.uniform(*STAYS_S) if stage.cast.deeds_s else 0.0
            keeps = random.random() < 0.5
            try:
                await self._be_online(opened, stays_s, keeps=keeps)
            except* (ServerClosedError, ConnectionLostError):
                status = self.client.status if self.client else "never online"
                stage.report.fault(f"{self.hearing.name} was closed: {status}")
            if await stage.wait_calm(random.uniform(*AWAY_S)):
                await trio.sleep(AWAY_S[0])  # else one that is refused tries all the time

    async def _be_online(self, opened: trio.Event, stays_s: float, *, keeps: bool) -> None:
        """Be online for a time; with ``keeps`` the session is not signed out at its end."""
        stage = self._stage
        seed = stage.report.seed * 1000 + self._number + 1
        settings = ClientSettings(
            game=stage.game,
            maps=stage.maps.values(),
            roads=self._random.choice(ROADS) if stage.cast.deeds_s else (WEBSOCKET,),
            open_stream=stage.open_stream,
            first_attempts=100,
            request_timeout_s=ANSWER_S,
            seed=seed,
            token=self._token,
            sign_out=not keeps,
        )
        async with self._opened(settings) as client:
            bot = WireBot(client, "", Rng.seeded(seed + len(self.bots)))
            self.bots.append(bot)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._live, client, bot, opened)
                if stays_s and not await stage.wait_calm(stays_s):
                    nursery.cancel_scope.cancel()
        self._token = client.token if keeps else b""
        self.hearing.signed_out = not keeps

    @asynccontextmanager
    async def _opened(self, settings: ClientSettings) -> AsyncIterator[Client]:
        """Open a client as `open_client` does, but hear all that it receives."""
        client = Client(Address.parse(URL), self.hearing.name, settings)
        listen(client, self.hearing)
        if self._stage.report.crashes:
            self.hearing.begin_anew()
        self._watch_requests(client)
        async with background() as nursery:
            nursery.start_soon(client.run)
            nursery.start_soon(self._come_back, client)
            try:
                await client.wait_online()
                self.client = client
                self._stage.ids.append(client.player_id)
                yield client
            finally:
                if self._stage.all_sign_out:
                    client._settings = attrs.evolve(settings, sign_out=True)  # noqa: SLF001
                await client.leave()

    def _watch_requests(self, client: Client) -> None:
        """Let each request of a client, also of its bot, be judged by its answer."""
        request_of_client, fault = client.request, self._stage.report.fault

        async def judged(request: Request, timeout_s: float | None = None) -> Any:
            try:
                return await request_of_client(request, timeout_s)
            except RequestError as error:
                if error.code in (Code.INTERNAL, Code.CHAT_REPEATED) and not _says_again(request):
                    fault(f"{request.name} was refused: {error.code}, {error}")
                raise
            except RequestTimedOutError:
                if timeout_s is None:
                    fault(f"{request.name} was not answered within {ANSWER_S:g} s")
                raise

        client.request = judged  # type: ignore[method-assign]

    async def _live(self, client: Client, bot: WireBot, opened: trio.Event) -> None:
        stage = self._stage
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._talk, client)
            if stage.cast.deeds_s:
                nursery.start_soon(self._do_deeds, client)
            if stage.options:
                if self._number == 0 and not opened.is_set():
                    await self._open_lobby(client)
                    opened.set()
                await opened.wait()
            nursery.start_soon(self._stay_ready, client)
            await bot.play()

    async def _come_back(self, client: Client) -> None:
        """Try at once to connect when it becomes calm, as somebody does who clicks on the offer.

        A client that has not been online yet does so, too: it may wait for long between attempts.
        """
        await self._stage.calmed.wait()
        client.try_now()

    async def _open_lobby(self, client: Client) -> None:
        """Open the lobby that the others join by quick play; retry after each error."""
        stage = self._stage
        size = max(2, stage.report.players)
        config = LobbyConfig("Simulated", next(iter(stage.maps)), size, options=stage.options)
        while client.lobby is None:
            await self._ask(client, CreateLobby(config))
            await trio.sleep(0.2)

    async def _stay_ready(self, client: Client) -> None:
        """Get ready whenever the lobby is open: a lobby with own options starts only then."""
        if not self._stage.options:
            await self._stage.calmed.wait()
        while True:
            await trio.sleep(0.5)
            lobby = client.lobby
            if lobby is None or lobby.phase is not Phase.OPEN:
                continue
            for me in [who for who in lobby.members if who.player_id == client.player_id]:
                if me.seat == NO_SEAT:
                    free = set(range(lobby.config.size)) - {who.seat for who in lobby.members}
                    await self._ask(client, TakeSeat(Seat(min(free, default=0))))
                elif not me.ready:
                    await self._ask(client, SetReady(True))

    async def _talk(self, client: Client) -> None:
        """Send chat lines at regular times, while there are troubles."""
        stage = self._stage
        while not await stage.wait_calm(2.0 + 0.1 * self._number):
            self._said += 1
            text = f"line {self._said} of player {self._number + 1}"
            if answer := await self._ask(client, SendChat(Channel.GLOBAL, text)):
                stage.chat.acked(answer.message_id, text)

    async def _do_deeds(self, client: Client) -> None:
        stage, random = self._stage, self._random
        while not await stage.wait_calm(random.expovariate(1 / stage.cast.deeds_s)):
            stage.report.deeds += 1
            if random.random() < 0.05:
                client.drop_connection()
                continue
            request = deed(Wish(random, client, stage.ids))
            if isinstance(request, MuteChat):
                self.hearing.listener.deaf = True
            hurry_s = 0.05 if random.random() < 0.1 else None
            await self._ask(client, request, hurry_s)

    async def _ask(self, client: Client, request: Request, hurry_s: float | None = None) -> Any:
        """Ask for something; None if it is refused, or the session is gone before the answer."""
        with suppress(RequestError, RequestTimedOutError, ConnectionLostError):
            return await client.request(request, hurry_s)
        return None


def _says_again(request: Request) -> bool:
    """Tell whether this is a deed's line of chat, which may be said again; others are unique."""
    return isinstance(request, SendChat) and request.channel is not Channel.GLOBAL
