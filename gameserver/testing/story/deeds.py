"""What players do in a story besides playing: every kind of request, at the wrong moment as well.

Law: a deed is drawn from what a client knows; whether the server allows it is the server's affair.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

import attrs

from gameserver.client import Client
from gameserver.ids import NO_SEAT, PlayerId, Seat
from gameserver.messages.base import Request
from gameserver.messages.chat import Channel, GetChatHistory, MuteChat, SendChat, Typing
from gameserver.messages.lobby import (
    BanPlayer,
    CancelStart,
    ChooseTeam,
    ConfigureLobby,
    CreateLobby,
    JoinLobby,
    KickPlayer,
    LeaveLobby,
    LeaveMatch,
    ListLobbies,
    LobbyConfig,
    LockLobby,
    MutePlayer,
    QuickPlay,
    SetReady,
    StartMatch,
    TakeSeat,
    TransferHost,
    UnbanPlayer,
    Visibility,
    WatchLobbies,
)
from gameserver.messages.session import GetServerInfo, Rename

NAMES: Final = (
    "Ann",
    "ann",
    "Bob",
    "Zoë",
    "\uff21nn",
    "  ",
    "x" * 60,
    "Player 1",
    "a\u202eb",
    "🦊",
)
TEXTS: Final = ("hello", "", " ", "x" * 900, "größer 🌩", "\u200b", "same", "same", "/me waves")
NOTHING_CHOSEN: Final = LobbyConfig("", "", 4)
"""What a player begins with who is in no lobby."""


@attrs.frozen
class Wish:
    """What a deed is drawn from."""

    random: Random
    client: Client
    others: Sequence[PlayerId]
    """Ids of all players who were ever online, this one's among them."""

    def somebody(self) -> PlayerId:
        """Return somebody of the lobby, or of the server, or nobody at all."""
        lobby = self.client.lobby
        here = [member.player_id for member in lobby.members] if lobby else []
        return PlayerId(self.random.choice([*here, *here, *self.others, "nobody"]))

    def config(self) -> LobbyConfig:
        """Return a configuration, seldom one that is refused."""
        random, lobby = self.random, self.client.lobby
        now = lobby.config if lobby else NOTHING_CHOSEN
        kind = random.choice((*[Visibility.PUBLIC] * 4, Visibility.UNLISTED, Visibility.PASSWORD))
        return attrs.evolve(
            now,
            title=random.choice(NAMES),
            map=now.map or random.choice(("", "nowhere")),
            size=random.choice((2, 3, 4, 8, 99)),
            bots=random.randrange(3),
            visibility=kind,
            join_in_progress=random.random() < 0.8,
            spectators=random.random() < 0.8,
        )


def _join(wish: Wish) -> Request:
    known = wish.client.lobby_list
    ids = [lobby.lobby_id for lobby in known.lobbies] if known else []
    if not ids:
        return QuickPlay()
    spectate = wish.random.random() < 0.5
    return JoinLobby(wish.random.choice(ids), "", "secret", spectate)


def _create(wish: Wish) -> Request:
    return CreateLobby(wish.config(), "secret")


def _say(wish: Wish) -> Request:
    channel = wish.random.choice((Channel.LOBBY, Channel.LOBBY, Channel.TEAM, Channel.WHISPER))
    whom = wish.somebody() if channel is Channel.WHISPER else PlayerId("")
    return SendChat(channel, wish.random.choice(TEXTS), whom)


def _sit(wish: Wish) -> Request:
    return TakeSeat(Seat(wish.random.choice((NO_SEAT, 0, 1, 2, 3, 77))))


def _host(wish: Wish) -> Request:
    """Return a deed of a host; a client that is none is refused."""
    random = wish.random
    make: Callable[[], Request] = random.choice(
        (
            lambda: KickPlayer(wish.somebody()),
            lambda: BanPlayer(wish.somebody()),
            lambda: UnbanPlayer(random.choice(NAMES)),
            lambda: LockLobby(random.random() < 0.3),
            lambda: TransferHost(wish.somebody()),
            lambda: MutePlayer(wish.somebody(), random.random() < 0.5),
            lambda: ConfigureLobby(wish.config(), "secret"),
            StartMatch,
            CancelStart,
        )
    )
    return make()


_OUTSIDE: Final[Sequence[Callable[[Wish], Request]]] = (
    _join,
    _join,
    _create,
    lambda _: QuickPlay(),
    lambda _: ListLobbies(),
    lambda _: WatchLobbies(),
)
"""Deeds of a player without a lobby."""

_INSIDE: Final[Sequence[Callable[[Wish], Request]]] = (
    _say,
    _say,
    _sit,
    _sit,
    _host,
    _host,
    _host,
    lambda wish: ChooseTeam(wish.random.randrange(-1, 4)),
    lambda wish: SetReady(wish.random.random() < 0.8),
    lambda _: LeaveMatch(),
    lambda _: LeaveLobby(),
)
"""Deeds of a member of a lobby."""

_ANYWHERE: Final[Sequence[Callable[[Wish], Request]]] = (
    lambda wish: Rename(wish.random.choice(NAMES)),
    lambda wish: Typing(wish.random.choice(tuple(Channel)), wish.somebody()),
    lambda wish: GetChatHistory(wish.random.choice(tuple(Channel))),
    lambda wish: MuteChat(wish.somebody(), wish.random.random() < 0.5),
    lambda wish: WatchLobbies(wish.random.random() < 0.5),
    lambda _: GetServerInfo(),
)


def deed(wish: Wish) -> Request:
    """Return what a player asks for next."""
    kinds = _ANYWHERE if wish.random.random() < 0.3 else _OUTSIDE
    if kinds is _OUTSIDE and wish.client.lobby is not None:
        kinds = _INSIDE
    return wish.random.choice(kinds)(wish)
