"""The state that all parts of the hall share: sessions, lobbies, the time, and pending effects.

Law: the time is the argument of the call in progress. Decisions leave as effects, in the order in
which they were made. The members of a changed lobby get its new state once, at the end of the
call, or earlier if an answer needs it.
"""

import base64
from collections.abc import Callable, Container, Iterable, Mapping
from enum import Enum

import attrs

from gameserver.errors import Code
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import LobbyId, MatchId, PlayerId
from gameserver.messages.base import Notice, ReliableEvent
from gameserver.messages.lobby import LobbyChanged, LobbyState
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.rooms.limits.budgets import BudgetTable
from gameserver.rooms.limits.holdings import Holdings
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.agenda import Agenda
from gameserver.rooms.state.audit import AuditLog, ReportBook
from gameserver.rooms.state.effects import (
    Deliver,
    Disconnect,
    Effect,
    ExitMatch,
    MemberSeen,
    Note,
    Publish,
    Tell,
)
from gameserver.rooms.state.hosting import Hosting
from gameserver.rooms.state.late import PUBLIC, SEEN_S, EndedMatch
from gameserver.rooms.state.lobby import Lobby, Occupant
from gameserver.rooms.state.namespaces import NamespaceRooms
from gameserver.rooms.state.sanctions import SanctionBook
from gameserver.rooms.state.session import Session
from gameserver.rooms.state.shown import is_shown
from gameserver.rooms.state.spread import Spread

ID_BYTES = 8


class Due(Enum):
    """Kinds of keys in the agenda."""

    SESSION = "session"
    LOBBY = "lobby"
    WATCHERS = "watchers"


