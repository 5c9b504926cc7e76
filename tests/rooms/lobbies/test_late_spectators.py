"""Spectators who see a match later are told of its end later, in order, once."""

import attrs
import pytest

from gameserver.ids import NO_SEAT, LobbyId, MatchId, Seat, Tick
from gameserver.messages.base import ReliableEvent
from gameserver.messages.chat import Channel, ChatHistory, ChatSaid, GetChatHistory
from gameserver.messages.lobby import (
    ConfigureLobby,
    JoinLobby,
    LeaveLobby,
    LeaveMatch,
    LobbyChanged,
    Phase,
    TakeSeat,
    Visibility,
)
from gameserver.messages.match import MatchEnded, MatchHappened, MatchStarted
from gameserver.rooms import calls
from gameserver.rooms.server_calls import Stop
from gameserver.rooms.state import effects
from gameserver.rooms.state.late import KEPT, SEEN_S, Late
from tests.rooms.party import Guest, Party, phase

DELAY_S = 8.0
TOLD_S = DELAY_S + SEEN_S


class Watched(Party):
    """A match of Ann and Bob that Eve watches."""

    def __init__(self, delay_s: float = DELAY_S, **rules: object) -> None:
        super().__init__(spectator_delay_s=delay_s, **rules)
        self.ann, self.bob = self.group("Ann", "Bob")
        self.eve = self.guest("Eve")
        self.eve.join(self.ann, spectate=True)
        for guest in (self.ann, self.bob):
            guest.ready()
        self.advance(self.rules.countdown_s)
        self.match_id = self.last_match()

    @property
    def lobby_id(self) -> LobbyId:
        return self.ann.room.lobby_id

    def public(self) -> list[ReliableEvent]:
        told = self.of(effects.Publish)
        return [each.event for each in told if each.topic == self.lobby_id and each.event]


def story(guest: Guest) -> list[str]:
    """Return the phases and the begins and ends of matches as somebody was told of them."""
    told: list[str] = []
    for event in guest.events:
        match event:
            case LobbyChanged():
                if not told or told[-1] != event.lobby.phase:
                    told.append(event.lobby.phase.value)
            case MatchStarted():
                told.append(f"begin {event.match_id}")
            case MatchEnded():
                told.append(f"end {event.result.match_id}")
    return told


def test_players_are_told_the_end_at_once_and_spectators_when_they_have_seen_it() -> None:
    party = Watched()
    party.end_match(party.match_id)
    assert phase(party.ann) is Phase.RESULTS
    assert party.ann.of(MatchEnded)
    party.advance(TOLD_S - 0.1)
    assert phase(party.eve) is Phase.IN_MATCH
    assert not party.eve.of(MatchEnded)
    party.advance(0.1)
    assert story(party.eve)[-2:] == [f"end {party.match_id}", "results"]
    assert party.eve.room.result == party.ann.room.result


def test_without_a_delay_all_are_told_at_once() -> None:
    party = Watched(0.0)
    party.end_match(party.match_id)
    assert phase(party.eve) is Phase.RESULTS
    assert party.public()[-1:] == party.eve.of(MatchEnded)


def test_a_rematch_is_told_behind_the_end_of_the_match_before_it() -> None:
    party = Watched()
    party.end_match(party.match_id)
    for guest in (party.ann, party.bob):
        guest.ready()
    party.advance(party.rules.countdown_s)
    again = party.last_match()
    assert again != party.match_id
    assert not {"results", f"begin {again}"} & set(story(party.eve)), "nothing is told of it yet"
    party.advance(TOLD_S)
    last = story(party.ann)[-5:]
    assert last[:3] == [f"end {party.match_id}", "results", "countdown"]
    assert story(party.eve)[-5:] == last
    party.end_match(again)
    party.advance(TOLD_S)
    assert story(party.eve)[-2:] == [f"end {again}", "results"]


def test_a_match_that_begins_while_nothing_waits_is_told_at_once() -> None:
    party = Watched()
    party.end_match(party.match_id)
    party.advance(party.rules.results_s + TOLD_S)
    assert phase(party.eve) is Phase.OPEN
    for guest in (party.ann, party.bob):
        guest.ready()
    party.advance(party.rules.countdown_s)
    assert party.eve.of(MatchStarted)[-1].match_id == party.last_match()
    assert phase(party.eve) is Phase.IN_MATCH


def test_what_players_say_in_a_match_comes_later_and_what_spectators_say_at_once() -> None:
    party = Watched()
    party.ann.say("one more and I win")
    party.eve.say("who leads?")
    assert party.bob.heard == ["one more and I win", "who leads?"]
    assert party.eve.heard == ["who leads?"]
    history = party.eve.ask(GetChatHistory(Channel.LOBBY))
    assert isinstance(history, ChatHistory)
    assert [line.text for line in history.lines if line.sender] == ["who leads?"]
    party.advance(TOLD_S)
    assert party.eve.heard == ["who leads?", "one more and I win"]


def test_what_players_say_behind_the_end_waits_behind_it() -> None:
    party = Watched()
    party.end_match(party.match_id)
    party.bob.say("well played, Ann")
    party.advance(TOLD_S)
    kinds = (MatchEnded, ChatSaid)
    told = [event for event in party.eve.events if isinstance(event, kinds)]
    assert isinstance(told[-2], MatchEnded)
    assert isinstance(told[-1], ChatSaid)


