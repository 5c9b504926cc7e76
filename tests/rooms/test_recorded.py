"""What a hall decides is what it decided when the play was recorded: answers, effects and state.

Rows: the seed, how many effects and answers of which kind came, and the digest of all.

People drawn by a seed do anything in any order, at times that often are a deadline's own. Where
another decision is meant, ``python -m tests.rooms.test_recorded`` writes the new rows.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any, Final

from gameserver.errors import RequestError
from gameserver.ids import EventNumber, LobbyId, PlayerId, RequestId, Seat, Tick
from gameserver.messages import chat, forms, lobby, session
from gameserver.messages.base import Request
from gameserver.messages.lobby import LobbyConfig, LobbyFilter, Visibility
from gameserver.messages.match import MatchHappened
from gameserver.messages.namespaces import (
    EmitAnswered,
    EmitEvent,
    Emitted,
    JoinNamespace,
    LeaveNamespace,
    NamespaceJoined,
)
from gameserver.messages.wire import Ack, Refusal, RequestEnvelope
from gameserver.namespaces.audience import Recipients
from gameserver.rooms import author_calls, calls
from gameserver.rooms.dump import dump
from gameserver.rooms.hall import Hall
from gameserver.rooms.oversight_calls import Administer
from gameserver.rooms.requests.posted import Attended
from gameserver.rooms.sessions.book import Welcomed
from gameserver.rooms.state import effects, orders
from gameserver.rooms.state.sanctions import SanctionedBy, SanctionKind
from tests.recorded import Recorded, digest, plain
from tests.rooms.party import MAPS, Guest, Party, Tag
from tests.rooms.test_hall_machine import NAMES, TEXTS

CLUB: Final = "/club"
SEEDS: Final = range(1, 13)
STEPS: Final = 500
TIMES: Final = (0.0, 0.25, 0.5, 1.0, 1.0, 2.0, 3.0, 3.0, 10.0, 15.0, 30.0, 60.0)


class Play:
    """A hall with tight limits, and people who do what is drawn."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.party = Party(
            sessions=6, lobbies=3, bans=2, spectators=2, mutes=2, events=40, events_waiting=12,
            replies=10, requests_burst=90, patience_burst=900, creates_burst=40, attempts_burst=60,
            resumes_burst=400, sanctions=4, audit_entries=5, reports=3, wide=2,
            spectator_delay_s=2.0 if seed % 2 else 0.0,
        )  # fmt: skip
        self.guests: list[Guest] = []
        self.running: list[effects.BeginMatch] = []
        self.party.on_start = self._start
        self.said: list[Any] = []
        self.decided = 0
        """How many questions to an author were answered."""
        self.counts: Counter[str] = Counter()
        party = self.party
        party.hall = Hall(Tag(), MAPS, party.rules, namespaces=[CLUB])

        def take(call: Any) -> Any:
            moment = calls.Moment(party.now, party.wall_ms, party.entropy(32))
            return calls.take(party.hall, call, moment, self)

        party.take = take  # type: ignore[method-assign]

    def record(
        self, _moment: object, call: object, tokens: list[bytes], outcome: object, effects: int
    ) -> None:
        """Note a call and its outcome; see `CallRecorder`."""
        self.said.append([type(call).__name__, len(tokens), effects])
        if isinstance(outcome, RequestError):
            sentence, details = outcome.sentence, outcome.details
            outcome = Refusal(RequestId(0), outcome.code, sentence, details)
        self.note("answer", outcome)

    def note(self, kind: str, value: object) -> None:
        if isinstance(value, Welcomed):  # it holds the session itself
            value = [value.welcome, value.replay]
        elif isinstance(value, Attended):
            value = value.began
        self.said.append([kind, plain(value)])
        named = type(getattr(value, "result", value)).__name__
        self.counts[f"{kind} {getattr(value, 'code', named)}"] += 1

    def _start(self, order: effects.BeginMatch) -> None:
        self.running.append(order)
        self.party.start_match(order)

    # --- what is drawn ----------------------------------------------------------------------------

    def config(self) -> LobbyConfig:
        draw = self.random.choice
        return LobbyConfig(
            title=draw(("Den", "", "\u202e")),
            map=draw(("attic", "attic", "barn", "court", "nowhere")),
            size=draw((2, 3, 4, 6, 9)),
            visibility=draw(tuple(Visibility)),
            bots=draw((0, 0, 1, 2, 8)),
            bot_level=draw(("", "hard", "odd")),
            join_in_progress=draw((True, True, False)),
            spectators=draw((True, True, False)),
            options=draw(({}, {}, {"mode": "team"}, {"mode": "odd"})),
        )

    def request(self, guest: Guest) -> Request:
        draw = self.random.choice
        people = [each.player_id for each in self.guests]
        rooms = [each.room for each in self.guests if each.of(lobby.LobbyChanged)]
        person = draw([*people, PlayerId("nobody")])
        place = draw([LobbyId(""), *(room.lobby_id for room in rooms)])
        code = draw(["", "ZZZZZZ", *(room.invite_code for room in rooms)])
        password, flag = draw(("", "sesame", "wrong")), draw((True, False))
        channel, text = draw(tuple(chat.Channel)), f"{draw(TEXTS)}{draw(('', '', ' and more'))}"
        kinds: list[Callable[[], Request]] = [
            lambda: lobby.CreateLobby(self.config(), password),
            lambda: lobby.JoinLobby(place, code, password, flag),
            lambda: lobby.QuickPlay(draw(("", "team", "odd"))),
            lobby.LeaveLobby,
            lobby.LeaveMatch,
            lambda: lobby.SetReady(flag),
            lambda: lobby.SetReady(True),
            lambda: lobby.SetReady(True),
            lobby.Rematch,
            lambda: lobby.TakeSeat(Seat(draw((-2, -1, -1, -1, 0, 1, 2, 3, 5, 9)))),
            lambda: lobby.ChooseTeam(self.random.randrange(4)),
            lambda: lobby.ConfigureLobby(self.config(), password),
            lambda: lobby.KickPlayer(person),
            lambda: lobby.BanPlayer(person),
            lambda: lobby.UnbanPlayer(draw(NAMES)),
            lambda: lobby.LockLobby(flag),
            lambda: lobby.TransferHost(person),
            lambda: lobby.MutePlayer(person, flag),
            lobby.StartMatch,
            lobby.CancelStart,
            lambda: lobby.WatchLobbies(flag, LobbyFilter(joinable=draw((True, False)))),
            lobby.ListLobbies,
            forms.GetLobbyForm,
            lambda: chat.SendChat(channel, text, person),
            lambda: chat.SendChat(channel, text, person),
            lambda: chat.Typing(channel, person),
            lambda: chat.GetChatHistory(channel),
            lambda: chat.MuteChat(person, flag),
            lambda: session.Rename(draw(NAMES)),
            session.SignOut,
            lambda: session.ReportPlayer(person, text),
        ]
        alone = self.party.hall.parts.state.sessions[guest.player_id].lobby_id is None
        return draw(kinds[:3] if alone and self.random.random() < 0.7 else kinds)()

    def order(self, guest: Guest) -> orders.Order:
        draw = self.random.choice
        rooms = list(self.party.hall.parts.state.lobbies)
        values = (guest.player_id, "192.0.2.1", "198.51.100.0/24", "Ann", "")
        kinds: list[Callable[[], orders.Order]] = [
            lambda: orders.KickOut(guest.player_id),
            lambda: orders.Impose(
                draw(tuple(SanctionKind)),
                draw(tuple(SanctionedBy)),
                draw(values),
                draw((1.0, 20.0)),
            ),
            lambda: orders.Lift(self.random.randrange(1, 9)),
            lambda: orders.GiveName(guest.player_id, draw(NAMES)),
            lambda: orders.CloseLobby(draw([*rooms, LobbyId("none")])),
            lambda: orders.TellAll(draw(TEXTS)),
            lambda: orders.SettleReport(self.random.randrange(1, 9)),
        ]
        return draw(kinds)()

    def call(self, guest: Guest) -> Any:
        """Return what the service tells of a player, of a match, or of an author."""
        draw, player_id = self.random.choice, guest.player_id
        envelope = RequestEnvelope(RequestId(self.random.randrange(9)), self.request(guest))
        told, known = Emitted(CLUB, "said", (1,)), self.party.hall.parts.state.sessions
        some = Recipients(draw(((), ("den",))), draw(((), (player_id,))), draw(((), (player_id,))))
        kinds: list[Callable[[], object]] = [
            *[lambda: calls.Post(player_id, envelope)] * (2 * known[player_id].connected),
            lambda: calls.ReadEvents(player_id, EventNumber(guest.applied), 5, None),
            lambda: calls.FellSilent({player_id: draw((True, False))}),
            lambda: calls.Received(player_id, 900),
            lambda: calls.Answered(player_id, draw((10, 9000))),
            lambda: calls.Replayed(player_id, draw((10, 90_000))),
            lambda: calls.RefuseMatches(draw((0.0, 0.0, 2.0))),
            calls.ShowLobbies,
            *[lambda: calls.Attend(guest.token, "192.0.2.9")] * known[player_id].connected,
            lambda: self.of_author(guest, JoinNamespace(CLUB)),
            lambda: self.of_author(guest, JoinNamespace(CLUB)),
            lambda: self.of_author(guest, EmitEvent(CLUB, "said", (1,), ack=draw((True, False)))),
            lambda: self.of_author(guest, LeaveNamespace(CLUB)),
            lambda: author_calls.EmitTo(some, told, latest=draw((True, False))),
            lambda: author_calls.Place(CLUB, player_id, "den", inside=draw((True, False))),
            lambda: author_calls.Expel(CLUB, player_id, "club.out", "Go."),
        ]
        return draw(kinds)()

    @staticmethod
    def of_author(guest: Guest, request: Request) -> calls.Ask:
        guest.last_request += 1
        envelope = RequestEnvelope(RequestId(guest.last_request), request)
        return calls.Ask(guest.player_id, envelope)

    def decide(self) -> None:
        """Answer what an author was asked, as the service does."""
        asked = self.party.of(effects.Handle)[self.decided :]
        self.decided += len(asked)
        for each in asked:
            outcome: Any = EmitAnswered(("yes",))
            if isinstance(each.request, JoinNamespace):
                outcome = NamespaceJoined()
            handled = author_calls.Handled(each.player_id, each.request_id, each.request, outcome)
            self.party.take(handled)

    # --- steps ------------------------------------------------------------------------------------

    def step(self) -> None:  # noqa: C901  one case for each deed
        """Do one thing; refusals are noted and change nothing here."""
        party, random = self.party, self.random
        guest = random.choice(self.guests) if self.guests else None
        with suppress(RequestError):
            match random.randrange(48):
                case 0 | 1:
                    self.guests.append(party.guest(random.choice(NAMES)))
                case 2 if guest is not None:
                    guest.lose_connection()
                case 3 | 4 if guest is not None:
                    guest.resume()
                case 5 | 19 | 20 | 21 if guest is not None and guest.online and guest.applied:
                    ack = Ack(EventNumber(guest.applied), RequestId(guest.last_request))
                    party.take(calls.Acked(guest.player_id, ack, guest.epoch))
                case 6 if guest is not None:
                    party.take(Administer("root", self.order(guest), "why"))
                case 7 if self.running:
                    party.end_match(self.running.pop(0).match_id)
                case 8 if self.running:
                    event = MatchHappened(self.running[0].match_id, Tick(9), 0, ())
                    party.hall.match_happened(event, effects.Hearers.ALL)
                case 9 if party.hall.spreads:
                    party.take(calls.HandOut(random.randrange(1, 5)))
                case 10 | 11 | 12 | 13 | 14:
                    party.advance(random.choice(TIMES))
                case 15:
                    for each in self.guests:
                        if each.online:
                            with suppress(RequestError):
                                each.ready()
                case 16 | 17 | 18 if guest is not None and guest.online:
                    for friend in [each for each in self.guests if each.of(lobby.LobbyChanged)][:1]:
                        guest.join(friend, spectate=random.random() < 0.3)
                case 40 | 41 | 42 | 43 | 44 | 45 if guest is not None:
                    party.take(self.call(guest))
                case _ if guest is not None and guest.online:
                    guest.ask(self.request(guest))
        party.settle()
        self.decide()
        party.settle()
        known = party.hall.parts.state.sessions
        self.guests = [each for each in self.guests if each.player_id in known]

    def told(self) -> tuple[dict[str, int], str]:
        """Return how much of what came, and the hash of all of it and of the hall's state."""
        for effect in self.party.effects:
            self.counts[type(effect).__name__] += 1
        whole = [self.said, plain(self.party.effects), plain(dump(self.party.hall))]
        return dict(sorted(self.counts.items())), digest(whole)


def played(seed: int) -> Play:
    play = Play(seed)
    for _ in range(STEPS):
        play.step()
    return play


RECORDED = Recorded(__file__, SEEDS, lambda seed: played(seed).told())


@RECORDED.each
def test_a_hall_decides_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
