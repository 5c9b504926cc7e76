import pygame

from client_demo.screens.match import MatchScreen
from client_demo.widgets.ui import Typed, Ui
from gameserver.messages.chat import Channel, SendChat

CHAT_KEY = 40


def write(screen: MatchScreen, key: int = 0, scancode: int = 0) -> list[object]:
    """Press a key while playing, and return what is emitted."""
    said: list[object] = []
    ui = Ui(pygame.Surface((8, 8)))
    ui.keys.append(Typed(key, 0, scancode=scancode))
    screen._write(ui, said.append, CHAT_KEY, teams=False)
    return said


def test_a_line_that_was_refused_in_a_match_is_there_when_the_chat_is_opened_next() -> None:
    screen = MatchScreen(draft="behind you")
    (said,) = write(screen, pygame.K_RETURN)
    assert said == SendChat(Channel.LOBBY, "behind you")
    assert isinstance(said, SendChat)
    screen.take_back(said)
    assert screen.draft is None, "the chat opens when the player wants it"
    write(screen, scancode=CHAT_KEY)
    assert screen.draft == "behind you"


def test_a_line_that_was_taken_or_said_elsewhere_does_not_come_back() -> None:
    screen = MatchScreen(draft="behind you")
    write(screen, pygame.K_RETURN)
    screen.take_back(None)
    screen.take_back(SendChat(Channel.LOBBY, "behind you"))
    write(screen, scancode=CHAT_KEY)
    assert screen.draft == ""
