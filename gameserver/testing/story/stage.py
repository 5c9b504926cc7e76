"""What the parts of one story share: the server, the network, the players, the report."""

from collections.abc import Mapping
from random import Random

import attrs
import trio

from gameserver.client.link.address import Address
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import PlayerId
from gameserver.service.runtime import Runtime
from gameserver.testing.memorynet import MemoryNet
from gameserver.testing.story.chats import GlobalChat
from gameserver.testing.story.disk import SimulatedDisk
from gameserver.testing.story.middlebox import Middlebox
from gameserver.testing.story.report import Cast, Report, Troubles
from gameserver.testing.whole import WholeServer


@attrs.define(eq=False)
class Stage:
    """The shared state of one story."""

    report: Report
    game: Game
    maps: Mapping[str, TileMap]
    options: Mapping[str, int | bool | str]
    seconds: float
    troubles: Troubles
    cast: Cast
    runtime: Runtime
    net: MemoryNet
    chat: GlobalChat = attrs.field(init=False)
    disk: SimulatedDisk | None = None
    """The disk of the server's machine, if it saves what it has."""
    whole: WholeServer = attrs.field(init=False)
    calm: bool = False
    """Whether the troubles are over: players stay where they are."""
    calmed: trio.Event = attrs.field(factory=trio.Event)
    blocked: bool = False
    """Whether no WebSocket passes."""
    refused: bool = False
    """Whether no connection can be made."""
    all_sign_out: bool = False
    """Whether all players sign out when they leave; else some sessions must expire."""
    ids: list[PlayerId] = attrs.field(factory=list)
    """Ids of all players who were ever online."""

    def __attrs_post_init__(self) -> None:
        self.chat = GlobalChat(self.report.fault)

    def random(self, name: str) -> Random:
        """Return random numbers of one part of the story: parts do not disturb each other."""
        return Random(f"{self.report.seed} {name}")  # noqa: S311  a story must be repeatable

    async def open_stream(self, _address: Address) -> trio.abc.Stream:
        """Return the client's end of a new connection; for `ClientSettings.open_stream`."""
        await trio.lowlevel.checkpoint()
        if self.refused:
            raise OSError("no way there")
        stream = self.whole.connect().client
        return Middlebox(stream) if self.blocked else stream

    async def start_server(self) -> None:
        """Start another server on the disk of the one that was killed."""
        await self.whole.start()
        self.watch_disk()

    def watch_disk(self) -> None:
        """Let the disk refuse what the present server writes, while it is full."""
        file = self.whole.server._saving.file  # noqa: SLF001  a machine knows its files
        if self.disk is not None and file is not None:
            self.disk.watch(file)

    async def wait_calm(self, seconds: float) -> bool:
        """Wait, at most until the troubles are over; return whether they are."""
        with trio.move_on_after(seconds):
            await self.calmed.wait()
        return self.calm

    def become_calm(self) -> None:
        """End the troubles."""
        self.calm = True
        self.blocked = self.refused = False
        self.calmed.set()
