"""The ``gameserver`` command: a group whose commands are imported when they are called.

Law: a command costs what it needs; ``maps check`` neither imports a server nor reads its
settings. Exit codes are decided here for all commands: what was typed or set wrongly (click's
errors, `ConfigError`) ends in one line and 2, what could not be done in one line and 1. So no
command catches these errors itself.
"""

import errno
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

import click

from gameserver import __version__
from gameserver.cli.groups import NearestGroup
from gameserver.cli.output import UNWRITABLE, fail, flushed, unwritten
from gameserver.commandline import usage
from gameserver.errors import ConfigError, GameserverError
from gameserver.plain import make_safe

COMMANDS: Final = {
    "serve": "Run a server.",
    "check": "Check a game.",
    "maps": "Check maps.",
    "bots": "Send wire bots to a server.",
    "stats": "Show how a server fares.",
}
"""Name of each command and its line in the help; module ``gameserver.cli.NAME`` builds it."""

FAILED: Final = 1
WRONG_USE: Final = 2
_SYSTEM: Final = {
    errno.EMFILE: "too many files are open in this process; raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine",
    errno.ENOMEM: "there is not enough memory",
    errno.EACCES: "this user may not do that (permission denied)",
    errno.EPERM: "this user may not do that (not permitted)",
}
"""What the system may refuse to any command, at any moment, in words of its own."""

INTERRUPTED: Final = 130
"""What a shell makes of an end by Ctrl-C."""


class LazyGroup(NearestGroup):
    """Imports and builds a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Build one command; without its module for the help's list."""
        if cmd_name not in COMMANDS:
            return None
        if "--help" in sys.argv[1:2] or len(sys.argv) == 1:
            return click.Command(cmd_name, short_help=COMMANDS[cmd_name])
        build: Callable[[], click.Command] = import_module(f"gameserver.cli.{cmd_name}").build
        return build()


def main() -> None:
    """Run the command line; a bad setting ends in one line and exit code 2."""
    make_safe()
    if not _has_folder():
        fail("the working folder is no longer there; change into another one")
        sys.exit(FAILED)
    group = LazyGroup("gameserver", help="A real-time multiplayer game server.")
    click.version_option(__version__, prog_name="gameserver")(group)
    sys.exit(_run(group) or flushed())


def _has_folder() -> bool:
    """Tell whether the working folder is there, which libraries ask for when they are imported."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    except OSError:  # it may not be looked at, which most commands never do
        return True
    return True


def _run(group: click.Group) -> int:
    try:
        code = group.main(prog_name="gameserver", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG_USE
    except click.UsageError as error:
        fail(usage(error))
        return WRONG_USE
    except click.ClickException as error:
        fail(error.format_message())
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except (GameserverError, OSError, BaseExceptionGroup) as error:
        return _told(error)
    return code if isinstance(code, int) else 0


def _told(error: BaseException) -> int:
    """Say the first error that tasks ended with; return its exit code.

    Raises:
        BaseException: It is a bug, or a bug is among them.
    """
    if isinstance(error, BaseExceptionGroup):
        if error.split(_is_expected)[1] is not None:
            raise error
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
    if not _is_expected(error):
        raise error
    if isinstance(error, OSError):
        return _system_told(error)
    fail(str(error))
    return WRONG_USE if isinstance(error, ConfigError) else FAILED


def _system_told(error: OSError) -> int:
    if error.errno in UNWRITABLE:
        return unwritten(error)
    about = f"{error.filename}: " if error.filename else ""
    fail(f"{about}{_SYSTEM.get(error.errno or 0) or error.strerror}")
    return FAILED


def _is_expected(error: BaseException) -> bool:
    """Tell whether a command may end so: by an error of ours, or one of the system around it."""
    if isinstance(error, OSError):
        return error.errno in (*UNWRITABLE, *_SYSTEM)
    return isinstance(error, GameserverError)
