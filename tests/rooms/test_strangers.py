"""What everybody may know without a session: public lobbies, their matches, the global channel."""

import pytest

from gameserver.errors import Code, RequestError
from gameserver.ids import LobbyId, Tick
from gameserver.messages import chat, lobby
from gameserver.messages.base import ReliableEvent
from gameserver.messages.lobby import Visibility
from gameserver.messages.match import MatchEnded, MatchHappened, MatchStarted
from gameserver.rooms import calls
from gameserver.rooms.state import effects
from tests.rooms.party import Guest, Party


def published(party: Party, kind: type[ReliableEvent]) -> list[str]:
    """Return the topics on which events of a kind were told to everybody."""
    return [each.topic for each in party.of(effects.Publish) if isinstance(each.event, kind)]


def played(party: Party, *names: str, **chosen: object) -> LobbyId:
    """Play a match with one game event; return its lobby."""
    ann, *_ = party.in_match(*names, **chosen)
    lobby_id, match_id = ann.room.lobby_id, party.last_match()
    party.take(calls.Happened(MatchHappened(match_id, Tick(5), 0, (1,))))
    party.end_match(match_id)
    return lobby_id


def test_the_match_of_a_public_lobby_is_told_to_everybody() -> None:
    party = Party()
    lobby_id = played(party, "Ann", "Bob")
    for kind in (MatchStarted, MatchHappened, MatchEnded):
        assert published(party, kind) == [lobby_id]


@pytest.mark.parametrize(
    "chosen",
    [
        {"visibility": Visibility.UNLISTED},
        {"visibility": Visibility.PASSWORD, "password": "secret"},
        {"spectators": False},
    ],
)
def test_the_match_of_a_lobby_that_strangers_may_not_watch_is_told_to_nobody(
    chosen: dict[str, object],
) -> None:
    party = Party()
    lobby_id = played(party, "Ann", bots=3, **chosen)
    for kind in (MatchStarted, MatchHappened, MatchEnded):
        assert published(party, kind) == []
    assert party.hall.strangers.lobby(lobby_id) is None


def test_only_the_global_channel_is_told_to_everybody() -> None:
    party = Party()
    ann, bob = party.group("Ann", "Bob")
    ann.say("to the lobby")
    ann.whisper(bob, "to one")
    assert published(party, chat.ChatSaid) == []
    assert not party.hall.strangers.chat().lines
    ann.say("to all", chat.Channel.GLOBAL)
    assert published(party, chat.ChatSaid) == ["chat:global"]
    assert [line.text for line in party.hall.strangers.chat().lines] == ["to all"]


def code_of(party: Party, guest: Guest) -> Code | None:
    try:
        party.hall.strangers.open_lobby(guest.room.lobby_id)
    except RequestError as error:
        return error.code
    return None


def test_a_stranger_is_refused_as_a_guest_who_wants_to_watch() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.create()
    assert code_of(party, ann) is None
    ann.ask(lobby.LockLobby(locked=True))
    assert code_of(party, ann) is Code.LOBBY_LOCKED
    shown = party.hall.strangers.lobby(ann.room.lobby_id)
    assert shown is not None  # for those who follow it already, as for spectators
    assert shown.players == ()
    for chosen, code in [
        ({"visibility": Visibility.UNLISTED}, Code.LOBBY_UNKNOWN),
        ({"visibility": Visibility.PASSWORD, "password": "secret"}, Code.LOBBY_WRONG_PASSWORD),
        ({"spectators": False}, Code.LOBBY_FULL),
    ]:
        ann.create(**chosen)
        assert code_of(party, ann) is code


def test_each_change_of_the_list_is_told_once_a_call() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.create()
    assert len([each for each in party.of(effects.Publish) if each.topic == "lobbies"]) == 1
    assert [each.host_name for each in party.take(calls.ShowLobbies()).lobbies] == ["Ann"]


def test_a_longer_list_of_lobbies_is_looked_at_less_often() -> None:
    party = Party(watch_s=2.0, watch_lobbies=2)
    for number in range(2):
        party.guest(f"Guest {number}").create()
    assert party.hall.strangers.list_s == 2.0
    for number in range(2, 5):
        party.guest(f"Guest {number}").create()
    assert party.hall.strangers.list_s == 5.0
