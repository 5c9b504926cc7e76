"""Lobbies as their members and browsers see them, and what can be asked of them.

Law: after every change the members get the whole `LobbyState`: it is small, and nobody has to
put it together from differences.
"""

from collections.abc import Mapping
from enum import StrEnum

import attrs

from gameserver.game.options import FormField
from gameserver.ids import LobbyId, MatchId, PlayerId, Seat
from gameserver.messages.base import Notice, ReliableEvent, Request, Result


class Phase(StrEnum):
    """Where a lobby is in its life; behind RESULTS it is OPEN again."""

    OPEN = "open"
    COUNTDOWN = "countdown"
    IN_MATCH = "in_match"
    RESULTS = "results"


class Visibility(StrEnum):
    """Who can find and enter a lobby."""

    PUBLIC = "public"
    """Listed; everybody may enter."""
    UNLISTED = "unlisted"
    """Not listed; its invite code admits."""
    PASSWORD = "password"  # noqa: S105  a kind, no secret
    """Listed; its password admits."""


@attrs.frozen
class LobbyConfig:
    """What the host chooses.

    ``options`` are the game's own, by name. In a request, what is left out has its default; a
    server sends all of them.
    """

    title: str
    """Cut after 40 characters; a server makes one up for an empty one."""
    map: str
    size: int
    visibility: Visibility = Visibility.PUBLIC
    bots: int = 0
    """Fill up to this many seats with bots at the start; they make room for people."""
    bot_level: str = ""
    join_in_progress: bool = True
    spectators: bool = True
    options: Mapping[str, int | bool | str] = attrs.field(factory=dict)


@attrs.frozen
class Member:
    """One seated or watching person, or a bot in a running match."""

    player_id: PlayerId
    """Empty for a bot."""
    name: str
    seat: Seat
    """`NO_SEAT` for a spectator."""
    team: int = 0
    ready: bool = False
    connected: bool = True
    """Not so while the seat is held for somebody who lost the connection."""
    muted: bool = False
    bot: bool = False
    stalled: bool = False
    """Whether nothing has come from their seat in the match for about a second."""


@attrs.frozen
class ResultLine:
    """One line of a result table, best first."""

    name: str
    """As it was in the match; whoever changed it since is found by ``player_id``."""
    player_id: PlayerId
    """Of who played this line, gone or not; empty for a bot."""
    seat: Seat
    team: int
    score: int
    won: bool
    stats: Mapping[str, int]
    bot: bool = False


@attrs.frozen
class MatchResult:
    """How a match ended."""

    match_id: MatchId
    reason: str
    """``finished``, ``fault`` (the game broke), ``abandoned`` (nobody left) or ``stopped``; the
    code of the error where it could not begin, such as ``server_busy``."""
    winner: str
    """Name of the player or team that won; empty where nobody did."""
    team_scores: tuple[int, ...]
    """From team 1 on; empty without teams."""
    lines: tuple[ResultLine, ...]
    ticks: int
    message: str = ""


@attrs.frozen
class LobbyState:
    """Everything a member may know of the lobby."""

    lobby_id: LobbyId
    revision: int
    """Rises with each change."""
    phase: Phase
    host: PlayerId
    config: LobbyConfig
    invite_code: str
    locked: bool
    teams: int
    """How many teams the mode has; 0 for none."""
    members: tuple[Member, ...]
    """By seat, spectators last."""
    countdown_s: float | None = None
    """Seconds left when this was sent, in the phases ``countdown`` and ``results``."""
    match_id: MatchId = MatchId("")
    result: MatchResult | None = None
    """Of the last match."""
    banned: tuple[str, ...] = ()
    """Names, for the host's list."""


@attrs.frozen
class LobbySummary:
    """A lobby as the browser lists it."""

    lobby_id: LobbyId
    title: str
    host_name: str
    phase: Phase
    map: str
    mode: str
    """Value of the game's option ``mode``, or ""."""
    players: int
    size: int
    spectators: int
    password: bool
    locked: bool
    joinable: bool
    """Whether a seat is free for somebody new, now."""


@attrs.frozen
class LobbyFilter:
    """What the browser shows; empty fields do not filter."""

    text: str = ""
    """Part of the title or host's name, case folded."""
    mode: str = ""
    map: str = ""
    joinable: bool = False


# --- what is asked ---------------------------------------------------------------------------


@attrs.frozen
class MapChoice:
    """A map the server has."""

    name: str
    title: str
    modes: tuple[str, ...]
    """Values of the game's option ``mode`` that it can be played with."""
    min_players: int
    """Fewest seats, where the form's ``min_size`` is not more."""
    max_players: int
    """Most seats, where the form's ``max_size`` is not less."""


@attrs.frozen
class LobbyForm(Result):
    """What a create-lobby form shows."""

    game: str
    title: str
    options: tuple[FormField, ...]
    maps: tuple[MapChoice, ...]
    bot_levels: tuple[str, ...]
    min_size: int
    max_size: int
    default: LobbyConfig