@attrs.define(eq=False)
class HallState:
    """The shared state of the parts of one hall."""

    game: Game
    maps: Mapping[str, TileMap]
    rules: RoomRules
    entropy: Callable[[int], bytes]
    secret: Callable[[int], bytes]
    """Returns random bytes for a token, which is never recorded."""
    now: float = 0.0
    """Monotonic seconds."""
    wall_ms: int = 0
    """Unix time."""
    stopping: bool = False
    """Whether no player may come any more."""
    draining: bool = False
    """Whether no lobby may open and no match begin; so it is while the server is stopping, too."""
    matches_refused_for_s: float = 0.0
    """While above 0, matches are refused; hosts are told to wait this long."""
    sessions: dict[PlayerId, Session] = attrs.field(factory=dict)
    by_look: dict[str, Session] = attrs.field(factory=dict)
    """Sessions by the skeleton of their names; no two sessions have the same skeleton."""
    lobbies: dict[LobbyId, Lobby] = attrs.field(factory=dict)
    agenda: Agenda[tuple[Due, str]] = attrs.field(factory=Agenda)
    over_event_limit: list[Session] = attrs.field(factory=list)
    """Sessions whose connection must end, since too many events are unacknowledged."""
    over_backlog_limit: list[Session] = attrs.field(factory=list)
    """Sessions that must end, since more events wait for them than are kept."""
    spread: Spread = attrs.field(factory=Spread)
    """Messages to more than `RoomRules.wide` sessions, which are sent to a few at a time."""
    namespaces: dict[str, NamespaceRooms] = attrs.field(factory=dict)
    """The members of each namespace of the server's authors, and their rooms."""
    ended: dict[MatchId, Lobby] = attrs.field(factory=dict)
    """The lobbies of matches of which not all were told yet that they are over."""
    list_changed: bool = False
    """Whether the list of lobbies has changed since its watchers were told."""
    _shows: BucketTable = attrs.field(init=False)
    """Limits how often the members of a lobby get its state."""
    holdings: Holdings = attrs.field(init=False)
    answers: BudgetTable = attrs.field(init=False)
    """Bytes that each address may still be answered."""
    channels: BudgetTable = attrs.field(init=False)
    """Deliveries that each channel may still make, for all senders together."""
    hosting: Hosting = attrs.field(init=False)
    """The cost of running matches by the address that started them."""
    sanctions: SanctionBook = attrs.field(init=False)
    """Bans and mutes by the operator."""
    audit: AuditLog = attrs.field(init=False)
    reports: ReportBook = attrs.field(init=False)
    report_attempts: BucketTable = attrs.field(init=False)
    """Limits reports by address, or by session on loopback."""
    _effects: list[Effect] = attrs.field(factory=list)
    _changed: dict[LobbyId, Lobby] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        """Make the budgets that the rules bound."""
        rules = self.rules
        self.holdings = Holdings(rules)
        self._shows = BucketTable(rules.shows_per_s, rules.shows_burst, rules.channels)
        self.channels = BudgetTable(rules.channel_per_s, rules.channel_burst, rules.channels)
        self.answers = BudgetTable(
            rules.address_answer_per_s, rules.address_answer_burst_bytes, rules.addresses
        )
        self.hosting = Hosting(rules)
        self.sanctions = SanctionBook(rules.sanctions)
        self.audit = AuditLog.of(rules.audit_entries)
        self.reports = ReportBook(rules.reports)
        self.report_attempts = BucketTable(
            rules.reports_per_s, rules.reports_burst, rules.addresses
        )

    def set_time(self, now: float, wall_ms: int | None = None) -> None:
        """Set the time of a call; without ``wall_ms`` the wall time moves as far as ``now`` did."""
        if now > self.now:
            self.wall_ms += round((now - self.now) * 1000)
            self.now = now
        if wall_ms is not None:
            self.wall_ms = wall_ms

    def fresh_id(self, prefix: str, taken: Container[str]) -> str:
        """Return a random id that is not in ``taken``."""
        while True:
            random = base64.b32encode(self.entropy(ID_BYTES)).decode("ascii")
            if (identity := prefix + random.rstrip("=").lower()) not in taken:
                return identity

    # --- effects --------------------------------------------------------------------------------

    def perform(self, effect: Effect) -> None:
        """Add an effect; the service performs effects in this order."""
        self._effects.append(effect)

    def note(self, event: str, **fields: object) -> None:
        """Write a line to the operator's log; ``docs/operating.md`` explains all of them."""
        self.perform(Note(event, fields))

    def note_seen(self, session: Session, *, connected: bool) -> None:
        """Tell the namespaces of a session that its connection is lost, or that it has one."""
        for name, space in self.namespaces.items():
            if session.player_id in space.members:
                self.perform(MemberSeen(session.player_id, name, connected))

    def take_effects(self) -> list[Effect]:
        """Return the effects since the last call, in order."""
        taken, self._effects = self._effects, []
        return taken

    @property
    def effects(self) -> int:
        """Number of effects that were not taken yet."""
        return len(self._effects)

    def fan_out(self, channel: str, listeners: int) -> None:
        """Charge a channel for one message to ``listeners`` sessions.

        It is charged for `RoomRules.channel_least` deliveries at least.
        """
        self.channels.spend(channel, max(listeners, self.rules.channel_least), self.now)

    def send(self, session: Session, event: ReliableEvent) -> None:
        """Send a session a reliable event, now or after its resume.

        When full: too many unacknowledged events end the connection; too many waiting events end
        the session.
        """
        # Earlier messages first, or the session would get this one out of order.
        self.hand_out(session)
        self._send(session, event)

    def send_all(self, sessions: Iterable[Session], event: ReliableEvent) -> None:
        """Send a reliable event to sessions: at once if they are few, else a few at a time."""
        listeners = list(sessions)
        # Before the first of them numbers the event: its weight is split among all.
        self.holdings.share_out(event, len(listeners))
        if len(listeners) > self.rules.wide:
            self.spread.hold(listeners, event)
        else:
            for session in listeners:
                self.send(session, event)

    # --- spectators, who may be told later --------------------------------------------------------

    def tell_lobby(
        self,
        lobby: Lobby,
        sessions: Iterable[Session],
        event: ReliableEvent,
        *,
        hides: bool = False,
    ) -> None:
        """Send a lobby's event to these members: to spectators for whom something waits, later.

        With ``hides`` it tells how a match goes or ended, so all spectators are told later.
        """
        at_once, later = [], []
        for session in sessions:
            member = lobby.members[session.player_id]
            waits = hides and self.delays and member.spectates
            if waits or lobby.late.waits_for(session.player_id):
                later.append(session.player_id)
            else:
                at_once.append(session)
        self.send_all(at_once, event)
        if later:
            self.tell_later(lobby, later, event)

    @property
    def delays(self) -> bool:
        """Whether spectators are told later; at the server's stop nobody could be told later."""
        return self.rules.spectator_delay_s > 0 and not self.stopping

    def tell_later(
        self, lobby: Lobby, listeners: Iterable[PlayerId], event: ReliableEvent
    ) -> float:
        """Let an event wait for these listeners; return when it is due."""
        if isinstance(event, LobbyChanged):
            lobby.late.changed(lobby.shown)
        due = self.now + self.rules.spectator_delay_s + SEEN_S
        lobby.late.add(event, listeners, due)
        self.schedule(lobby)
        return due

    def publish(self, lobby: Lobby, event: ReliableEvent) -> None:
        """Tell strangers of an event of a lobby if it is shown to them, in their order."""
        if lobby.late.waits_for(PUBLIC):
            self.tell_later(lobby, (PUBLIC,), event)
        elif is_shown(lobby):
            self.perform(Publish(lobby.lobby_id, event))

    def end_later(self, lobby: Lobby, ended: EndedMatch) -> None:
        """Keep a match that is over for those who have not seen its end."""
        lobby.late.ended[ended.match_id] = ended
        self.ended[ended.match_id] = lobby

    def tell_late(self, lobby: Lobby) -> None:
        """Tell the spectators of a lobby what is due."""
        ended = list(lobby.late.ended)
        while (late := lobby.late.take_due(self.now)) is not None:
            members = [who for who in late.listeners if who in lobby.members]
            self.send_all([self.sessions[who] for who in members], late.event)
            if PUBLIC in late.listeners and is_shown(lobby):
                self.perform(Publish(lobby.lobby_id, late.event))
        for match_id in ended:
            if match_id not in lobby.late.ended:
                self.ended.pop(match_id, None)
                self.list_changed = True  # so that what strangers are shown is looked at again

    def catch_up(self, lobby: Lobby, player_id: PlayerId) -> None:
        """Tell a spectator at once all that waits: the present is told from now on."""
        self.stop_watching(lobby, player_id)
        for event in lobby.late.take_all(player_id):
            self.send(self.sessions[player_id], event)

    def stop_watching(self, lobby: Lobby, player_id: PlayerId) -> None:
        """Show a spectator no more of matches that are over."""
        for match_id in lobby.late.ended:
            self.perform(ExitMatch(match_id, player_id))

    def tell_all(self, sessions: Iterable[Session], notice: Notice) -> None:
        """Send a notice to the connected ones of these sessions, as `send_all` does."""
        listeners = [session for session in sessions if session.connected]
        if len(listeners) > self.rules.wide:
            self.spread.hold(listeners, notice)
        elif listeners:
            for session in listeners:
                self.hand_out(session)
            self.perform(Tell(tuple(session.player_id for session in listeners), notice))

    def hand_out(self, session: Session) -> None:
        """Send a session its unsent messages now."""
        if not session.unsent:
            return
        # Taken before sending: `_send` may end the connection, and nothing is sent twice.
        for telling in session.unsent.take():
            if isinstance(telling, ReliableEvent):
                self._send(session, telling)
            elif session.connected:
                self.perform(Tell((session.player_id,), telling))

    def _send(self, session: Session, event: ReliableEvent) -> None:
        if session.connected:
            envelope = session.stream.number(event)
            if envelope is not None:
                self.perform(Deliver(session.player_id, envelope))
                return
            if not session.stream.catching_up:
                self._give_up_connection(session)
        if not session.stream.wait(event) and session not in self.over_backlog_limit:
            if session.connected:
                self._give_up_connection(session)
            self.over_backlog_limit.append(session)

    def _give_up_connection(self, session: Session) -> None:
        session.connected = False
        self.over_event_limit.append(session)
        sentence = "Too many events were not acknowledged; connect again."
        self.perform(Disconnect(session.player_id, session.epoch, Code.RATE_LIMITED, sentence))

    # --- lobbies ----------------------------------------------------------------------------------

    def touch(self, lobby: Lobby) -> None:
        """Mark a lobby as changed: its members and the list's watchers will be told."""
        self._changed[lobby.lobby_id] = lobby
        self.list_changed = True

    def forget(self, lobby: Lobby) -> None:
        """Remove a lobby that has no members left."""
        del self.lobbies[lobby.lobby_id]
        self.channels.forget(lobby.lobby_id)
        self._changed.pop(lobby.lobby_id, None)
        for match_id in lobby.late.ended:
            self.ended.pop(match_id, None)
        self.agenda.set((Due.LOBBY, lobby.lobby_id), None)
        self.list_changed = True

    def schedule(self, lobby: Lobby) -> None:
        """Set the time at which a lobby must be examined next."""
        due = lobby.next_time(self.now, self.rules)
        if self._waits(lobby):
            shown = self._shown_again(lobby)
            due = shown if due is None else min(due, shown)
        self.agenda.set((Due.LOBBY, lobby.lobby_id), due)

    def _waits(self, lobby: Lobby) -> bool:
        """Return whether the state is sent later: of a crowd, or of a lobby that changes too often.

        A change of phase waits for the one before it alone: a host may start and stop all the time.
        """
        rules = self.rules
        return (
            lobby.lobby_id in self._changed
            and (len(lobby.members) > rules.crowd or self._shows.wait(lobby.lobby_id, self.now) > 0)
            and self.now < self._shown_again(lobby)
        )

    def _shown_again(self, lobby: Lobby) -> float:
        """Return from when a crowd may be sent its next state: later if the state is large."""
        rules = self.rules
        times = max(1.0, len(lobby.members) / rules.crowd_full)
        new = lobby.phase is not lobby.shown_phase
        return (lobby.new_phase_at if new else lobby.shown_at) + rules.crowd_show_s * times

    def show(self, lobby: Lobby) -> None:
        """Send the members of a changed lobby its state now; see `_waits` for exceptions."""
        if lobby.lobby_id not in self._changed:
            return
        if self._waits(lobby):
            self.schedule(lobby)
            return
        # No longer marked as changed before it is scheduled: `schedule` asks `_waits`.
        del self._changed[lobby.lobby_id]
        self.schedule(lobby)
        self._shows.take(lobby.lobby_id, self.now)
        lobby.revision += 1
        lobby.note_shown(self.now)
        for_others = LobbyChanged(lobby.state(self.now, for_host=False))
        members = [self.sessions[player_id] for player_id in lobby.members]
        if lobby.bans:
            members = [session for session in members if session.player_id != lobby.host]
            for_host = LobbyChanged(lobby.state(self.now, for_host=True))
            self.tell_lobby(lobby, [self.sessions[lobby.host]], for_host)
        self.tell_lobby(lobby, members, for_others)
        lobby.shown = for_others.lobby

    def show_changed(self) -> None:
        """Send the members of all changed lobbies the new state."""
        for lobby in list(self._changed.values()):
            self.show(lobby)

    def view(self, lobby: Lobby, player_id: PlayerId) -> LobbyState:
        """Return the lobby's state as a member sees it, after telling all members of changes."""
        self.show(lobby)
        state = lobby.late.state_told(player_id) or lobby.state(self.now, for_host=False)
        if player_id == lobby.host:
            state = attrs.evolve(state, banned=tuple(ban.name for ban in lobby.bans.values()))
        return state

    def place_of(self, session: Session) -> tuple[Lobby, Occupant] | None:
        """Return the lobby that a session is in, and its entry there; None outside of lobbies."""
        if session.lobby_id is None:
            return None
        lobby = self.lobbies[session.lobby_id]
        return lobby, lobby.members[session.player_id]
