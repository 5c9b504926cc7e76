"""One lobby: its members, their seats, its configuration, and its views for clients.

Law: this module holds state and derives values from it; it makes no decisions and sends nothing.
Members enter and leave through `Membership`, and `Lifecycle` changes phases.
"""

import hmac
from collections import deque
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final

import attrs

from gameserver.game.entity import Player
from gameserver.ids import NO_SEAT, LobbyId, MatchId, PlayerId, Seat
from gameserver.messages.chat import ChatLine
from gameserver.messages.lobby import (
    LobbyConfig,
    LobbyState,
    LobbySummary,
    MatchResult,
    Member,
    Phase,
    Visibility,
)
from gameserver.messages.match import SeatedPlayer
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.effects import StartFacts
from gameserver.rooms.state.late import Late
from gameserver.rooms.state.seats import Seats


@attrs.frozen
class Password:
    """A lobby's password as a salted hash: it lives as long as the lobby, in memory only."""

    _salt: bytes
    _digest: bytes

    @classmethod
    def new(cls, text: str, salt: bytes) -> "Password":
        """Hash a password with 16 random bytes."""
        return cls(salt, cls._hash(text, salt))

    def fits(self, text: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self._digest, self._hash(text, self._salt))

    @staticmethod
    def _hash(text: str, salt: bytes) -> bytes:
        data = text.encode("utf-8", "surrogatepass")
        return blake2b(data, digest_size=32, salt=salt, person=b"lobby-password").digest()


@attrs.define(eq=False)
class Occupant:
    """One person in a lobby, seated or watching."""

    player_id: PlayerId
    name: str
    seat: Seat = NO_SEAT
    team: int = 0
    ready: bool = False
    connected: bool = True
    muted: bool = False
    stalled: bool = False
    """Whether no inputs come from the seat in a match, although there is a connection."""
    stepped_out: bool = False
    """Whether the member left a running match and waits for its end without a seat."""
    held_until: float | None = None
    """When the member is removed, while the connection is lost; None while there is one."""
    shown: Member | None = None
    """The member as last shown: equal views are one object in all states of the lobby."""

    @property
    def seated(self) -> bool:
        """Whether the member has a seat; a spectator has none."""
        return self.seat != NO_SEAT

    @property
    def spectates(self) -> bool:
        """Whether the member came to watch, and did not leave a seat of the running match."""
        return not (self.seated or self.stepped_out)


@attrs.frozen
class Ban:
    """A banned session; sessions whose names look like the banned name are refused too."""

    player_id: PlayerId
    name: str


SEATED_KEPT: Final = 256
"""Names and seats kept for the result of one match (27): many times the seats of most matches."""

SEATED_PER_SEAT: Final = 2
"""The same for each seat of a match, where that is more: all who began it, and as many again."""


@attrs.define(eq=False)
class RunningMatch:
    """The match of a lobby, from the end of the countdown to the results."""

    match_id: MatchId
    bots: dict[Seat, Player]
    sat: dict[tuple[Seat, str], PlayerId] = attrs.field(factory=dict)
    """The player of each seat and name, also after they left; empty for bots. A match keeps the
    names that its players had when they sat down."""
    facts: StartFacts | None = None
    """Known once the match exists."""
    stopping: bool = False
    """Whether its end was ordered and has not been reported yet."""
    seats: int = 0
    """Seats of the lobby when the match began."""
    players: dict[Seat, SeatedPlayer] = attrs.field(factory=dict)
    """The player of each seat as last shown, see `as_shown`."""

    def note_seated(self, seat: Seat, name: str, player_id: PlayerId) -> None:
        """Remember the player of a seat and name.

        When full: the entry that was noted first is forgotten.
        """
        self.sat.pop((seat, name), None)
        self.sat[seat, name] = player_id
        if len(self.sat) > max(SEATED_KEPT, SEATED_PER_SEAT * self.seats):
            del self.sat[next(iter(self.sat))]

    def as_shown(self, player: Occupant | Player) -> SeatedPlayer:
        """Return a member or bot as its messages show it: one object in all of them."""
        player_id = player.player_id if isinstance(player, Occupant) else PlayerId("")
        shown = self.players.get(player.seat)
        # Compared without making one: most are as they were, and there may be a thousand.
        if (
            shown is None
            or shown.player_id != player_id
            or shown.name != player.name
            or shown.team != player.team
        ):
            shown = SeatedPlayer(player.seat, player_id, player.name, player.team, not player_id)
            self.players[player.seat] = shown
        return shown