@attrs.frozen
class GetLobbyForm(Request, name="lobby.form", result=LobbyForm):
    """Ask what can be chosen for a lobby on this server."""


@attrs.frozen
class LobbyList(Result):
    """The lobbies that pass a filter, joinable ones first, then by size of crowd; at most 200."""

    lobbies: tuple[LobbySummary, ...]
    total: int


@attrs.frozen
class ListLobbies(Request, name="lobby.list", result=LobbyList):
    """List lobbies once."""

    filter: LobbyFilter = LobbyFilter()


@attrs.frozen
class WatchLobbies(Request, name="lobby.watch", result=LobbyList):
    """List lobbies and keep telling: `LobbiesListed` follow, at most two a second, until off."""

    on: bool = True
    filter: LobbyFilter = LobbyFilter()


@attrs.frozen
class InLobby(Result):
    """The lobby one is in now."""

    lobby: LobbyState


@attrs.frozen
class CreateLobby(Request, name="lobby.create", result=InLobby):
    """Open a lobby and sit in its first seat, as its host."""

    config: LobbyConfig
    password: str = ""
    """From 1 to 64 characters where the visibility is ``password``; else it is not looked at."""


@attrs.frozen
class JoinLobby(Request, name="lobby.join", result=InLobby):
    """Enter by id, or by invite code, which an unlisted lobby needs. Spectators take no seat.

    Where the lobby has a password, it is asked for in both cases.
    """

    lobby_id: LobbyId = LobbyId("")
    code: str = ""
    password: str = ""
    spectate: bool = False


@attrs.frozen
class QuickPlay(Request, name="lobby.quick_play", result=InLobby):
    """Enter a fitting public lobby, or open one. A lobby opened so starts by itself."""

    mode: str = ""
    map: str = ""


@attrs.frozen
class LeaveLobby(Request, name="lobby.leave"):
    """Leave the lobby and its match."""


@attrs.frozen
class LeaveMatch(Request, name="lobby.leave_match"):
    """Leave the running match and wait in the lobby for its end, with no seat and no snapshots.

    A bot takes over as when somebody leaves. When the match is over, one gets a seat again if one
    is free; `TakeSeat` plays on before that, `EnterMatch` watches.
    """


@attrs.frozen
class SetReady(Request, name="lobby.ready"):
    """Say whether one is ready. When all seated people are, the countdown starts."""

    ready: bool


@attrs.frozen
class TakeSeat(Request, name="lobby.sit"):
    """Move to a free seat, and with it out of the spectators; `NO_SEAT` moves among them."""

    seat: Seat


@attrs.frozen
class ChooseTeam(Request, name="lobby.team"):
    """Change team, from 1. Refused where it would leave the teams more than one apart."""

    team: int


@attrs.frozen
class ConfigureLobby(Request, name="lobby.configure"):
    """Host: change the configuration, in the phases ``open`` and ``results`` only.

    Nobody is ready after it.
    """

    config: LobbyConfig
    password: str = ""
    """Empty keeps the old one."""


@attrs.frozen
class KickPlayer(Request, name="lobby.kick"):
    """Host: take somebody out; they may come back."""

    player_id: PlayerId


@attrs.frozen
class BanPlayer(Request, name="lobby.ban"):
    """Host: take somebody out for the life of the lobby."""

    player_id: PlayerId


@attrs.frozen
class UnbanPlayer(Request, name="lobby.unban"):
    """Host: lift a ban, by the name in the list."""

    player_name: str


@attrs.frozen
class LockLobby(Request, name="lobby.lock"):
    """Host: let nobody new in, or let them in again."""

    locked: bool


@attrs.frozen
class TransferHost(Request, name="lobby.transfer"):
    """Host: make another seated person the host."""

    player_id: PlayerId


@attrs.frozen
class MutePlayer(Request, name="lobby.mute"):
    """Host: let nobody in this lobby hear somebody's chat."""

    player_id: PlayerId
    muted: bool


@attrs.frozen
class StartMatch(Request, name="lobby.start"):
    """Host: start the countdown now, ready or not."""


@attrs.frozen
class CancelStart(Request, name="lobby.cancel"):
    """Host: stop the countdown."""


@attrs.frozen
class Rematch(Request, name="lobby.rematch"):
    """In the phase ``results``: be ready for the next match.

    When all seated people ask, it starts again.
    """


# --- what members and browsers are told -----------------------------------------------------------


@attrs.frozen
class LobbyChanged(ReliableEvent, name="lobby.changed"):
    """The lobby one is in changed, or one is in it now."""

    lobby: LobbyState


@attrs.frozen
class LobbyLeft(ReliableEvent, name="lobby.left"):
    """One is no longer in the lobby."""

    lobby_id: LobbyId
    reason: str
    """``left``, ``kicked``, ``banned``, ``expired`` (gone too long) or ``closed``."""


@attrs.frozen
class LobbiesListed(Notice, name="lobby.listed"):
    """The list a browser watches, whole and filtered."""

    lobbies: tuple[LobbySummary, ...]
    total: int
