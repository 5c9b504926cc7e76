import pytest

from gameserver.errors import Code
from gameserver.ids import PlayerId
from gameserver.messages import chat, lobby
from gameserver.messages.chat import Channel, ChatDelivered, ChatSaid, ChatTyping
from tests.rooms.party import Guest, Party, refused_with


def history(guest: Guest, channel: Channel) -> list[str]:
    result = guest.ask(chat.GetChatHistory(channel))
    assert isinstance(result, chat.ChatHistory)
    return [line.text for line in result.lines]


def typists(guest: Guest) -> list[PlayerId]:
    return [notice.sender for notice in guest.notices if isinstance(notice, ChatTyping)]


# --- who hears ------------------------------------------------------------------------------------


def test_a_chat_line_is_acknowledged_and_sent_to_all_with_the_same_id_and_time() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    sent = ann.say("  hello\u202e there ")
    assert sent.at_ms == party.wall_ms
    for guest in (ann, bob):
        line = guest.of(ChatSaid)[-1].line
        assert (line.message_id, line.at_ms) == (sent.message_id, sent.at_ms)
        assert (line.text, line.sender, line.sender_name) == ("hello there", ann.player_id, "Ann")


def test_ids_of_chat_lines_rise_over_all_channels() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ids = [
        ann.say("a").message_id,
        bob.say("b", Channel.GLOBAL).message_id,
        ann.whisper(bob, "c").message_id,
    ]
    assert ids == sorted(set(ids))


def test_lobby_chat_reaches_the_lobby_and_global_chat_everybody() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    carl = party.guest("Carl")
    ann.say("inside")
    carl.say("outside", Channel.GLOBAL)
    assert ann.heard == bob.heard == ["inside", "outside"]
    assert carl.heard == ["outside"]
    refused_with(Code.CHAT_NO_CHANNEL, carl, chat.SendChat(Channel.LOBBY, "hm"))


def test_team_chat_reaches_the_own_team_or_the_spectators() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl", options={"mode": "team"})
    dora, emil = party.guest("Dora"), party.guest("Emil")
    dora.join(ann, spectate=True)
    emil.join(ann, spectate=True)
    ann.say("flank left", Channel.TEAM)
    dora.say("they flank left", Channel.TEAM)
    assert carl.heard == ["flank left"]
    assert bob.heard == []
    assert dora.heard == emil.heard == ["they flank left"]
    assert ann.of(ChatSaid)[-1].line.team == 1


def test_without_teams_the_chat_of_spectators_does_not_reach_players() -> None:
    party = Party()
    ann, _bob = party.group("Ann", "Bob")
    dora = party.guest("Dora")
    dora.join(ann, spectate=True)
    dora.say("ann is low", Channel.TEAM)
    assert ann.heard == []
    assert dora.heard == ["ann is low"]
    assert dora.of(ChatSaid)[-1].line.team == 0


def test_there_is_no_team_channel_without_teams() -> None:
    party = Party()
    ann, _ = party.group("Ann", "Bob")
    refused_with(Code.CHAT_NO_CHANNEL, ann, chat.SendChat(Channel.TEAM, "hm"))


def test_a_whisper_reaches_sender_and_recipient_and_its_delivery_is_reported() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    sent = ann.whisper(bob, "psst")
    assert bob.heard == ann.heard == ["psst"]
    assert carl.heard == []
    assert ann.of(ChatDelivered) == []
    bob.ack()
    assert ann.of(ChatDelivered) == [ChatDelivered(sent.message_id, bob.player_id)]
    ann.ack()
    assert len(ann.of(ChatDelivered)) == 1, "the sender's own copy is no arrival"


def test_a_whisper_to_a_disconnected_player_arrives_after_the_reconnect() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    bob.lose_connection()
    ann.whisper(bob, "psst")
    bob.resume()
    assert bob.heard == ["psst"]
    assert ann.of(ChatDelivered) == []
    bob.lose_connection()
    bob.resume()
    assert len(ann.of(ChatDelivered)) == 1, "the hello says what arrived, too"


def test_a_whisper_finds_its_recipient_by_name() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    ann.ask(chat.SendChat(Channel.WHISPER, "psst", recipient_name="bob"))
    assert bob.heard == ["psst"]
    carl = party.guest("Carlo")
    ann.whisper(carl, "psst")
    assert carl.heard == ["psst"], "the same to somebody else is no repetition"
    for nobody in ("Nobody", "Ann"):
        request = chat.SendChat(Channel.WHISPER, "psst", recipient_name=nobody)
        refused_with(Code.PLAYER_UNKNOWN, ann, request)


def test_a_whisper_to_nobody_and_a_recipient_of_a_public_line_are_refused() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    wrong = [
        chat.SendChat(Channel.WHISPER, "psst"),
        chat.SendChat(Channel.GLOBAL, "psst", recipient_name="Bob"),
        chat.SendChat(Channel.LOBBY, "psst", bob.player_id),
    ]
    for request in wrong:
        refused_with(Code.BAD_PARAMS, ann, request)
    assert bob.heard == [], "what was meant for one is not read by all"


def test_the_server_announces_joins_and_leaves_in_the_lobby() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    bob.ask(lobby.LeaveLobby())
    own = [e.line for e in ann.of(ChatSaid) if not e.line.sender]
    assert [line.text for line in own] == ["Bob joined.", "Bob left."]
    assert [(line.told, line.about) for line in own] == [
        ("joined", ("Bob",)),
        ("left", ("Bob",)),
    ]


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\u202e\x00"])
def test_invisible_lines_are_refused(text: str) -> None:
    refused_with(Code.CHAT_EMPTY, Party().guest(), chat.SendChat(Channel.GLOBAL, text))


