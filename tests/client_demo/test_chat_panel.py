import attrs
import pytest

from client_demo import fonts
from client_demo.views.screens import ChatView
from client_demo.widgets.chat import ChatPanel, chat_rows, typing_words
from client_demo.widgets.ui import Ui
from client_demo.window import GameWindow
from gameserver.ids import MessageId, PlayerId
from gameserver.messages.chat import Channel, ChatLine, SendChat
from tests.client_demo import gallery

CHANNELS = (Channel.LOBBY, Channel.WHISPER)


def shown(window: GameWindow, panel: ChatPanel, view: ChatView, *presses: str) -> list[object]:
    said: list[object] = []
    ui = Ui(window.canvas)
    for key in ("", *presses):
        ui.press(key)
        ui.begin(1.0)
        panel.draw(ui, window.canvas.get_rect().inflate(-900, -200), view, said.append)
        ui.end()
    return said


def refused(window: GameWindow, panel: ChatPanel) -> ChatView:
    """Say what stands in the panel, and have it refused."""
    (line,) = shown(window, panel, gallery.chat(), "chat.send")
    assert isinstance(line, SendChat)
    assert panel.draft == ""
    return attrs.evolve(gallery.chat(), refused=(line,))


@pytest.mark.parametrize(
    ("chosen", "draft", "again"), [(0, "hello", "hello"), (1, "Bo: hello", "/w Bo hello")]
)
def test_a_refused_chat_line_comes_back_once(
    window: GameWindow, chosen: int, draft: str, again: str
) -> None:
    panel = ChatPanel(CHANNELS, chosen=chosen, draft=draft)
    view = refused(window, panel)
    panel.chosen = 0
    shown(window, panel, view)
    assert (panel.draft, panel.chosen) == (again, chosen)
    panel.draft = ""
    shown(window, panel, view)
    shown(window, ChatPanel(CHANNELS), view)
    assert panel.draft == ""


def test_a_refused_chat_line_does_not_overwrite_the_present_draft(
    window: GameWindow,
) -> None:
    panel = ChatPanel(CHANNELS, draft="hello")
    view = refused(window, panel)
    panel.draft = "something newer"
    shown(window, panel, view)
    assert panel.draft == "something newer"
    assert shown(window, panel, view, "chat.send") == [SendChat(Channel.LOBBY, "something newer")]
    shown(window, panel, view)
    assert panel.draft == "hello", "it comes back as soon as the newer one is sent"


def test_several_refused_chat_lines_all_come_back(window: GameWindow) -> None:
    panel = ChatPanel(CHANNELS)
    lines = []
    for text in ("one", "two"):
        panel.draft = text
        (line,) = shown(window, panel, gallery.chat(), "chat.send")
        assert isinstance(line, SendChat)
        lines.append(line)
    view = attrs.evolve(gallery.chat(), refused=tuple(lines))
    drafts = []
    for _ in range(3):
        shown(window, panel, view)
        drafts.append(panel.draft)
        panel.draft = ""
    assert drafts == ["one", "two", ""]


def test_a_refused_chat_line_comes_back_only_in_its_own_panel(window: GameWindow) -> None:
    view = refused(window, ChatPanel(CHANNELS, draft="hello"))
    other = ChatPanel(CHANNELS)
    shown(window, other, view)
    assert other.draft == ""


@pytest.mark.parametrize(
    ("draft", "said"),
    [("no colon", []), ("Bo: psst", [SendChat(Channel.WHISPER, "psst", recipient_name="Bo")])],
)
def test_a_whisper_needs_a_name(window: GameWindow, draft: str, said: list[object]) -> None:
    panel = ChatPanel(CHANNELS, chosen=1, draft=draft)
    assert shown(window, panel, gallery.chat(), "chat.send") == said


@pytest.mark.parametrize(
    ("draft", "said", "left"),
    [
        ("/w Bo psst", [SendChat(Channel.WHISPER, "psst", recipient_name="Bo")], ""),
        ("/wave", [], "/wave"),
    ],
)
def test_a_command_in_the_lobbys_chat_is_said_to_nobody_else(
    window: GameWindow, draft: str, said: list[object], left: str
) -> None:
    panel = ChatPanel(CHANNELS, draft=draft)
    assert shown(window, panel, gallery.chat(), "chat.send") == said
    assert panel.draft == left


def test_a_whisper_to_somebody_chosen_reaches_them_whatever_they_are_called(
    window: GameWindow,
) -> None:
    panel = ChatPanel(CHANNELS)
    panel.whisper("a:b", PlayerId("p7"))
    panel.draft += "psst: you"
    line = SendChat(Channel.WHISPER, "psst: you", PlayerId("p7"))
    (said,) = shown(window, panel, gallery.chat(), "chat.send")
    assert said == line
    assert isinstance(said, SendChat)
    shown(window, panel, attrs.evolve(gallery.chat(), refused=(said,)))
    assert panel.draft == "a:b: psst: you"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("Ann",), "Ann is typing…"),
        ((gallery.WIDE,), "Somebody is typing…"),
        ((gallery.WIDE, "Bo"), "2 people are typing…"),
    ],
)
@pytest.mark.usefixtures("window")
def test_players_who_type_are_named_as_far_as_there_is_room(
    names: tuple[str, ...], words: str
) -> None:
    assert typing_words(names, 300) == words


def letters(count: int, number: int) -> str:
    """Return a long word that begins as no other one does."""
    return "".join(chr(0x4E00 + (n * 7 + number) % 2000) for n in range(count))


def test_a_chat_line_is_laid_out_once_and_not_in_every_frame(
    window: GameWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tuple(
        ChatLine(MessageId(n), Channel.LOBBY, PlayerId("p1"), "Bo", letters(200, n), 0)
        for n in range(20)
    )
    view = attrs.evolve(gallery.chat(), lines={Channel.LOBBY: said})
    panel = ChatPanel(CHANNELS)
    shown(window, panel, view)
    laid_out: list[str] = []

    def note(text: str, *_: object, **__: object) -> tuple[()]:
        laid_out.append(text)
        return ()

    monkeypatch.setattr(fonts, "runs", note)
    shown(window, panel, view)
    assert not laid_out


@pytest.mark.usefixtures("window")
def test_a_text_without_spaces_is_shown_without_spaces() -> None:
    text = "https://example.org/" + "a" * 80
    line = ChatLine(MessageId(1), Channel.LOBBY, PlayerId("p1"), "Bo", text, 0)
    assert "".join(row for _, row, _ in chat_rows(line, 300, gallery.chat())) == text
