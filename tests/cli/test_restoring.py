"""The bar of a starting server: for long work only, a row for each kind of it, then wiped."""

import io
import re

import pytest
from rich.console import Console

from gameserver.cli import restoring
from gameserver.cli.restoring import WORTH_SHOWING, Restoring


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard error as a terminal of 60 columns."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=60, color_system=None)
    monkeypatch.setattr(restoring, "err", console)
    return stream


def last_rows(stream: io.StringIO) -> dict[str, str]:
    """Return what was drawn last of each kind of work: done and total."""
    plain = re.sub(r"\x1b\[\??\d+[a-zA-Z]", "", stream.getvalue())
    return dict(re.findall(r"(\w+) +[━╸╺]+ +(\d+/\d+)", plain))


def test_short_work_shows_nothing(terminal: io.StringIO) -> None:
    shown = Restoring()
    shown.show("journals", 1, WORTH_SHOWING - 1)
    shown.close()
    assert terminal.getvalue() == ""


def test_long_work_has_a_row_for_each_kind_with_what_is_done(terminal: io.StringIO) -> None:
    shown = Restoring()
    shown.show("sessions", 250, WORTH_SHOWING)
    shown.show("sessions", 500, WORTH_SHOWING)
    shown.show("matches", 1, 3)  # short work besides long work is shown as well
    shown.close()
    assert last_rows(terminal) == {"sessions": "500/1000", "matches": "1/3"}
    after = len(terminal.getvalue())
    assert "\x1b[?25h" in terminal.getvalue(), "the cursor is back"
    shown.close()
    assert "sessions" not in terminal.getvalue()[after:]
