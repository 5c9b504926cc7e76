import attrs
import pytest

from client_demo.screens.formfield import amount_words, value_words
from client_demo.screens.member import press_words
from client_demo.screens.room import lacking, situation
from client_demo.views.screens import ChatView, RoomView
from gameserver.game.options import FieldKind, FormField
from gameserver.ids import NO_SEAT, LobbyId, PlayerId, Seat
from gameserver.messages.forms import LobbyForm, MapChoice
from gameserver.messages.lobby import LobbyConfig, LobbyState, Member, Phase

CONFIG = LobbyConfig("Den", "attic", 6)
FORM = LobbyForm("g", "G", (), (MapChoice("attic", "Attic", (), 4, 8),), ("easy",), 1, 8, CONFIG)
SEATS = (Seat(0), Seat(1), NO_SEAT)


def den(bots: int, size: int) -> LobbyState:
    members = tuple(Member(PlayerId(f"p{n}"), "P", seat) for n, seat in enumerate(SEATS))
    config = attrs.evolve(CONFIG, bots=bots, size=size)
    return LobbyState(
        LobbyId("den"), 1, Phase.OPEN, PlayerId("p0"), config, "CODE", False, 0, members
    )


@pytest.mark.parametrize(
    ("bots", "size", "lack"), [(0, 6, 2), (1, 6, 1), (2, 6, 0), (5, 6, 0), (5, 3, 1)]
)
def test_a_room_says_how_many_are_missing(bots: int, size: int, lack: int) -> None:
    lobby = den(bots, size)
    assert lacking(RoomView(lobby, ChatView(PlayerId("p0")), FORM)) == lack
    assert lacking(RoomView(lobby, ChatView(PlayerId("p0")))) == 0


@pytest.mark.parametrize(
    ("me", "how"),
    [
        (0, "give others the code, or press Change to add bots"),
        (1, "people, or bots that the host adds"),
    ],
)
def test_a_host_is_told_how_to_fill_the_missing_seats(me: int, how: str) -> None:
    lobby = den(0, 6)
    view = RoomView(lobby, ChatView(PlayerId(f"p{me}")), FORM)
    assert situation(view, lobby.members[me]) == (f"2 more needed: {how}", True)


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (2, "Press Ready; 1 other is not ready yet"),
        (3, "Press Ready; 2 others are not ready yet"),
    ],
)
def test_the_number_of_players_who_are_not_ready_is_written_as_a_word(
    people: int, words: str
) -> None:
    members = tuple(Member(PlayerId(f"p{n}"), "P", Seat(n)) for n in range(people))
    lobby = attrs.evolve(den(4, 6), members=members)
    view = RoomView(lobby, ChatView(PlayerId("p0")), FORM)
    assert situation(view, members[0]) == (words, False)


def test_without_other_players_the_hint_to_press_a_player_is_absent() -> None:
    lobby = den(4, 6)
    view = RoomView(lobby, ChatView(PlayerId("p0")), FORM)
    assert "kick" in press_words(view)
    assert "kick" not in press_words(attrs.evolve(view, chat=ChatView(PlayerId("p1"))))
    alone = attrs.evolve(lobby, members=lobby.members[:1])
    assert press_words(attrs.evolve(view, lobby=alone)) == ""


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (30, "s", "30 s"),
        (240, "s", "4 min"),
        (90, "s", "1:30 min"),
        (90, "", "90"),
        (5, "m", "5 m"),
    ],
)
def test_long_times_are_in_minutes(value: int, unit: str, words: str) -> None:
    assert amount_words(value, unit) == words


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (FormField("time_s", FieldKind.INT, "Time limit", 60, lo=0, hi=90, unit="s"), "none"),
        (FormField("walls", FieldKind.INT, "Walls", 4, lo=0, hi=9), "0"),
    ],
)
def test_a_limit_of_zero_is_none(field: FormField, words: str) -> None:
    assert value_words(field, 0) == words
