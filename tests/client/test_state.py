"""The newest state of the server counts, whichever way it comes."""

import attrs

from gameserver.client.namespaces import ClientNamespace
from gameserver.client.session import AnswerAge
from gameserver.client.state import ClientState
from gameserver.ids import LobbyId, MessageId, PlayerId, Seat
from gameserver.messages import chat, lobby, namespaces, session
from gameserver.messages.base import Request, Result
from gameserver.messages.chat import Channel, ChatLine
from gameserver.messages.lobby import LobbyState
from tests.client.test_session import welcome

ANN, BOB = PlayerId("ann"), PlayerId("bob")
EMPTY = lobby.LobbyList((), 0)
LOBBY_CHANNELS = (Channel.LOBBY, Channel.TEAM)


def den(revision: int = 1, lobby_id: str = "den") -> LobbyState:
    members = (lobby.Member(ANN, "Ann", Seat(0)), lobby.Member(BOB, "Bob", Seat(1)))
    config = lobby.LobbyConfig(title="Den", map="barn", size=4)
    return LobbyState(
        LobbyId(lobby_id), revision, lobby.Phase.OPEN, ANN, config, "CODE", False, 0, members
    )


def entered(state: LobbyState) -> ClientState:
    client = ClientState()
    client.apply_event(lobby.LobbyChanged(state))
    return client


def answered(
    client: ClientState, request: Request, result: Result, age: AnswerAge = AnswerAge.NEW
) -> None:
    client.apply_result(request, result, age)


def hear(client: ClientState, channel: Channel, number: int = 1) -> None:
    line = ChatLine(MessageId(number), channel, ANN, "Ann", "hello", 0)
    client.apply_event(chat.ChatSaid(line))


def heard(client: ClientState) -> set[Channel]:
    return {channel for channel in Channel if client.chat.lines(channel)}


# --- the lobby ------------------------------------------------------------------------------------


def test_an_older_revision_of_the_lobby_is_dropped_and_a_newer_one_taken() -> None:
    client = entered(den(5))
    for revision, known in [(4, 5), (5, 5), (6, 6)]:
        client.apply_event(lobby.LobbyChanged(den(revision)))
        assert client.lobby is not None
        assert client.lobby.revision == known
    newest = attrs.evolve(den(6), locked=True)
    client.apply_event(lobby.LobbyChanged(newest))
    assert client.lobby == newest, "of equal revisions the later one counts"


def test_another_lobby_replaces_the_first_whatever_its_revision() -> None:
    client = entered(den(5))
    hear(client, Channel.LOBBY)
    client.apply_event(lobby.LobbyChanged(den(1, "attic")))
    assert client.lobby == den(1, "attic")
    assert heard(client) == set()


def test_leaving_ends_the_lobby_that_was_left_and_no_other() -> None:
    client = entered(den())
    client.apply_event(lobby.LobbyLeft(LobbyId("attic"), "left"))
    assert client.lobby == den()
    for _ in range(2):
        client.apply_event(lobby.LobbyLeft(LobbyId("den"), "left"))
        assert client.lobby is None


def test_the_lobby_of_an_answer_is_taken_unless_later_events_were_applied() -> None:
    asked = lobby.QuickPlay()
    client = ClientState()
    answered(client, asked, lobby.InLobby(den()), AnswerAge.OLD)
    assert client.lobby is None
    for age in (AnswerAge.NEW, AnswerAge.REPEATED):
        client = ClientState()
        answered(client, asked, lobby.InLobby(den()), age)
        assert client.lobby == den()


def test_presence_changes_its_member_alone_and_needs_a_lobby() -> None:
    client = ClientState()
    away = session.Presence(BOB, connected=False, stalled=True)
    client.apply_notice(away, now=0.0)
    assert client.lobby is None
    client = entered(den())
    client.apply_notice(away, now=0.0)
    assert client.lobby is not None
    assert [(m.connected, m.stalled) for m in client.lobby.members] == [
        (True, False),
        (False, True),
    ]


# --- the name -------------------------------------------------------------------------------------


