"""Many people doing anything in any order: whatever happens, the hall's invariants hold.

The model clients assert that events come exactly once and in order, over lost connections too;
`Party.settle` asserts every invariant of the hall after every call.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber, LobbyId, MatchId, PlayerId, RequestId, Seat, Tick
from gameserver.messages import chat, forms, lobby, session
from gameserver.messages.base import Request
from gameserver.messages.lobby import LobbyConfig, LobbyFilter, Visibility
from gameserver.messages.match import MatchHappened
from gameserver.messages.wire import Ack, RequestEnvelope
from gameserver.rooms import calls
from gameserver.rooms.oversight_calls import Administer
from gameserver.rooms.state import effects, orders
from gameserver.rooms.state.sanctions import SanctionedBy, SanctionKind
from tests.rooms.party import Guest, Party

NAMES = ["Ann", "ann", "\u0391nn", "Bob", "Carl", "B\u202eob", "", "!!"]
TEXTS = ["gg", "hello", "", "x" * 400, "\u200b"]

configs = st.builds(
    LobbyConfig,
    title=st.sampled_from(["Den", "", "\u202e"]),
    map=st.sampled_from(["attic", "barn", "court", "nowhere"]),
    size=st.integers(1, 9),
    visibility=st.sampled_from(list(Visibility)),
    bots=st.integers(0, 8),
    bot_level=st.sampled_from(["", "hard", "odd"]),
    join_in_progress=st.booleans(),
    spectators=st.booleans(),
    options=st.sampled_from([{}, {"mode": "team"}, {"mode": "odd"}]),
)
passwords = st.sampled_from(["", "sesame", "wrong"])
seats = st.integers(-2, 9).map(Seat)
channels = st.sampled_from(list(chat.Channel))
flags = st.booleans()


def requests(people: list[PlayerId], lobbies: list[lobby.LobbyState]) -> st.SearchStrategy[Request]:
    """Any request, mostly about people and lobbies that there are."""
    person = st.sampled_from([*people, PlayerId("nobody")])
    place = st.sampled_from([LobbyId(""), *(state.lobby_id for state in lobbies)])
    code = st.sampled_from(["", "ZZZZZZ", *(state.invite_code for state in lobbies)])
    text = st.sampled_from(TEXTS)
    return st.one_of(
        st.builds(lobby.CreateLobby, configs, passwords),
        st.builds(lobby.JoinLobby, place, code, passwords, flags),
        st.builds(lobby.QuickPlay, st.sampled_from(["", "team", "odd"])),
        st.just(lobby.LeaveLobby()),
        st.just(lobby.LeaveMatch()),
        st.builds(lobby.SetReady, flags),
        st.just(lobby.SetReady(True)),
        st.just(lobby.Rematch()),
        st.builds(lobby.TakeSeat, seats),
        st.builds(lobby.ChooseTeam, st.integers(0, 3)),
        st.builds(lobby.ConfigureLobby, configs, passwords),
        st.builds(lobby.KickPlayer, person),
        st.builds(lobby.BanPlayer, person),
        st.builds(lobby.UnbanPlayer, st.sampled_from(NAMES)),
        st.builds(lobby.LockLobby, flags),
        st.builds(lobby.TransferHost, person),
        st.builds(lobby.MutePlayer, person, flags),
        st.just(lobby.StartMatch()),
        st.just(lobby.CancelStart()),
        st.builds(lobby.WatchLobbies, flags, st.builds(LobbyFilter, joinable=flags)),
        st.just(lobby.ListLobbies()),
        st.just(forms.GetLobbyForm()),
        st.builds(chat.SendChat, channels, text, person),
        st.builds(chat.Typing, channels, person),
        st.builds(chat.GetChatHistory, channels),
        st.builds(chat.MuteChat, person, flags),
        st.builds(session.Rename, st.sampled_from(NAMES)),
        st.just(session.SignOut()),
        st.builds(session.ReportPlayer, person, text),
    )


def operator_orders(player_id: PlayerId, rooms: list[LobbyId]) -> st.SearchStrategy[orders.Order]:
    """Any order of the operator; what is banned is free again soon, so that the play goes on."""
    values = st.sampled_from([player_id, "192.0.2.1", "198.51.100.0/24", "Ann", ""])
    kinds, knowing = st.sampled_from(list(SanctionKind)), st.sampled_from(list(SanctionedBy))
    return st.one_of(
        st.just(orders.KickOut(player_id)),
        st.builds(orders.Impose, kinds, knowing, values, st.sampled_from([1.0, 20.0])),
        st.builds(orders.Lift, st.integers(1, 9)),
        st.builds(orders.GiveName, st.just(player_id), st.sampled_from(NAMES)),
        st.builds(orders.CloseLobby, st.sampled_from(rooms)),
        st.builds(orders.TellAll, st.sampled_from(TEXTS)),
        st.builds(orders.SettleReport, st.integers(1, 9)),
    )


class HallMachine(RuleBasedStateMachine):
    """Drives one hall with tight limits, so that every "full" is met."""

    def __init__(self) -> None:
        super().__init__()
        self.party = Party(
            sessions=8,
            lobbies=3,
            bans=2,
            spectators=2,
            mutes=2,
            events=40,
            events_waiting=12,
            replies=10,
            requests_burst=100,
            patience_burst=10,
            creates_burst=30,
            resumes_burst=1000,
            sanctions=4,
            audit_entries=5,
            reports=3,
            wide=2,
        )
        self.party.on_start = self._start_later
        self.guests: list[Guest] = []
        self.waiting: list[effects.BeginMatch] = []
        self.running: list[MatchId] = []

    def _start_later(self, order: effects.BeginMatch) -> None:
        self.waiting.append(order)

    def _pick(self, index: int) -> Guest:
        return self.guests[index % len(self.guests)]

    @contextmanager
    def _allowing(self, *codes: Code) -> Iterator[None]:
        """Let only these refusals pass."""
        refused = None
        try:
            yield
        except RequestError as error:
            refused = error
        assert refused is None or refused.code in codes

    def _forget_ended(self) -> None:
        self.guests = [g for g in self.guests if g.player_id in self.party.hall._state.sessions]

    # --- people ---------------------------------------------------------------------------------

    @initialize(
        people=st.integers(2, 5),
        bots=st.integers(0, 3),
        mode=st.sampled_from(["solo", "team"]),
        auto=flags,
    )
    def begin(self, people: int, bots: int, mode: str, auto: bool) -> None:
        self.guests = [self.party.guest(f"P{n}") for n in range(people)]
        host, *others = self.guests
        if auto:
            host.quick_play(mode)
        else:
            host.create(size=6, bots=bots, options={"mode": mode})
        for other in others:
            other.join(host)

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 7), other=st.integers(0, 7))
    def follow(self, index: int, other: int) -> None:
        guest, friend = self._pick(index), self._pick(other)
        if guest.online and friend.of(lobby.LobbyChanged):
            with suppress(RequestError):
                guest.join(friend)

    @precondition(lambda self: self.guests)
    @rule()
    def all_get_ready(self) -> None:
        for guest in self.guests:
            if guest.online:
                with suppress(RequestError):
                    guest.ready()

    @rule(name=st.sampled_from(NAMES))
    def arrive(self, name: str) -> None:
        with self._allowing(Code.NAME_REFUSED, Code.SERVER_FULL, Code.SESSION_BANNED):
            self.guests.append(self.party.guest(name))

    @precondition(lambda self: self.guests)
    @rule(data=st.data(), index=st.integers(0, 7), repeat=flags)
    def ask(self, data: Any, index: int, repeat: bool) -> None:
        self._ask_something(data, index, repeat)

    @precondition(lambda self: self.guests)
    @rule(data=st.data(), index=st.integers(0, 7))
    def ask_twice(self, data: Any, index: int) -> None:
        self._ask_something(data, index, repeat=False)
        if self.guests:
            self._ask_something(data, index + 1, repeat=True)

    def _ask_something(self, data: Any, index: int, repeat: bool) -> None:
        guest = self._pick(index)
        if not guest.online:
            return
        people = [g.player_id for g in self.guests]
        lobbies = [g.room for g in self.guests if g.of(lobby.LobbyChanged)]
        request = data.draw(requests(people, lobbies))
        try:
            guest.ask(request)
        except RequestError as error:
            repeat = repeat and error.code != Code.RATE_LIMITED  # those are not kept
        self._forget_ended()
        if repeat and guest in self.guests:
            self._ask_again(guest, request)

    def _ask_again(self, guest: Guest, request: Request) -> None:
        """A repeated id changes nothing and gets the same answer."""
        party = self.party
        envelope = RequestEnvelope(RequestId(guest.last_request), request)
        first = party.take(calls.Ask(guest.player_id, envelope))
        second = party.take(calls.Ask(guest.player_id, envelope))
        assert first == second
        assert party.hall.take_effects() == []

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 7), event=st.integers(0, 50), reply=st.integers(0, 50))
    def ack(self, index: int, event: int, reply: int) -> None:
        guest = self._pick(index)
        if guest.online and not guest.deaf and guest.applied:
            ack = Ack(
                EventNumber(max(0, guest.applied - event)),
                RequestId(max(0, guest.last_request - reply)),
            )
            self.party.take(calls.Acked(guest.player_id, ack, guest.epoch))
            self.party.settle()

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 7))
    def grow_deaf(self, index: int) -> None:
        self._pick(index).deaf = True

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 7))
    def lose_connection(self, index: int) -> None:
        self._pick(index).lose_connection()

    @precondition(lambda self: any(not guest.online for guest in self.guests))
    @rule()
    def all_come_back(self) -> None:
        for guest in list(self.guests):
            if not guest.online:
                with suppress(RequestError):
                    guest.resume()
        self._forget_ended()

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 7))
    def resume(self, index: int) -> None:
        guest = self._pick(index)
        with self._allowing(Code.TOKEN_UNKNOWN, Code.SESSION_BANNED):
            guest.resume()
        self._forget_ended()

    @precondition(lambda self: self.guests)
    @rule(data=st.data(), index=st.integers(0, 7))
    def operator_acts(self, data: Any, index: int) -> None:
        """Whatever the operator orders of whomever."""
        guest = self._pick(index)
        rooms = [each.lobby_id for each in self.party.hall.parts.state.lobbies.values()]
        ordered = data.draw(operator_orders(guest.player_id, [*rooms, LobbyId("none")]))
        with suppress(RequestError):
            self.party.take(Administer("root", ordered, "why"))
        self.party.settle()
        self._forget_ended()

    @rule()
    def another_hall_goes_on(self) -> None:
        """What is restored from a dump goes on as if nothing had been."""
        self.party.carry_over()

    # --- matches and time -------------------------------------------------------------------------

    @precondition(lambda self: self.waiting)
    @rule()
    def match_starts(self) -> None:
        order = self.waiting.pop(0)
        self.running.append(order.match_id)
        self.party.start_match(order)
        self.party.settle()

    @precondition(lambda self: self.waiting)
    @rule()
    def match_cannot_start(self) -> None:
        order = self.waiting.pop(0)
        self.party.end_match(order.match_id, "fault", message="no room")

    @precondition(lambda self: self.running)
    @rule(index=st.integers(0, 7))
    def something_happens(self, index: int) -> None:
        match_id = self.running[index % len(self.running)]
        event = MatchHappened(match_id, Tick(9), 0, ())
        self.party.hall.match_happened(event, effects.Hearers.ALL)
        self.party.settle()

    @precondition(lambda self: self.running)
    @rule(index=st.integers(0, 7))
    def match_ends(self, index: int) -> None:
        self.party.end_match(self.running.pop(index % len(self.running)))

    @rule(seconds=st.sampled_from([0.0, 0.4, 1.0, 3.0, 3.0, 3.0, 16.0, 31.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.party.advance(seconds)
        self._forget_ended()

    @precondition(lambda self: self.party.hall.spreads)
    @rule(listeners=st.integers(1, 4))
    def many_are_told(self, listeners: int) -> None:
        self.party.take(calls.HandOut(listeners))
        self.party.settle()
        self._forget_ended()

    def teardown(self) -> None:
        """When everybody is gone for long enough, nothing is left."""
        for guest in self.guests:
            guest.lose_connection()
        self.party.advance(1000.0)
        counts = self.party.hall.counts()
        assert (counts.sessions, counts.lobbies, counts.matches) == (0, 0, 0)
        assert self.party.hall.next_deadline() is None


HallMachine.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


TestHall = HallMachine.TestCase
