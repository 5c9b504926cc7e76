"""Lobbies: their states, the requests of members and of the lobby browser, and their events.

Law: after every change the members get the whole `LobbyState`. It is small, and no client has to
apply differences.
"""

from collections.abc import Mapping
from enum import StrEnum

import attrs

from gameserver.ids import LobbyId, MatchId, PlayerId, Seat
from gameserver.messages.base import Notice, ReliableEvent, Request, Result


class Phase(StrEnum):
    """State of a lobby; after RESULTS it is OPEN again."""

    OPEN = "open"
    COUNTDOWN = "countdown"
    IN_MATCH = "in_match"
    RESULTS = "results"


class Visibility(StrEnum):
    """Whether a lobby is listed, and what is needed to enter it."""

    PUBLIC = "public"
    """Listed; every player may enter."""
    UNLISTED = "unlisted"
    """Not listed; the invite code is needed to enter."""
    PASSWORD = "password"  # noqa: S105  a kind, no secret
    """Listed; the password is needed to enter."""


@attrs.frozen
class LobbyConfig:
    """The configuration that the host chooses.

    ``options`` are the game's own, by name. Options that a request leaves out have their defaults;
    a server always sends all options.
    """

    title: str
    """Cut after 40 characters; the server chooses a title if it is empty."""
    map: str
    size: int
    visibility: Visibility = Visibility.PUBLIC
    bots: int = 0
    """Most bots: free seats are filled with them when a match starts; they give way to people."""
    bot_level: str = ""
    join_in_progress: bool = True
    spectators: bool = True
    options: Mapping[str, int | bool | str] = attrs.field(factory=dict)


@attrs.frozen
class Member:
    """One player or spectator, or a bot in a running match."""

    player_id: PlayerId
    """Empty for a bot."""
    name: str
    seat: Seat
    """`NO_SEAT` for a spectator."""
    team: int = 0
    ready: bool = False
    connected: bool = True
    """Whether the member has a connection; without one the seat is held for the grace time."""
    muted: bool = False
    bot: bool = False
    stalled: bool = False
    """Whether no input has come from the member's seat in the match for about a second."""


@attrs.frozen
class ResultLine:
    """One line of a result table, best first."""

    name: str
    """The name at the end of the match; the player may have changed it since."""
    player_id: PlayerId
    """Of the player in this seat, also if they have left; empty for a bot."""
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
    """``finished``, ``fault`` (the game raised an error), ``abandoned`` (all players left) or
    ``stopped``; if the match could not begin, the error's code, such as ``server_busy``."""
    winner: str
    """Name of the player or team that won; empty without a winner."""
    team_scores: tuple[int, ...]
    """Scores of the teams, from team 1 on; empty without teams."""
    lines: tuple[ResultLine, ...]
    ticks: int
    message: str = ""


@attrs.frozen
class LobbyState:
    """The lobby as all of its members see it."""

    lobby_id: LobbyId
    revision: int
    """Rises with each change."""
    phase: Phase
    host: PlayerId
    config: LobbyConfig
    invite_code: str
    locked: bool
    teams: int
    """Number of teams in the mode; 0 without teams."""
    members: tuple[Member, ...]
    """By seat, spectators last."""
    countdown_s: float | None = None
    """Seconds left when this was sent, in the phases ``countdown`` and ``results``."""
    match_id: MatchId = MatchId("")
    result: MatchResult | None = None
    """Result of the last match."""
    banned: tuple[str, ...] = ()
    """Names of banned players, for the host's list."""


@attrs.frozen
class LobbySummary:
    """A lobby as the lobby browser lists it."""

    lobby_id: LobbyId
    title: str
    host_name: str
    phase: Phase
    map: str
    mode: str
    """Value of the option that is the game's mode; empty in a game without modes."""
    players: int
    size: int
    spectators: int
    password: bool
    locked: bool
    joinable: bool
    """Whether a new player can get a seat now."""


@attrs.frozen
class LobbyFilter:
    """Filter of the lobby browser; empty fields do not filter."""

    text: str = ""
    """Part of the title or of the host's name; case is ignored."""
    mode: str = ""
    map: str = ""
    joinable: bool = False
    """Whether to list joinable lobbies only."""


# --- requests and results ---------------------------------------------------------------------


@attrs.frozen
class LobbyList(Result):
    """The lobbies that pass a filter, joinable ones first, then by players; at most 200."""

    lobbies: tuple[LobbySummary, ...]
    total: int
    """Number of lobbies that pass the filter; may be larger than the list."""


@attrs.frozen
class ListLobbies(Request, name="lobby.list", result=LobbyList):
    """List lobbies once."""

    filter: LobbyFilter = LobbyFilter()


