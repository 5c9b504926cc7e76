"""Names that run from right to left, in sentences that run from left to right."""

import pygame
import pytest

from client_demo.hud.clock import standing_words
from client_demo.hud.feed import chat_rows
from client_demo.screens.browser import where_sentence
from client_demo.text.runs import levels_of
from client_demo.views.matchview import MatchView, ScoreLine
from client_demo.views.screens import BrowserView
from gameserver.ids import MessageId, PlayerId, Seat
from gameserver.messages.chat import Channel, ChatLine
from tests.arena.field import a_map
from tests.client_demo import gallery

NAME = "דניאל"


def keeps_its_order(sentence: str) -> bool:
    """Tell whether all but the name runs from left to right, numbers too."""
    assert NAME in sentence
    said = zip(sentence, levels_of(sentence), strict=True)
    return all(level == 0 for char, level in said if char not in NAME + "\u2068\u2069")


def test_the_number_of_people_stays_behind_the_name() -> None:
    assert keeps_its_order(where_sentence(BrowserView(NAME, "", gallery.chat(), online=2)))


def test_the_points_of_the_best_stay_behind_the_name() -> None:
    scores = (
        ScoreLine(Seat(1), NAME, 2, 9, 9, 0, own=False),
        ScoreLine(Seat(0), "Zoe", 1, 3, 3, 0, own=True),
    )
    assert keeps_its_order(
        standing_words(MatchView(a_map(), "tdm", team_scores=(3, 9), scores=scores))
    )


@pytest.mark.parametrize("text", ["2 are here", "hello"])
def test_what_is_said_in_a_match_stays_behind_who_says_it(text: str) -> None:
    pygame.init()
    said = ChatLine(MessageId(1), Channel.LOBBY, PlayerId("p"), NAME, text, 0)
    ((row, _, _),) = chat_rows(MatchView(a_map(), "dm", chat=(said,)))
    assert keeps_its_order(row)
