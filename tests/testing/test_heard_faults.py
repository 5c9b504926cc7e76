"""What a session hears or is answered wrongly is found; each by a server with a planted bug."""

from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from gameserver.errors import Code, RequestError
from gameserver.messages.base import ReliableEvent
from gameserver.messages.chat import Channel, ChatSaid, ChatSent, SendChat
from gameserver.messages.wire import Answer, EventEnvelope, Hello, RequestEnvelope, ResultEnvelope
from gameserver.rooms.chat.chat import Chat
from gameserver.rooms.sessions.book import SessionBook
from gameserver.rooms.state.hall_state import HallState
from gameserver.rooms.state.lobby import Lobby
from gameserver.rooms.state.replies import ReplyLog
from gameserver.rooms.state.session import Session
from gameserver.rooms.state.stream import EventStream
from gameserver.service.connections import say_goodbye
from gameserver.service.conversation import Conversation
from gameserver.testing.scenario import NO_TROUBLES, Cast
from gameserver.testing.story.chats import GlobalChat
from gameserver.testing.story.hearing import Hearing
from tests.testing.stories import faults, found

CUTS = attrs.evolve(NO_TROUBLES, cuts=0.3)
GUESTS = Cast(deeds_s=0.0, guests=1, strangers_s=0.0, saves=0.0)


def test_more_players_than_a_lobby_has_seats_for_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    state = Lobby.state

    def small(self: Lobby, *args: Any, **given: Any) -> Any:
        shown = state(self, *args, **given)
        return attrs.evolve(shown, config=attrs.evolve(shown.config, size=1))

    monkeypatch.setattr(Lobby, "state", small)
    assert any(fault.endswith("seats [0, 1] are taken of 1") for fault in faults())


def test_events_that_are_not_repeated_after_a_cut_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resume = EventStream.resume

    def forgetful(self: EventStream) -> tuple[EventEnvelope, ...]:
        resume(self)
        return ()

    monkeypatch.setattr(EventStream, "resume", forgetful)
    assert found("are not repeated", troubles=CUTS)


def test_an_answer_that_comes_again_as_another_one_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, find = Conversation._answer, ReplyLog.find

    def twice(self: Conversation, item: RequestEnvelope) -> None:
        answer(self, item)
        answer(self, item)

    def another(self: ReplyLog, request_id: Any) -> Answer | None:
        kept = find(self, request_id)
        if isinstance(kept, ResultEnvelope) and isinstance(kept.result, ChatSent):
            return attrs.evolve(kept, result=attrs.evolve(kept.result, at_ms=1))
        return kept

    monkeypatch.setattr(Conversation, "_answer", twice)
    monkeypatch.setattr(ReplyLog, "find", another)
    monkeypatch.setattr(Hearing, "answered", lambda *_: None)  # it finds the same all the time
    told = "Player 1: request 4 was answered in two ways: ChatSent("
    assert any(fault.startswith(told) for fault in faults())


def test_a_session_that_is_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(self: SessionBook, hello: Hello, address: str) -> Session:
        del self, hello, address
        raise RequestError(Code.TOKEN_UNKNOWN, "This session is over.")

    monkeypatch.setattr(SessionBook, "find", forgetful)
    assert found("Player 1 lost its session", troubles=CUTS)


def test_a_client_that_is_closed_for_good_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Conversation._answer
    ended: list[Conversation] = []

    def angry(self: Conversation, item: RequestEnvelope) -> None:
        answer(self, item)
        if isinstance(item.request, SendChat) and not ended:
            ended.append(self)
            say_goodbye(self._link, Code.SESSION_REPLACED, "You are elsewhere.")

    monkeypatch.setattr(Conversation, "_answer", angry)
    assert any(fault.startswith("Player 1 is not online: Closed") for fault in faults())


def test_events_of_a_match_may_be_lost_for_a_client_that_begins_again_behind_a_crash() -> None:
    def heard(*last: str, anew: bool) -> list[str]:
        wrong: list[str] = []
        hearing = Hearing("Player 1", GlobalChat(wrong.append), wrong.append)
        hearing.connected("p1", 0)
        for number, said in enumerate(("ChatSaid(1)", *last), start=1):
            assert hearing.event(number, said)
        if anew:
            hearing.begin_anew()
        hearing.connected("p1", 1)
        hearing.event(2, "LobbyChanged(1)")
        hearing.event(3, "LobbyChanged(2)")
        return wrong

    match, chat = "MatchHappened(1)", "ChatSaid(2)"
    assert heard(match, match, anew=True) == []
    again = "Player 1: event 2 came again as another one"
    assert heard(match, anew=False) == [again]
    assert again in heard(match, chat, anew=True)
    assert again in heard(chat, anew=True)


# --- chat -----------------------------------------------------------------------------------------


def is_global(event: ReliableEvent) -> bool:
    return isinstance(event, ChatSaid) and event.line.channel is Channel.GLOBAL


def test_lines_that_come_in_another_order_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    send_all = HallState.send_all
    held: list[ReliableEvent] = []

    def swapped(self: HallState, sessions: Iterable[Session], event: ReliableEvent) -> None:
        if is_global(event):
            held.append(event)
            if len(held) == 1:
                return
        listeners = list(sessions)
        send_all(self, listeners, event)
        if len(held) == 2 and held[1] is event:
            send_all(self, listeners, held[0])

    monkeypatch.setattr(HallState, "send_all", swapped)
    assert {"Player 1 heard line 2 after 3", "Player 2 heard line 2 after 3"} <= {*faults()}


def test_a_line_that_is_another_for_somebody_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    send = HallState.send

    def altered(self: HallState, session: Session, event: ReliableEvent) -> None:
        if isinstance(event, ChatSaid) and is_global(event) and session.name == "Player 2":
            event = ChatSaid(attrs.evolve(event.line, text="another"))
        send(self, session, event)

    monkeypatch.setattr(HallState, "send", altered)
    assert any(fault.startswith("line 2 is ") and "'another'" in fault for fault in faults())


def test_a_line_whose_number_is_told_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    say = Chat.say

    def numbered(self: Chat, session: Session, request: SendChat) -> ChatSent:
        said = say(self, session, request)
        return attrs.evolve(said, message_id=type(said.message_id)(1))

    monkeypatch.setattr(Chat, "say", numbered)
    assert any(
        fault.startswith("line 1 was acknowledged as 'line 1 of player 2'") for fault in faults()
    )


def test_lines_that_a_guest_does_not_hear_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    send = HallState.send

    def partial(self: HallState, session: Session, event: ReliableEvent) -> None:
        deaf = session.name == "Guest 1" and is_global(event)
        if not (deaf and isinstance(event, ChatSaid) and event.line.message_id % 3 == 0):
            send(self, session, event)

    monkeypatch.setattr(HallState, "send", partial)
    assert found("Guest 1 lost ", cast=GUESTS, seconds=6.0)
