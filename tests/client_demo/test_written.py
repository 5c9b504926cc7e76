"""What a written chat line asks for."""

import pytest

from client_demo.written import HOW, NO_RECIPIENT, WhisperTarget, draft_of, hint_of, request_of
from gameserver.ids import PlayerId
from gameserver.messages.chat import Channel, SendChat

LOBBY, WHISPER = Channel.LOBBY, Channel.WHISPER
ODD = WhisperTarget("/w", PlayerId("p7"))


def to(name: str, text: str) -> SendChat:
    return SendChat(WHISPER, text, recipient_name=name)


@pytest.mark.parametrize(
    ("channel", "draft", "asked"),
    [
        (LOBBY, " hello ", SendChat(LOBBY, "hello")),
        (LOBBY, "either/or", SendChat(LOBBY, "either/or")),
        (LOBBY, "   ", ""),
        (LOBBY, "/w Bo psst", to("Bo", "psst")),
        (LOBBY, "  /W Bo  psst: you", to("Bo", "psst: you")),
        (LOBBY, '/w "Bo the Great" psst', to("Bo the Great", "psst")),
        (Channel.TEAM, "/w \u201eBo K\u201c psst", to("Bo K", "psst")),
        (WHISPER, "/w Bo psst", to("Bo", "psst")),
        (WHISPER, "Bo: psst", to("Bo", "psst")),
        (WHISPER, "no colon", NO_RECIPIENT),
        (LOBBY, "/w", HOW),
        (LOBBY, "/w Bo", HOW),
        (LOBBY, "/", HOW),
        (LOBBY, "/help me", f"There is no /help. {HOW}"),
        (LOBBY, "/" + "x" * 30, f"There is no /{'x' * 11}…. {HOW}"),
        (LOBBY, "/whisper Bo psst", f"There is no /whisper. {HOW}"),
    ],
)
def test_a_line_with_a_slash_is_a_command_and_never_said_to_all(
    channel: Channel, draft: str, asked: SendChat | str
) -> None:
    assert request_of(channel, draft) == asked


def test_a_chosen_recipient_may_be_called_as_a_command() -> None:
    assert request_of(WHISPER, "/w: psst", ODD) == SendChat(WHISPER, "psst", ODD.player_id)
    assert hint_of("/w: psst", WHISPER, ODD) == ""


@pytest.mark.parametrize(
    ("draft", "hint"), [("", ""), ("hello", ""), ("/w Bo", HOW), ("/w Bo psst", "")]
)
def test_a_hint_is_given_while_a_command_is_incomplete(draft: str, hint: str) -> None:
    assert hint_of(draft) == hint


@pytest.mark.parametrize("name", ["Bo", "Bo the Great", "a:b", "/w"])
def test_a_refused_whisper_comes_back_as_one(name: str) -> None:
    line = to(name, "psst: you")
    assert request_of(LOBBY, draft_of(line)) == line
    assert draft_of(SendChat(LOBBY, "hello")) == "hello"
