"""Names that run from right to left, in sentences that run from left to right."""

import attrs
import pygame
import pytest

from client_demo.hud.announce import ending_words
from client_demo.hud.clock import standing_words
from client_demo.hud.feed import chat_rows
from client_demo.screens.browser import where_sentence
from client_demo.screens.hostdialogs import Asked, HostDialogs
from client_demo.screens.results import verdict
from client_demo.screens.room import situation
from client_demo.text.runs import levels_of, lobby_title
from client_demo.theme import Theme
from client_demo.views import cues
from client_demo.views.cuemaker import CueMaker
from client_demo.views.matchview import Ending, MatchView, ScoreLine
from client_demo.views.screens import BrowserView, ChatView, RoomView
from client_demo.widgets import chat
from gameserver.arena import events
from gameserver.client import EventPhase
from gameserver.ids import MatchId, MessageId, PlayerId, Seat
from gameserver.messages.chat import Channel, ChatLine
from gameserver.messages.lobby import MatchResult, ResultLine
from gameserver.netcode.prediction.optimism import ToldEvent
from tests.arena.field import a_map
from tests.client_demo import gallery
from tests.client_demo.views.test_cuemaker import drawn

NAME = "דניאל"


def keeps_its_order(sentence: str) -> bool:
    """Tell whether all but the name runs from left to right, numbers too."""
    assert NAME in sentence
    said = zip(sentence, levels_of(sentence), strict=True)
    return all(level == 0 for char, level in said if char not in NAME + "\u2066\u2068\u2069")


def test_the_number_of_people_follows_the_name() -> None:
    assert keeps_its_order(where_sentence(BrowserView(NAME, "", gallery.chat(), online=2)))


def test_the_points_of_the_leader_follow_the_name() -> None:
    scores = (
        ScoreLine(Seat(1), NAME, 2, 9, 9, 0, own=False),
        ScoreLine(Seat(0), "Zoe", 1, 3, 3, 0, own=True),
    )
    assert keeps_its_order(
        standing_words(MatchView(a_map(), "tdm", team_scores=(3, 9), scores=scores))
    )


@pytest.mark.parametrize("text", ["2 are here", "hello"])
def test_a_chat_line_in_a_match_follows_the_senders_name(text: str) -> None:
    pygame.init()
    said = ChatLine(MessageId(1), Channel.LOBBY, PlayerId("p"), NAME, text, 0)
    ((row, _, _),) = chat_rows(MatchView(a_map(), "dm", chat=(said,)))
    assert keeps_its_order(row)


@pytest.mark.parametrize("line", ["{} joined.", "{} is now {}.", "{} was kicked.", "{} left."])
def test_a_chat_line_of_the_server_has_the_direction_of_its_sentence(line: str) -> None:
    pygame.init()
    said = ChatLine(MessageId(1), Channel.LOBBY, PlayerId(""), "", line.format(NAME, NAME), 0)
    ((row, _, _),) = chat_rows(MatchView(a_map(), "dm", chat=(said,)))
    assert keeps_its_order(row)
    ((_, row, _),) = chat.chat_rows(said, 600, ChatView(gallery.ME))
    assert keeps_its_order(row)


@pytest.mark.parametrize("room", range(100, 260, 20))
def test_a_wrapped_line_of_the_server_keeps_its_direction_in_the_next_row(room: int) -> None:
    pygame.init()
    text = f"somebody whom nobody had seen is now {NAME} and wants to play."
    said = ChatLine(MessageId(1), Channel.LOBBY, PlayerId(""), "", text, 0)
    rows = [row for _, row, _ in chat.chat_rows(said, room, ChatView(gallery.ME))]
    assert len(rows) > 1
    assert keeps_its_order(next(row for row in rows if NAME in row))


def test_a_whisper_goes_from_its_sender_to_its_recipient() -> None:
    said = ChatLine(
        MessageId(1), Channel.WHISPER, gallery.ME, NAME, "hello", 0, recipient_name=NAME
    )
    ((lead, _, _),) = chat.chat_rows(said, 600, ChatView(gallery.ME))
    assert keeps_its_order(lead)


@pytest.mark.parametrize("names", [(NAME,), (NAME, NAME)])
def test_the_name_of_a_typing_player_precedes_the_rest_of_the_sentence(
    names: tuple[str, ...],
) -> None:
    assert keeps_its_order(chat.typing_sentence(names))


def test_the_name_of_a_winner_precedes_the_rest_of_the_sentence() -> None:
    assert keeps_its_order(ending_words(Ending(NAME, scores=(3, 2)), Theme())[1])
    winner = ResultLine(NAME, PlayerId("p"), Seat(1), 0, 9, won=True, stats={})
    own = attrs.evolve(winner, name="Zoe", seat=Seat(0), won=False)
    result = MatchResult(MatchId("m"), "finished", NAME, (), (winner, own), 900)
    assert keeps_its_order(verdict(result, None, str)[0])
    assert keeps_its_order(verdict(result, own, str)[1])


def test_the_event_of_a_flag_follows_the_players_name() -> None:
    fighters = {Seat(1): drawn(Seat(1), NAME)}
    for what in (events.FlagTaken, events.FlagDropped, events.FlagCaptured):
        told = ToldEvent(what(Seat(1), 2), EventPhase.OBSERVED)
        banners = CueMaker(Seat(0)).take([told], fighters, 0.0)
        (banner,) = (cue for cue in banners if isinstance(cue, cues.Banner))
        assert keeps_its_order(f"{banner.text}Blue{banner.after}")


def test_a_dialog_about_a_player_keeps_the_order_of_its_words() -> None:
    view = RoomView(gallery.lobby(), gallery.chat(), gallery.FORM, gallery.MAPS)
    dialogs = HostDialogs()
    gone = attrs.evolve(view.lobby.members[1], name=NAME, player_id=PlayerId("gone"))
    dialogs.open(Asked.BAN, gone)
    dialogs.follow(view)
    assert keeps_its_order(dialogs.over)


def test_the_names_for_whom_a_lobby_waits_stand_within_the_sentence() -> None:
    state = gallery.lobby(people=2, names=NAME)
    me, other = state.members
    ready = attrs.evolve(me, ready=True)
    state = attrs.evolve(state, members=(ready, attrs.evolve(other, ready=False)))
    view = RoomView(state, gallery.chat(), gallery.FORM, gallery.MAPS)
    assert keeps_its_order(situation(view, ready)[0])


@pytest.mark.parametrize("ending", ["'s lobby", "'s quick play"])
def test_a_title_that_the_server_made_begins_with_its_host(ending: str) -> None:
    assert keeps_its_order(lobby_title(NAME + ending))
    assert lobby_title("חדר 3") == "חדר 3"
