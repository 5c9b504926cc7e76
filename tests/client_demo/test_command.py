"""The client's command line is judged in the same words as the server's commands."""

import pytest

from client_demo import command
from gameserver import __version__


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Return the exit code of the client with these arguments."""
    monkeypatch.setattr("sys.argv", ["gameserver-client", *arguments])
    try:
        command.run()
    except SystemExit as stopped:
        return stopped.code
    return 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("four",), "'four' means nothing here; gameserver-client takes flags alone"),
        (("lag=3",), "'lag=3' means nothing here; did you mean --lag?"),
        (("--url",), "--url needs a value behind it"),
        (("--headless=yes",), "--headless takes no value"),
        (("--screnshot", "x"), "there is no option --screnshot; did you mean --screenshot?"),
        (("--lag", "nan"), "--lag: must be a number from 0 to 5000, not nan"),
        (("--lag", "much"), "--lag: must be a number from 0 to 5000, not 'much'"),
        (("--road", "sea"), "--road: 'sea' is not one of 'websocket', 'sse', 'long-polling'"),
        (("--stall-every", "0"), "--stall-every: must be a number from 1 to 3600, not '0'"),
    ],
)
def test_a_wrong_command_line_is_answered_with_one_sentence_about_the_error(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    assert ended(monkeypatch, *arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {sentence}")
    assert said.endswith("(see gameserver-client --help)\n")


def test_the_clients_version_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "--version") == 0
    assert __version__ in capsys.readouterr().out
