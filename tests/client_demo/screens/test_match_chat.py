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


def test_a_chat_line_refused_in_a_match_is_there_when_the_chat_is_opened_again() -> None:
    screen = MatchScreen(draft="behind you")
    (said,) = write(screen, pygame.K_RETURN)
    assert said == SendChat(Channel.LOBBY, "behind you")
    assert isinstance(said, SendChat)
    screen.unsent.learn((said,))
    assert screen.draft is None, "the chat opens when the player wants it"
    write(screen, scancode=CHAT_KEY)
    assert screen.draft == "behind you"


def test_a_chat_line_that_was_accepted_or_belongs_elsewhere_does_not_come_back() -> None:
    screen = MatchScreen(draft="behind you")
    write(screen, pygame.K_RETURN)
    screen.unsent.learn(())
    screen.unsent.learn((SendChat(Channel.LOBBY, "behind you"),))
    write(screen, scancode=CHAT_KEY)
    assert screen.draft == ""


def test_a_chat_line_refused_after_the_next_was_sent_comes_back_in_the_match_too() -> None:
    screen = MatchScreen(draft="behind you")
    (first,) = write(screen, pygame.K_RETURN)
    screen.draft = "run"
    (second,) = write(screen, pygame.K_RETURN)
    assert isinstance(first, SendChat)
    assert isinstance(second, SendChat)
    screen.unsent.learn((first, second))
    drafts = []
    for _ in range(3):
        write(screen, scancode=CHAT_KEY)
        drafts.append(screen.draft)
        screen.draft = None
    assert drafts == ["behind you", "run", ""]


def test_a_chat_line_refused_in_one_match_is_not_offered_in_the_next() -> None:
    screen = MatchScreen(draft="behind you")
    (said,) = write(screen, pygame.K_RETURN)
    assert isinstance(said, SendChat)
    screen.unsent.learn((said,))
    screen.begin()
    write(screen, scancode=CHAT_KEY)
    assert screen.draft == ""


def test_a_whisper_from_a_match_is_no_line_for_all_even_when_it_was_refused() -> None:
    screen = MatchScreen(draft="/w Bo behind you")
    (said,) = write(screen, pygame.K_RETURN)
    assert said == SendChat(Channel.WHISPER, "behind you", recipient_name="Bo")
    assert isinstance(said, SendChat)
    screen.unsent.learn((said,))
    write(screen, scancode=CHAT_KEY)
    assert screen.draft == "/w Bo behind you"


def test_an_unknown_command_is_said_to_nobody_and_stays_in_the_field() -> None:
    screen = MatchScreen(draft="/help")
    assert write(screen, pygame.K_RETURN) == []
    assert screen.draft == "/help"
    assert write(screen, pygame.K_ESCAPE) == []
    assert screen.draft is None
