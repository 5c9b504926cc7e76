"""What all parts of the hall share: the people, the lobbies, the time, and what is to be done.

Law: the time is the one handed to the call in progress. What the parts decide leaves as effects
in the order of deciding; a lobby that changed is shown to its members once, when the call ends
or when somebody needs to see it before.
"""

import base64
from collections.abc import Callable, Container, Iterable, Mapping
from enum import Enum

import attrs

from gameserver.errors import Code
from gameserver.game.game import Game
from gameserver.game.maps.tilemap import TileMap
from gameserver.ids import LobbyId, PlayerId
from gameserver.messages.base import Notice, ReliableEvent
from gameserver.messages.lobby import LobbyChanged, LobbyState
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.rooms.limits.budgets import BudgetTable
from gameserver.rooms.limits.holdings import Holdings
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.agenda import Agenda
from gameserver.rooms.state.effects import Deliver, Disconnect, Effect, Note, Tell
from gameserver.rooms.state.hosting import Hosting
from gameserver.rooms.state.lobby import Lobby, Occupant
from gameserver.rooms.state.session import Session
from gameserver.rooms.state.spread import Spread

ID_BYTES = 8


class Due(Enum):
    """What a time in the agenda is about."""

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
    now: float = 0.0
    """Monotonic seconds."""
    wall_ms: int = 0
    """Unix time."""
    stopping: bool = False
    matches_refused_for_s: float = 0.0
    """Above 0 nobody may start a match; they may ask again after this long."""
    sessions: dict[PlayerId, Session] = attrs.field(factory=dict)
    by_look: dict[str, Session] = attrs.field(factory=dict)
    """Sessions by the skeleton of their names: no two have the same."""
    lobbies: dict[LobbyId, Lobby] = attrs.field(factory=dict)
    agenda: Agenda[tuple[Due, str]] = attrs.field(factory=Agenda)
    over_event_limit: list[Session] = attrs.field(factory=list)
    """Sessions whose connection is to be given up: they acknowledge nothing."""
    over_backlog_limit: list[Session] = attrs.field(factory=list)
    """Sessions that are to end: more waits for them than is kept."""
    spread: Spread = attrs.field(factory=Spread)
    """What more are told than can be told at once."""
    list_changed: bool = False
    """Whether the list of lobbies looks different since the watchers were told."""
    _shows: BucketTable = attrs.field(init=False)
    """States of each lobby told to its members."""
    holdings: Holdings = attrs.field(init=False)
    answers: BudgetTable = attrs.field(init=False)
    """Bytes that each address may still be answered."""
    channels: BudgetTable = attrs.field(init=False)
    """What each channel may still carry, in deliveries, for all senders together."""
    hosting: Hosting = attrs.field(init=False)
    """Whose matches take how much."""
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

    def set_time(self, now: float, wall_ms: int | None = None) -> None:
        """Note the time of the call that begins; without wall time it goes on from the last."""
        if now > self.now:
            self.wall_ms += round((now - self.now) * 1000)
            self.now = now
        if wall_ms is not None:
            self.wall_ms = wall_ms

    def fresh_id(self, prefix: str, taken: Container[str]) -> str:
        """Return a random identity that is not taken."""
        while True:
            random = base64.b32encode(self.entropy(ID_BYTES)).decode("ascii")
            if (identity := prefix + random.rstrip("=").lower()) not in taken:
                return identity

    # --- what is to be done ---------------------------------------------------------------------

    def perform(self, effect: Effect) -> None:
        """Have an effect carried out after those before it."""
        self._effects.append(effect)

    def note(self, event: str, **fields: object) -> None:
        """Write a line to the operator's log; what it means stands in ``docs/operating.md``."""
        self.perform(Note(event, fields))

    def take_effects(self) -> list[Effect]:
        """Return the effects since the last call, in order."""
        taken, self._effects = self._effects, []
        return taken

    def fan_out(self, channel: str, listeners: int) -> None:
        """Charge a channel for one message to this many, at least for `RoomRules.channel_least`."""
        self.channels.spend(channel, max(listeners, self.rules.channel_least), self.now)

    def send(self, session: Session, event: ReliableEvent) -> None:
        """Tell a session something reliably, now or when it is back.

        When full: the connection is given up if it acknowledges nothing; a session for which too
        much waits ends.
        """
        self.hand_out(session)
        self._send(session, event)

    def send_all(self, sessions: Iterable[Session], event: ReliableEvent) -> None:
        """Tell all of them reliably: at once if they are few, else a few at a time."""
        listeners = list(sessions)
        self.holdings.share_out(event, len(listeners))
        if len(listeners) > self.rules.wide:
            self.spread.hold(listeners, event)
        else:
            for session in listeners:
                self.send(session, event)

    def tell_all(self, sessions: Iterable[Session], notice: Notice) -> None:
        """Send a notice to those of them who are connected, likewise."""
        listeners = [session for session in sessions if session.connected]
        if len(listeners) > self.rules.wide:
            self.spread.hold(listeners, notice)
        elif listeners:
            for session in listeners:
                self.hand_out(session)
            self.perform(Tell(tuple(session.player_id for session in listeners), notice))

    def hand_out(self, session: Session) -> None:
        """Send what is held for a session now, if anything is."""
        if not session.held:
            return
        held, session.held = session.held, []
        for telling in held:
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
        """Note that a lobby changed."""
        self._changed[lobby.lobby_id] = lobby
        self.list_changed = True

    def forget(self, lobby: Lobby) -> None:
        """Remove a lobby that has emptied."""
        del self.lobbies[lobby.lobby_id]
        self.channels.forget(lobby.lobby_id)
        self._changed.pop(lobby.lobby_id, None)
        self.agenda.set((Due.LOBBY, lobby.lobby_id), None)
        self.list_changed = True

    def schedule(self, lobby: Lobby) -> None:
        """Look at a lobby when its next time comes."""
        due = lobby.next_time(self.now, self.rules)
        if self._waits(lobby):
            shown = lobby.shown_at + self.rules.crowd_show_s
            due = shown if due is None else min(due, shown)
        self.agenda.set((Due.LOBBY, lobby.lobby_id), due)

    def _waits(self, lobby: Lobby) -> bool:
        """Tell whether a crowd, or a lobby that changes without end, is told a little later."""
        rules = self.rules
        return (
            lobby.lobby_id in self._changed
            and (len(lobby.members) > rules.crowd or self._shows.wait(lobby.lobby_id, self.now) > 0)
            and lobby.phase is lobby.shown_phase
            and self.now < lobby.shown_at + rules.crowd_show_s
        )

    def show(self, lobby: Lobby) -> None:
        """Tell the members of a changed lobby what it looks like now; those of a crowd soon."""
        if lobby.lobby_id not in self._changed:
            return
        if self._waits(lobby):
            self.schedule(lobby)
            return
        del self._changed[lobby.lobby_id]
        self.schedule(lobby)
        self._shows.take(lobby.lobby_id, self.now)
        lobby.revision += 1
        lobby.shown_at, lobby.shown_phase = self.now, lobby.phase
        for_others = LobbyChanged(lobby.state(self.now, for_host=False))
        members = [self.sessions[player_id] for player_id in lobby.members]
        if lobby.bans:
            members = [session for session in members if session.player_id != lobby.host]
            for_host = LobbyChanged(lobby.state(self.now, for_host=True))
            self.send(self.sessions[lobby.host], for_host)
        self.send_all(members, for_others)

    def show_changed(self) -> None:
        """Tell the members of all lobbies that changed."""
        for lobby in list(self._changed.values()):
            self.show(lobby)

    def view(self, lobby: Lobby, player_id: PlayerId) -> LobbyState:
        """Show what changed, and return the lobby as this member sees it."""
        self.show(lobby)
        return lobby.state(self.now, for_host=player_id == lobby.host)

    def place_of(self, session: Session) -> tuple[Lobby, Occupant] | None:
        """Return the lobby a session is in, and its place there."""
        if session.lobby_id is None:
            return None
        lobby = self.lobbies[session.lobby_id]
        return lobby, lobby.members[session.player_id]