def test_the_limit_of_the_length_of_a_line_is_exact() -> None:
    party = Party(chat_chars=10)
    ann = party.guest("Ann")
    ann.say("x" * 9, Channel.GLOBAL)
    ann.say("x" * 10, Channel.GLOBAL)
    refusal = refused_with(Code.CHAT_TOO_LONG, ann, chat.SendChat(Channel.GLOBAL, "x" * 11))
    assert refusal.details == {"limit": 10}
    assert ann.heard == ["x" * 9, "x" * 10]


def test_a_flood_of_lines_is_refused_with_the_time_to_wait_and_not_sent() -> None:
    party = Party(chat_burst=3, chat_per_s=0.5)
    ann, bob = party.group("Ann", "Bob")
    for n in range(3):
        ann.say(str(n))
    refusal = refused_with(Code.RATE_LIMITED, ann, chat.SendChat(Channel.GLOBAL, "3"))
    assert refusal.details["retry_after_s"] == pytest.approx(2.0)
    bob.say("calm down")
    party.advance(2.0)
    ann.say("4")
    assert bob.heard == ["0", "1", "2", "calm down", "4"]


def test_the_same_line_again_is_refused_for_a_while_and_only_in_its_channel() -> None:
    party = Party()
    ann, _ = party.group("Ann", "Bob")
    ann.say("buy gold")
    refused_with(Code.CHAT_REPEATED, ann, chat.SendChat(Channel.LOBBY, " BUY \u200bgold"))
    ann.say("buy gold", Channel.GLOBAL)
    party.advance(party.rules.chat_repeat_s)
    ann.say("buy gold")


# --- history and mutes ----------------------------------------------------------------------------


def test_late_joiners_get_the_history_of_each_channel_they_may_read() -> None:
    party = Party(chat_history=3, chat_burst=50)
    ann, bob = party.group("Ann", "Bob", options={"mode": "team"})
    for n in range(5):
        ann.say(f"g{n}", Channel.GLOBAL)
    ann.say("ours", Channel.TEAM)
    ann.say("hi")
    carl = party.guest("Carl")
    assert history(carl, Channel.GLOBAL) == ["g2", "g3", "g4"]
    refused_with(Code.CHAT_NO_CHANNEL, carl, chat.GetChatHistory(Channel.LOBBY))
    carl.join(ann)
    assert history(carl, Channel.LOBBY) == ["Bob joined.", "hi", "Carl joined."]
    assert history(carl, Channel.TEAM) == ["ours"]
    assert history(bob, Channel.TEAM) == []


def test_whispers_are_only_in_the_histories_of_sender_and_recipient() -> None:
    party = Party()
    ann, bob, carl = (party.guest(name) for name in ("Ann", "Bob", "Carl"))
    ann.whisper(bob, "psst")
    assert history(ann, Channel.WHISPER) == history(bob, Channel.WHISPER) == ["psst"]
    assert history(carl, Channel.WHISPER) == []


def test_a_muted_player_is_not_heard_in_any_channel() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(chat.MuteChat(bob.player_id, True))
    bob.say("a")
    bob.say("b", Channel.GLOBAL)
    bob.whisper(ann, "c")
    bob.ask(chat.Typing(Channel.LOBBY))
    ann.ack()
    assert ann.heard == []
    assert history(ann, Channel.GLOBAL) == history(ann, Channel.WHISPER) == []
    assert typists(ann) == []
    assert bob.of(ChatDelivered) == []
    ann.ask(chat.MuteChat(bob.player_id, False))
    bob.say("d")
    assert ann.heard == ["d"]


def test_mutes_are_bounded_and_the_oldest_is_lifted() -> None:
    party = Party(mutes=1)
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    ann.ask(chat.MuteChat(bob.player_id, True))
    ann.ask(chat.MuteChat(carl.player_id, True))
    bob.say("b")
    carl.say("c")
    assert ann.heard == ["b"]


def test_muting_oneself_or_an_unknown_player_is_refused() -> None:
    ann = Party().guest("Ann")
    for who in (ann.player_id, PlayerId("nobody")):
        refused_with(Code.PLAYER_UNKNOWN, ann, chat.MuteChat(who, True))


# --- typing ---------------------------------------------------------------------------------------


def test_typing_is_shown_to_the_others_once_a_second_and_again_after_a_line() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    for _ in range(3):
        ann.ask(chat.Typing(Channel.LOBBY))
    assert typists(bob) == [ann.player_id]
    assert typists(ann) == []
    party.advance(party.rules.typing_s)
    ann.ask(chat.Typing(Channel.LOBBY))
    assert len(typists(bob)) == 2
    ann.say("done")
    ann.ask(chat.Typing(Channel.LOBBY))
    assert len(typists(bob)) == 3


def test_typing_a_whisper_is_shown_to_its_recipient_alone() -> None:
    party = Party()
    ann, bob, carl = party.group("Ann", "Bob", "Carl")
    ann.ask(chat.Typing(Channel.WHISPER, bob.player_id))
    assert typists(bob) == [ann.player_id]
    assert typists(carl) == []


def test_typing_of_somebody_whom_the_host_muted_is_not_shown() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.ask(lobby.MutePlayer(bob.player_id, True))
    bob.ask(chat.Typing(Channel.LOBBY))
    assert typists(ann) == []
