import pytest

from gameserver.errors import Code, RequestError
from gameserver.messages import lobby
from gameserver.messages.lobby import LobbiesListed, LobbyFilter, Phase, Visibility
from gameserver.rooms.lobbies.directory import CODE_LENGTH, CODE_LETTERS
from tests.rooms.party import Guest, Party


def titles(guest: Guest, **wanted: object) -> list[str]:
    result = guest.ask(lobby.ListLobbies(LobbyFilter(**wanted)))
    assert isinstance(result, lobby.LobbyList)
    return [summary.title for summary in result.lobbies]


def lists(guest: Guest) -> list[LobbiesListed]:
    return [notice for notice in guest.notices if isinstance(notice, LobbiesListed)]


def test_joinable_lobbies_come_first_and_then_the_fullest() -> None:
    party = Party()
    party.group("A", "B", title="two")
    party.group("C", "D", "E", title="three")
    ann, _ = party.group("Ann", "F", title="full", size=2)
    party.group("G", title="one")
    assert titles(ann) == ["three", "two", "one", "full"]


def test_unlisted_lobbies_are_in_no_list_and_private_ones_are_marked() -> None:
    party = Party()
    party.guest("A").create(title="hidden", visibility=Visibility.UNLISTED)
    party.guest("B").create("sesame", title="private", visibility=Visibility.PASSWORD)
    found = party.guest("Ann").ask(lobby.ListLobbies())
    assert isinstance(found, lobby.LobbyList)
    assert [(s.title, s.password) for s in found.lobbies] == [("private", True)]
    assert found.total == 1


def test_filters_apply_to_title_or_host_mode_map_and_free_seats() -> None:
    party = Party()
    party.guest("Zoe").create(title="Den", options={"mode": "team"})
    party.group("Max", "Ben", title="Pit", map="barn", size=2)
    ann = party.guest("Ann")
    assert titles(ann, text="DE") == ["Den"]
    assert titles(ann, text="zo") == ["Den"]
    assert titles(ann, mode="team") == ["Den"]
    assert titles(ann, map="barn") == ["Pit"]
    assert titles(ann, joinable=True) == ["Den"]
    assert titles(ann, text="q") == []


def test_a_list_is_bounded_and_holds_the_total() -> None:
    party = Party(listed=2)
    for n in range(4):
        party.guest(f"G{n}").create(title=f"T{n}")
    found = party.guest("Ann").ask(lobby.ListLobbies())
    assert isinstance(found, lobby.LobbyList)
    assert (len(found.lobbies), found.total) == (2, 4)


def test_a_running_match_with_bots_is_listed_as_joinable_and_a_closed_one_not() -> None:
    party = Party()
    ann, _ = party.in_match("Ann", "Bob", size=4, bots=2)
    assert titles(ann, joinable=True) == ["Den"]
    other = Party()
    ann, _ = other.in_match("Ann", "Bob", size=4, join_in_progress=False)
    assert titles(ann, joinable=True) == []


def test_watchers_of_the_list_get_it_at_once_and_then_twice_a_second_at_most() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.ask(lobby.WatchLobbies())
    hosts = [party.guest(f"G{n}") for n in range(7)]
    for host in hosts:
        host.create(title=host.name)
        party.advance(0.1)
    assert len(lists(ann)) == 2
    party.advance(1.0)
    assert len(lists(ann)) == 3
    assert len(lists(ann)[-1].lobbies) == 7
    party.advance(60.0)
    assert len(lists(ann)) == 3, "nothing changed"


def test_watchers_of_the_list_get_it_by_their_own_filter_until_they_stop() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    ann.ask(lobby.WatchLobbies(filter=LobbyFilter(map="barn")))
    bob.ask(lobby.WatchLobbies())
    party.guest("C").create(title="attic")
    party.advance(1.0)
    assert lists(ann)[-1].lobbies == ()
    assert [s.title for s in lists(bob)[-1].lobbies] == ["attic"]
    bob.ask(lobby.WatchLobbies(on=False))
    party.guest("D").create(title="two")
    party.advance(1.0)
    assert len(lists(bob)) == 1


def test_a_disconnected_watcher_gets_the_list_after_the_reconnect_only() -> None:
    party = Party()
    ann = party.guest("Ann")
    ann.ask(lobby.WatchLobbies())
    ann.lose_connection()
    party.guest("B").create(title="new")
    party.advance(1.0)
    assert lists(ann) == []
    ann.resume()
    assert [s.title for s in lists(ann)[-1].lobbies] == ["new"]


def test_invite_codes_are_short_readable_and_unique() -> None:
    party = Party(creates_burst=300)
    codes = set()
    for n in range(200):
        code = party.guest(f"G{n}").create().invite_code
        assert len(code) == CODE_LENGTH
        assert set(code) <= set(CODE_LETTERS)
        codes.add(code)
    assert len(codes) == 200


def test_an_invite_code_ends_with_its_lobby() -> None:
    party = Party()
    ann, bob = party.guest("Ann"), party.guest("Bob")
    code = ann.create().invite_code
    ann.ask(lobby.LeaveLobby())
    with pytest.raises(RequestError) as refused:
        bob.ask(lobby.JoinLobby(code=code))
    assert refused.value.code == Code.LOBBY_UNKNOWN


def test_quick_play_prefers_the_lobby_that_plays_soonest() -> None:
    party = Party()
    hosted = party.guest("A")
    hosted.create(title="hosted")
    assert party.guest("B").quick_play().lobby_id == hosted.room.lobby_id
    runs = party.in_match("C", "D", title="runs")[0]
    assert party.guest("E").quick_play().lobby_id == runs.room.lobby_id
    quick = party.guest("F").quick_play(map_name="barn")
    assert quick.phase is Phase.COUNTDOWN
    assert party.guest("G").quick_play().lobby_id == quick.lobby_id


def test_quick_play_prefers_a_lobby_that_starts_by_itself_to_a_fuller_one() -> None:
    party = Party()
    quick = party.guest("Q").quick_play()
    party.advance(party.rules.countdown_s)
    party.end_match(party.last_match())
    party.group("A", "B", "C")
    assert party.guest("D").quick_play().lobby_id == quick.lobby_id


def test_quick_play_fills_the_fullest_lobby_of_those_equally_near_a_match() -> None:
    party = Party()
    party.group("A")
    fuller = party.group("B", "C")[0]
    party.group("D")
    assert party.guest("E").quick_play().lobby_id == fuller.room.lobby_id


def test_quick_play_prefers_a_running_match_to_a_fuller_lobby_between_two() -> None:
    party = Party()
    between = party.guest("Q").quick_play()
    for number in range(2):
        assert party.guest(f"R{number}").quick_play().lobby_id == between.lobby_id
    party.advance(party.rules.countdown_s)
    party.end_match(party.last_match())
    running = party.in_match("A", "B")[0]
    assert party.guest("D").quick_play().lobby_id == running.room.lobby_id