@attrs.define(eq=False)
class Lobby:
    """The whole state of one lobby."""

    lobby_id: LobbyId
    code: str
    """Invite code: joins this lobby, and is the only way into an unlisted one."""
    config: LobbyConfig
    options: Any
    """The options as an object of the game's own class."""
    teams: int
    password: Password | None
    host: PlayerId
    auto: bool
    """Whether it starts by itself, as a lobby of quick play does."""
    open_since: float
    """Time at which the phase last became OPEN, in seconds of the hall's clock."""
    seats: Seats
    histories: dict[int, deque[ChatLine]] = attrs.field(factory=dict)
    """Chat by audience, see `Chat`."""
    members: dict[PlayerId, Occupant] = attrs.field(factory=dict)
    """In the order of entering."""
    phase: Phase = Phase.OPEN
    phase_ends_at: float | None = None
    forced: bool = False
    """Whether the host started the countdown."""
    match: RunningMatch | None = None
    result: MatchResult | None = None
    locked: bool = False
    host_lost_at: float | None = None
    """When the host lost the connection; None while there is one."""
    bans: dict[str, Ban] = attrs.field(factory=dict)
    """By the name's skeleton, oldest first."""
    muted: dict[PlayerId, None] = attrs.field(factory=dict)
    """Whom the host muted, members or not, oldest first: leaving and coming back lifts nothing."""
    revision: int = 0
    shown_at: float = float("-inf")
    """When its members were last sent its state."""
    shown_phase: Phase = Phase.OPEN
    new_phase_at: float = float("-inf")
    """When its members were last sent a state with another phase than the one before."""
    shown: LobbyState | None = None
    """The state that its members were last sent, as all but the host get it."""
    late: Late = attrs.field(factory=Late)
    """What its spectators are told later."""

    def note_shown(self, now: float) -> None:
        """Note that the members are sent the present state."""
        if self.phase is not self.shown_phase:
            self.new_phase_at = now
        self.shown_at, self.shown_phase = now, self.phase

    # --- people ---------------------------------------------------------------------------------

    @property
    def seated(self) -> list[Occupant]:
        """The members with seats, by seat."""
        playing = [member for member in self.members.values() if member.seat != NO_SEAT]
        playing.sort(key=_SEAT)
        return playing

    @property
    def watching(self) -> list[Occupant]:
        """The members without seats, in the order of entering."""
        return [member for member in self.members.values() if not member.seated]

    @property
    def all_ready(self) -> bool:
        """Whether all seated members are connected and ready, and there is at least one."""
        # Not `seated`, which sorts: this is asked at each arrival, of a thousand too.
        seated = [member for member in self.members.values() if member.seat != NO_SEAT]
        return bool(seated) and all(member.ready and member.connected for member in seated)

    @property
    def bots_to_fill(self) -> int:
        """The number of bots in a match that would start now."""
        return min(self.config.bots, self.seats.size - len(self.seats))

    def team_counts(self) -> dict[int, int]:
        """Return the number of players of each team; in a match bots are counted too."""
        if not self.teams:
            return {}
        counts = dict.fromkeys(range(1, self.teams + 1), 0)
        for player in (*self.seated, *(self.match.bots.values() if self.match else ())):
            if player.team in counts:
                counts[player.team] += 1
        return counts

    def smallest_team(self) -> int:
        """Return the team with the fewest players; 0 in games without teams."""
        counts = self.team_counts()
        return min(counts, key=lambda team: (counts[team], team)) if counts else 0

    # --- how to get in ----------------------------------------------------------------------------

    @property
    def in_progress_open(self) -> bool:
        """Whether the phase and the configuration allow to take a seat now."""
        return self.phase is not Phase.IN_MATCH or self.config.join_in_progress

    def open_seats(self) -> list[Seat]:
        """Return the seats that a person could take, best first: empty ones, then bots' seats.

        Of the bots' seats, those in the team with the fewest people come first.
        """
        free = self.seats.free()
        bots = self.match.bots if self.match else {}
        if not bots:
            return free
        people = [member.team for member in self.seated]
        taken = sorted(bots, key=lambda seat: (people.count(bots[seat].team), seat))
        return [seat for seat in free if seat not in bots] + taken

    @property
    def joinable(self) -> bool:
        """Whether a person who is not a member could enter and take a seat."""
        return not self.locked and self.in_progress_open and len(self.seats) < self.seats.size

    def takes_members(self, rules: RoomRules) -> bool:
        """Tell whether there may be one more member (27).

        Members who left a running match count here, though they use no seat and no place of a
        spectator.
        """
        return len(self.members) < self.seats.size + rules.spectators

    # --- times ------------------------------------------------------------------------------------

    def next_time(self, now: float, rules: RoomRules) -> float | None:
        """Return the next time at which the lobby changes without a request; None for never."""
        times = [m.held_until for m in self.members.values() if m.held_until is not None]
        if self.phase_ends_at is not None:
            times.append(self.phase_ends_at)
        if self.late.next is not None:
            times.append(self.late.next)
        if self.host_lost_at is not None and any(m.connected for m in self.members.values()):
            times.append(self.host_lost_at + rules.host_grace_s)
        alone_until = self.open_since + rules.quick_alone_s
        if self.auto and self.phase is Phase.OPEN and alone_until > now:
            times.append(alone_until)
        return min(times, default=None)

    # --- views ------------------------------------------------------------------------------------

    def state(self, now: float, *, for_host: bool) -> LobbyState:
        """Return the state that members get; only the host's has the list of bans."""
        ends_at = self.phase_ends_at
        return LobbyState(
            lobby_id=self.lobby_id,
            revision=self.revision,
            phase=self.phase,
            host=self.host,
            config=self.config,
            invite_code=self.code,
            locked=self.locked,
            teams=self.teams,
            members=self._shown_members(),
            countdown_s=None if ends_at is None else max(0.0, ends_at - now),
            match_id=self.match.match_id if self.match else MatchId(""),
            result=self.result,
            banned=tuple(ban.name for ban in self.bans.values()) if for_host else (),
        )

    def summary(self, mode_option: str) -> LobbySummary:
        """Return the lobby's entry in the list of lobbies; see `Game.mode_option`."""
        mode = self.config.options.get(mode_option, "")
        return LobbySummary(
            lobby_id=self.lobby_id,
            title=self.config.title,
            host_name=self.members[self.host].name,
            phase=self.phase,
            map=self.config.map,
            mode=mode if isinstance(mode, str) else "",
            players=len(self.seats),
            size=self.seats.size,
            spectators=len(self.watching),
            password=self.config.visibility is Visibility.PASSWORD,
            locked=self.locked,
            joinable=self.joinable,
        )

    def _shown_members(self) -> tuple[Member, ...]:
        bots = self.match.bots.values() if self.match else ()
        shown = [_member(member) for member in self.members.values()]
        seated = [member for member in shown if member.seat != NO_SEAT]
        seated += [Member(PlayerId(""), b.name, b.seat, b.team, bot=True) for b in bots]
        seated.sort(key=_SEAT)
        return (*seated, *(member for member in shown if member.seat == NO_SEAT))


_SEAT: Final = attrgetter("seat")
_AS_SHOWN: Final = attrgetter(
    "player_id", "name", "seat", "team", "ready", "connected", "muted", "stalled"
)
"""What a `Member` has of its `Occupant`."""


def _member(occupant: Occupant) -> Member:
    # Compared without making a member: most are as they were, and a lobby may have a thousand.
    if occupant.shown is not None and _AS_SHOWN(occupant.shown) == _AS_SHOWN(occupant):
        return occupant.shown
    member = Member(
        player_id=occupant.player_id,
        name=occupant.name,
        seat=occupant.seat,
        team=occupant.team,
        ready=occupant.ready,
        connected=occupant.connected,
        muted=occupant.muted,
        stalled=occupant.stalled,
    )
    occupant.shown = member
    return member