def test_events_of_a_match_come_to_spectators_also_behind_its_end() -> None:
    party = Watched()
    party.end_match(party.match_id)
    event = MatchHappened(party.match_id, Tick(890), 0, ())
    party.take(calls.Happened(event, effects.Hearers.SPECTATORS))
    party.settle()
    assert party.eve.events[-1] == event
    assert party.public()[-1] == event
    assert event not in party.ann.events
    assert list(party.hall.parts.state.ended) == [party.match_id]
    party.advance(TOLD_S)
    assert not party.hall.parts.state.ended
    party.take(calls.Happened(event, effects.Hearers.SPECTATORS))
    party.settle()
    assert party.eve.events.count(event) == 1


def test_who_takes_a_seat_is_told_of_the_present() -> None:
    party = Watched()
    party.end_match(party.match_id)
    party.eve.ask(TakeSeat(Seat(2)))
    assert phase(party.eve) is Phase.RESULTS
    assert len(party.eve.of(MatchEnded)) == 1
    assert effects.ExitMatch(party.match_id, party.eve.player_id) in party.effects
    party.advance(TOLD_S)
    assert len(party.eve.of(MatchEnded)) == 1


def test_who_leaves_is_told_nothing_more_and_who_comes_back_is_told_of_the_present() -> None:
    party = Watched()
    party.end_match(party.match_id)
    party.eve.ask(LeaveLobby())
    party.advance(1.0)
    state = party.eve.join(party.ann, spectate=True)
    assert state.phase is Phase.RESULTS
    party.advance(TOLD_S)
    assert not party.eve.of(MatchEnded)


def test_a_reloaded_page_is_told_what_it_knew() -> None:
    party = Watched()
    party.end_match(party.match_id)
    party.eve.lose_connection()
    party.eve.forget_everything()
    party.eve.resume()
    assert phase(party.eve) is Phase.IN_MATCH
    assert not party.eve.of(MatchEnded)
    party.advance(TOLD_S)
    assert story(party.eve)[-2:] == [f"end {party.match_id}", "results"]


def test_who_left_the_match_and_waits_is_told_as_a_player() -> None:
    party = Watched()
    party.bob.ask(LeaveMatch())
    party.end_match(party.match_id)
    assert phase(party.bob) is Phase.RESULTS


def test_the_public_learns_nothing_more_of_a_lobby_that_was_hidden_meanwhile() -> None:
    party = Watched()
    party.end_match(party.match_id)
    hidden = attrs.evolve(party.ann.room.config, visibility=Visibility.UNLISTED)
    party.ann.ask(ConfigureLobby(hidden, ""))
    told = len(party.public())
    event = MatchHappened(party.match_id, Tick(890), 0, ())
    party.take(calls.Happened(event, effects.Hearers.SPECTATORS))
    party.settle()
    assert party.eve.events[-1] == event
    assert len(party.public()) == told


def test_the_public_is_told_with_the_spectators() -> None:
    party = Watched()
    told = len(party.public())
    party.end_match(party.match_id)
    strangers = party.hall.strangers
    shown = strangers.lobby(party.lobby_id)
    assert shown is not None
    assert (shown.match_id, shown.result, shown.lobby.phase) == (
        party.match_id,
        None,
        Phase.IN_MATCH,
    )
    assert shown.players
    assert strangers.open_lobby(party.match_id) == shown
    assert len(party.public()) == told
    party.advance(TOLD_S)
    assert isinstance(party.public()[-1], MatchEnded)
    shown = strangers.lobby(party.lobby_id)
    assert shown is not None
    assert shown.result is not None
    assert shown.match_id == MatchId("")


def test_what_waits_goes_on_in_another_process() -> None:
    party = Watched()
    party.ann.say("gg")
    party.end_match(party.match_id)
    party.carry_over()
    party.advance(TOLD_S)
    assert story(party.eve)[-2:] == [f"end {party.match_id}", "results"]
    assert party.eve.heard == ["gg"]


def test_a_server_that_stops_lets_nobody_wait() -> None:
    party = Watched()
    party.end_match(party.match_id)
    party.take(Stop(frozenset()))
    party.settle()
    assert story(party.eve)[-2:] == [f"end {party.match_id}", "results"]
    party.advance(TOLD_S)
    assert len(party.eve.of(MatchEnded)) == 1


def test_a_lobby_that_closes_forgets_what_waited() -> None:
    party = Watched()
    party.end_match(party.match_id)
    for guest in (party.ann, party.bob, party.eve):
        guest.ask(LeaveLobby())
    party.advance(TOLD_S)
    assert not party.hall.parts.state.ended


def test_only_so_much_waits_and_ends_of_matches_always_do() -> None:
    late = Late()
    party = Watched()
    party.end_match(party.match_id)
    (ended,) = party.ann.of(MatchEnded)
    late.add(ended, [party.eve.player_id], 1.0)
    for _ in range(KEPT + 5):
        late.add(party.ann.of(LobbyChanged)[-1], [party.eve.player_id], 2.0)
    assert len(late) == KEPT
    assert late.events_for(party.eve.player_id)[0] == ended
    while late.take_due(3.0):
        pass
    assert not late.waits_for(party.eve.player_id)


@pytest.mark.parametrize("spectate", [True, False])
def test_who_comes_behind_the_end_is_told_of_the_present(spectate: bool) -> None:
    party = Watched()
    party.end_match(party.match_id)
    dan = party.guest("Dan")
    state = dan.ask(JoinLobby(lobby_id=party.lobby_id, spectate=spectate)).lobby  # type: ignore[attr-defined]
    assert state.phase is Phase.RESULTS
    assert (dan.me.seat == NO_SEAT) is spectate
