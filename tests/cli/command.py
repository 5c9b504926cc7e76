"""The program as a person calls it, run in this process: arguments in, exit code and words out."""

import io
import logging
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import attrs
import pytest
import structlog
from rich.color import ColorSystem

from gameserver.cli import output
from gameserver.cli.main import main

HERE = Path(__file__).resolve().parent


@attrs.frozen
class Ended:
    """What is left of a run."""

    code: int
    out: str
    err: str
    at_once: bool = False
    """Whether it ended by `os._exit`, without waiting for its threads."""

    @property
    def sentence(self) -> str:
        """The one line that it complained with."""
        lines = [line for line in self.err.splitlines() if line]
        assert len(lines) == 1, self.err
        return lines[0]


def gameserver(
    *arguments: str,
    folder: Path = HERE,
    width: int = 300,
    colours: bool = False,
    terminal: bool = False,
    **environ: str,
) -> Ended:
    """Run ``gameserver`` in a folder, with none of the caller's settings in the environment.

    With ``colours`` its standard output is a terminal; the codes are in `Ended.out`. With
    ``terminal`` alone it is one without colours.
    """
    out, err = io.StringIO(), io.StringIO()
    handlers, level = list(logging.root.handlers), logging.root.level
    code: object = 0
    at_once: list[int] = []

    def end_at_once(status: int) -> None:
        at_once.append(status)
        sys.exit(status)

    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for variable in [name for name in os.environ if name.startswith("GAMESERVER_")]:
            patch.delenv(variable)
        for variable, value in environ.items():
            patch.setenv(variable, value)
        patch.setattr(output.out, "width", width)
        if colours or terminal:
            patch.setattr(output.out, "_force_terminal", True)
            patch.setattr(output.out, "_color_system", None)
        if colours:
            patch.setattr(output.out, "_color_system", ColorSystem.STANDARD)
        patch.setattr(sys, "argv", ["gameserver", *arguments])
        patch.setattr(os, "_exit", end_at_once)  # it would end the tests, with success
        patch.chdir(folder)
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    assert isinstance(code, int)
    return Ended(code, out.getvalue(), err.getvalue(), bool(at_once))