@attrs.frozen
class WatchLobbies(Request, name="lobby.watch", result=LobbyList):
    """List lobbies, and send `LobbiesListed` after changes, at most two a second, until off."""

    on: bool = True
    filter: LobbyFilter = LobbyFilter()


@attrs.frozen
class InLobby(Result):
    """The lobby that the player is in now."""

    lobby: LobbyState


@attrs.frozen
class CreateLobby(Request, name="lobby.create", result=InLobby):
    """Open a lobby; the player becomes its host and gets the first seat."""

    config: LobbyConfig
    password: str = ""
    """From 1 to 64 characters with the visibility ``password``; ignored otherwise."""


@attrs.frozen
class JoinLobby(Request, name="lobby.join", result=InLobby):
    """Enter by id, or by invite code, which an unlisted lobby needs. Spectators take no seat.

    A lobby with a password needs it in both cases.
    """

    lobby_id: LobbyId = LobbyId("")
    code: str = ""
    password: str = ""
    spectate: bool = False


@attrs.frozen
class QuickPlay(Request, name="lobby.quick_play", result=InLobby):
    """Enter a suitable public lobby, or open one that starts matches by itself."""

    mode: str = ""
    map: str = ""


@attrs.frozen
class LeaveLobby(Request, name="lobby.leave"):
    """Leave the lobby and its match."""


@attrs.frozen
class LeaveMatch(Request, name="lobby.leave_match"):
    """Leave the running match and wait in the lobby for its end, without seat and snapshots.

    A bot takes over the seat, as when a player leaves. After the match the player gets a seat again
    if one is free. Before that, `TakeSeat` plays on and `EnterMatch` watches.
    """


@attrs.frozen
class SetReady(Request, name="lobby.ready"):
    """Set whether the player is ready. When all seated people are, the countdown starts."""

    ready: bool


@attrs.frozen
class TakeSeat(Request, name="lobby.sit"):
    """Take a free seat; `NO_SEAT` gives up the seat and makes the player a spectator."""

    seat: Seat


@attrs.frozen
class ChooseTeam(Request, name="lobby.team"):
    """Change team, from 1. Refused if the teams' sizes would then differ by more than one."""

    team: int


@attrs.frozen
class ConfigureLobby(Request, name="lobby.configure"):
    """Host: change the configuration, in the phases ``open`` and ``results`` only.

    It resets everybody's ready state.
    """

    config: LobbyConfig
    password: str = ""
    """Empty keeps the present password."""


@attrs.frozen
class KickPlayer(Request, name="lobby.kick"):
    """Host: remove a member, who may come back."""

    player_id: PlayerId


@attrs.frozen
class BanPlayer(Request, name="lobby.ban"):
    """Host: remove a member, who may not come back to this lobby."""

    player_id: PlayerId


@attrs.frozen
class UnbanPlayer(Request, name="lobby.unban"):
    """Host: lift a ban, by the name in the state's list of bans."""

    player_name: str


@attrs.frozen
class LockLobby(Request, name="lobby.lock"):
    """Host: close the lobby to new members, or open it again."""

    locked: bool


@attrs.frozen
class TransferHost(Request, name="lobby.transfer"):
    """Host: make another seated person the host."""

    player_id: PlayerId


@attrs.frozen
class MutePlayer(Request, name="lobby.mute"):
    """Host: mute a member's chat for the whole lobby, or unmute it."""

    player_id: PlayerId
    muted: bool


@attrs.frozen
class StartMatch(Request, name="lobby.start"):
    """Host: start the countdown now, also if not all are ready."""


@attrs.frozen
class CancelStart(Request, name="lobby.cancel"):
    """Host: stop the countdown."""


@attrs.frozen
class Rematch(Request, name="lobby.rematch"):
    """In the phase ``results``: be ready for the next match.

    When all seated people have asked for it, the countdown starts.
    """


# --- events and notices ---------------------------------------------------------------------------


@attrs.frozen
class LobbyChanged(ReliableEvent, name="lobby.changed"):
    """The player's lobby has changed, or the player has entered it."""

    lobby: LobbyState


@attrs.frozen
class LobbyLeft(ReliableEvent, name="lobby.left"):
    """The player is no longer in the lobby."""

    lobby_id: LobbyId
    reason: str
    """``left``, ``kicked``, ``banned``, ``expired`` (gone too long) or ``closed``."""


@attrs.frozen
class LobbiesListed(Notice, name="lobby.listed"):
    """The watched list of lobbies after a change: whole and filtered."""

    lobbies: tuple[LobbySummary, ...]
    total: int
