"""What one request costs does not grow with the number of people."""

import pytest

from gameserver.errors import Code, RequestError
from gameserver.messages.chat import Channel, ChatHistory, GetChatHistory, MuteChat, SendChat
from gameserver.messages.lobby import ListLobbies, LobbyFilter, QuickPlay
from gameserver.messages.session import Rename
from gameserver.rooms.chat import chat as rooms_chat
from gameserver.rooms.sessions import book, names
from tests.rooms.party import Party


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names whose skeletons are computed, as they come."""
    seen: list[str] = []
    skeleton = names.skeleton

    def counted(name: str) -> str:
        seen.append(name)
        return skeleton(name)

    for module in (names, book, rooms_chat):
        monkeypatch.setattr(module, "skeleton", counted)
    return seen


def test_a_whisper_by_name_computes_a_constant_number_of_skeletons(looks: list[str]) -> None:
    party = Party()
    guests = [party.guest(f"P{number:03}") for number in range(300)]
    looks.clear()
    party.hall.check = lambda: None  # type: ignore[method-assign]  # it looks at all names
    guests[0].ask(SendChat(Channel.WHISPER, "psst", recipient_name="p299"))
    assert guests[299].heard == ["psst"]
    assert len(looks) <= 2


def test_a_whisper_by_name_finds_the_new_name_and_not_the_old_one() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    bob.ask(Rename("Robert"))
    ann.ask(SendChat(Channel.WHISPER, "new", recipient_name="robert"))
    with pytest.raises(RequestError) as refused:
        ann.ask(SendChat(Channel.WHISPER, "old", recipient_name="Bob"))
    assert refused.value.code == Code.PLAYER_UNKNOWN
    assert bob.heard == ["new"]


def test_quick_play_computes_no_skeletons_of_names(looks: list[str]) -> None:
    party = Party()
    for number in range(40):
        host = party.guest(f"Host{number}", f"192.0.2.{number}")
        host.create()
    ann = party.guest("Ann")
    looks.clear()
    party.hall.check = lambda: None  # type: ignore[method-assign]
    ann.ask(QuickPlay())
    assert not looks


def test_repeated_renames_are_refused_for_a_while() -> None:
    party = Party()
    ann = party.guest()
    for number in range(party.rules.renames_burst):
        ann.ask(Rename(f"Ann{number}"))
    with pytest.raises(RequestError) as refused:
        ann.ask(Rename("Anna"))
    assert refused.value.code == Code.RATE_LIMITED
    wait = refused.value.details["retry_after_s"]
    assert isinstance(wait, float)
    party.advance(wait)
    ann.ask(Rename("Anna"))


def test_the_list_of_lobbies_is_made_once_for_all_who_ask_until_it_changes() -> None:
    party = Party()
    hosts = [party.guest(f"Host{number}", f"192.0.2.{number}") for number in range(5)]
    for host in hosts:
        host.create(title="Den")
    ann, bob = party.guest("Ann"), party.guest("Bob")
    first = ann.ask(ListLobbies(LobbyFilter(text="den")))
    assert bob.ask(ListLobbies(LobbyFilter(text="den"))) is first
    hosts[0].create(title="Other")
    assert bob.ask(ListLobbies(LobbyFilter(text="den"))) is not first


def test_the_history_of_a_channel_is_made_once_for_all_until_the_next_line() -> None:
    party = Party()
    ann, bob, cid = party.group("Ann", "Bob", "Cid")
    for channel in (Channel.GLOBAL, Channel.LOBBY):
        ann.say("one", channel)
        first = ann.ask(GetChatHistory(channel))
        assert bob.ask(GetChatHistory(channel)) is first
        bob.say("two", channel)
        assert bob.ask(GetChatHistory(channel)) is not first
    cid.ask(MuteChat(bob.player_id, muted=True))
    heard = cid.ask(GetChatHistory(Channel.GLOBAL))
    assert isinstance(heard, ChatHistory)
    assert [line.text for line in heard.lines] == ["one"]
