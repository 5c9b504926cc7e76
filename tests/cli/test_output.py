"""Output of the commands: text from outside is literal; a failed write ends in a sentence."""

import errno
import io
import os
import sys
from pathlib import Path

import pytest
from rich.console import Console

from gameserver.cli import output
from gameserver.cli.output import LEAST_WIDTH, fail, flushed, forget, moves, out, outside, say
from tests.cli.command import gameserver

FULL = Path("/dev/full")
"""A device that refuses all that is written to it; Linux has it."""


class Broken(io.StringIO):
    """A stream on which nothing can be written."""

    def __init__(self, number: int = errno.ENOSPC) -> None:
        super().__init__()
        self._number = number

    def write(self, _text: str) -> int:
        raise OSError(self._number, os.strerror(self._number))

    def flush(self) -> None:
        raise OSError(self._number, os.strerror(self._number))


def test_error_is_one_line_with_any_characters_in_the_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fail("two\n lines,  [red]markup[/], :smile: and \x1b[31m")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "error: two lines, [red]markup[/], :smile: and \\x1b[31m\n"


def test_long_error_is_not_wrapped_and_not_coloured_like_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output.err, "_force_terminal", True)
    monkeypatch.setattr(output.err, "_color_system", Console(color_system="standard")._color_system)
    fail("12 " * 60)
    said = capsys.readouterr().err
    assert said == f"\x1b[1;31merror:\x1b[0m {' '.join(['12'] * 60)}\n"


def test_error_on_a_broken_stream_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Broken())
    fail("nobody reads this")
    output.err._buffer.clear()  # rich keeps text that it could not write


def test_line_is_printed_literally_and_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "utf-8", newline="\n"))
    say("[bold]1[/] :smile:")
    assert raw.getvalue() == b"[bold]1[/] :smile:\n"


def test_without_a_standard_output_nothing_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    say("nobody reads this")
    assert flushed() == 0
    forget(None)


@pytest.mark.parametrize(
    ("terminal", "term", "expected"),
    [(True, "xterm", True), (True, "dumb", False), (False, "xterm", False)],
)
def test_text_is_replaced_only_on_a_terminal_that_can(
    terminal: bool, term: str, expected: bool
) -> None:
    console = Console(force_terminal=terminal, _environ={"TERM": term})
    assert moves(console) is expected


@pytest.mark.parametrize(
    ("columns", "width"), [(1, LEAST_WIDTH), (LEAST_WIDTH, LEAST_WIDTH), (61, 61), (300, 300)]
)
def test_width_is_never_below_the_least(columns: int, width: int) -> None:
    console = output._Console(width=columns, height=7)
    assert (console.width, console.size) == (width, (width, 7))
    console.size = (columns + 1, 9)
    assert console.size == (max(width, columns + 1), 9)


@pytest.mark.parametrize(
    ("text", "shown"), [("[red]", "\\[red]"), ("\r\n", "\\r\\n"), ("ä [1]", "ä [1]")]
)
def test_text_from_outside_is_escaped(text: str, shown: str) -> None:
    assert outside(text) == shown


def test_pipe_that_closes_while_rich_prints_is_an_error_and_no_exit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", Broken(errno.EPIPE))
    with pytest.raises(BrokenPipeError) as raised:
        out.print("words")
    out._buffer.clear()  # rich keeps text that it could not write
    assert raised.value.errno == errno.EPIPE


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EPIPE, ""),
        (errno.ENOSPC, "error: the output cannot be written: No space left on device\n"),
        (errno.EIO, "error: the output cannot be written: Input/output error\n"),
    ],
)
def test_output_that_cannot_be_flushed_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int, said: str
) -> None:
    monkeypatch.setattr(sys, "stdout", Broken(number))
    assert flushed() == 1
    assert capsys.readouterr().err == said


def test_error_without_a_text_of_the_system_is_shown_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert output.unwritten(OSError("odd")) == 1
    assert capsys.readouterr().err == "error: the output cannot be written: odd\n"


def test_broken_stream_writes_to_nowhere_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "said"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("first ")
        stream.flush()
        forget(stream)
        stream.write("second")
    assert path.read_text("utf-8") == "first "


@pytest.mark.skipif(not FULL.exists(), reason="this system has no full disk to write to")
def test_streams_that_cannot_be_written_do_not_fail_again_at_exit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FULL.open("w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        fail("nobody reads this")
        output.err._buffer.clear()  # rich keeps text that it could not write
        stream.flush()
    with FULL.open("w", encoding="utf-8") as stream:
        stream.write("result")
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        assert flushed() == 1
        stream.flush()


def test_stand_in_for_the_broken_stream_is_not_left_open(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w", encoding="utf-8") as stream:
        first = os.dup(stream.fileno())
        os.close(first)
        forget(stream)
        second = os.dup(stream.fileno())
        os.close(second)
    assert second == first


def test_words_are_not_replaced_by_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    out.print(":smile:")
    output.err.print(":smile:")
    assert capsys.readouterr() == (":smile:\n", ":smile:\n")


def test_json_is_indented_for_people() -> None:
    assert output.to_json({"a": [1]}) == '{\n  "a": [\n    1\n  ]\n}'


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
def test_command_whose_result_cannot_be_written_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full() -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("gameserver.cli.maps.out.print", lambda *_args, **_named: full())
    ended = gameserver("maps", "check", "/nowhere.tmj")
    assert (ended.code, ended.out) == (1, "")
    words = f"error: the output cannot be written: {os.strerror(number)}\n"
    assert ended.err == ("" if number == errno.EPIPE else words)