def test_the_name_comes_from_the_welcome_an_event_or_a_new_answer() -> None:
    client = ClientState()
    client.welcomed(welcome(resumed=False))
    assert client.player_name == "Ann"
    client.apply_event(session.NameChanged("Anna"))
    assert client.player_name == "Anna"
    asked = session.Rename("Anne")
    answered(client, asked, session.Renamed("Anne"), AnswerAge.OLD)
    assert client.player_name == "Anna"
    answered(client, asked, session.Renamed("Anne"))
    assert client.player_name == "Anne"


# --- the list -------------------------------------------------------------------------------------


def test_an_answer_that_may_be_old_does_not_replace_a_newer_list() -> None:
    asked, old = lobby.ListLobbies(), lobby.LobbyList((), 7)
    client = ClientState()
    answered(client, asked, old, AnswerAge.REPEATED)
    assert client.lobby_list == old, "better than none"
    client.apply_notice(lobby.LobbiesListed((), 9), now=0.0)
    assert client.lobby_list == lobby.LobbyList((), 9)
    for age in (AnswerAge.REPEATED, AnswerAge.OLD):
        answered(client, asked, old, age)
        assert client.lobby_list == lobby.LobbyList((), 9)
    answered(client, asked, EMPTY)
    assert client.lobby_list == EMPTY
    client.welcomed(welcome(resumed=True))  # the watch ended with the old connection
    answered(client, asked, old, AnswerAge.REPEATED)
    assert client.lobby_list == old


# --- the chat -------------------------------------------------------------------------------------


def test_a_new_session_has_no_lobby_no_list_and_no_chat_line() -> None:
    client = entered(den())
    client.apply_notice(lobby.LobbiesListed((), 9), now=0.0)
    for channel in Channel:
        hear(client, channel)
    client.forget()
    assert (client.lobby, client.lobby_list, heard(client)) == (None, None, set())


def test_leaving_a_lobby_removes_its_chat_lines_and_keeps_the_others() -> None:
    client = entered(den())
    for channel in Channel:
        hear(client, channel)
    client.apply_event(lobby.LobbyLeft(LobbyId("den"), "left"))
    assert heard(client) == set(Channel) - set(LOBBY_CHANNELS)


def test_chat_lines_of_events_notices_and_answers_are_kept() -> None:
    client = ClientState()
    line = ChatLine(MessageId(7), Channel.LOBBY, ANN, "Ann", "hello", 0)
    answered(client, chat.GetChatHistory(Channel.LOBBY), chat.ChatHistory((line,)))
    assert client.chat.lines(Channel.LOBBY) == [line]
    client.apply_event(chat.ChatDelivered(MessageId(7), BOB))
    assert client.chat.is_delivered(MessageId(7))
    client.apply_notice(chat.ChatTyping(Channel.LOBBY, BOB, "Bob"), now=5.0)
    assert client.chat.typing(Channel.LOBBY, 5.1) == ["Bob"]
    answered(client, chat.MuteChat(ANN, muted=True), Result())
    assert client.chat.lines(Channel.LOBBY) == []
    answered(client, chat.MuteChat(ANN, muted=False), Result())
    assert client.chat.lines(Channel.LOBBY) == [line]


# --- the namespaces -------------------------------------------------------------------------------


def test_events_of_a_namespace_reach_it_and_no_other() -> None:
    async def request(_request: object) -> None: ...

    asked: list[object] = []
    got: list[tuple[object, ...]] = []
    client = ClientState()
    club = ClientNamespace("/club", request, lambda request, _settle: asked.append(request))
    club.on("told", lambda *args: got.append(args))
    club.on("disconnect", lambda *args: got.append(args))
    client.spaces["/club"] = club
    for name in ("/den", "/club"):
        client.apply_event(namespaces.Emitted(name, "told", (name, "event")))
        client.apply_notice(namespaces.EmittedLatest(name, "told", (name, "notice")), now=0.0)
    assert got == [("/club", "event"), ("/club", "notice")]
    client.forget()
    assert asked == [], "it was no member yet"
    club._member = True
    client.forget()
    assert asked == [namespaces.JoinNamespace("/club", {})]
    client.apply_event(namespaces.NamespaceEnded("/club", "club.out", "Out."))
    assert got[2:] == [("club.out", "Out.")]
