"""The ``gameserver`` command: a group whose commands are imported when they are called.

Law: a command imports only the modules it needs; ``maps check`` neither imports a server nor reads
its settings. All exit codes are decided here: a wrong argument or setting (click's errors,
`ConfigError`) prints one line and exits with 2, a failed operation prints one line and exits with
1. So no command catches these errors itself.
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
    "stats": "Show a server's statistics.",
    "transports": "Measure all ways to a server.",
    "replay": "List, verify, export and compare journals of matches.",
    "drain": "Let a server finish its matches and end.",
    "admin": "See and do what the operator's console does.",
    "echo": "Serve the official test suites of Socket.IO.",
}
"""Name of each command and its line in the help; module ``gameserver.cli.NAME`` builds it."""

FAILED: Final = 1
"""Exit code of a command that could not do its work."""
WRONG_USE: Final = 2
"""Exit code for a wrong argument or setting."""
_SYSTEM: Final[dict[int | None, str]] = {
    errno.EMFILE: "too many files are open in this process; raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine",
    errno.ENOMEM: "there is not enough memory",
    errno.EACCES: "this user may not do that (permission denied)",
    errno.EPERM: "this user may not do that (not permitted)",
}
"""Sentences for errors of the operating system that any command may meet, by `OSError.errno`."""

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C; defined here again, since `gameserver.cli.interrupts` imports trio."""


class LazyGroup(NearestGroup):
    """Imports and builds a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the commands' names in the order of the help."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Build one command; for the list in the help only a stand-in, without an import."""
        if cmd_name not in COMMANDS:
            return None
        if "--help" in sys.argv[1:2] or len(sys.argv) == 1:
            return click.Command(cmd_name, short_help=COMMANDS[cmd_name])
        build: Callable[[], click.Command] = import_module(f"gameserver.cli.{cmd_name}").build
        return build()


def main() -> None:
    """Run the command line and exit with the command's exit code."""
    make_safe()
    if not _has_folder():
        fail("the working folder is no longer there; change into another one")
        sys.exit(FAILED)
    group = LazyGroup("gameserver", help="A real-time multiplayer game server.")
    click.version_option(__version__, prog_name="gameserver")(group)
    sys.exit(_run(group) or flushed())


def _has_folder() -> bool:
    """Return whether the working folder exists: some libraries need it when they are imported."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    except OSError:  # it exists but may not be read, which most commands do not need
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
        return _report(error)
    return code if isinstance(code, int) else 0


def _report(error: BaseException) -> int:
    """Print an error, of a group the first one, and return its exit code.

    Raises:
        BaseException: The error, or one of its group, is a bug.
    """
    if isinstance(error, BaseExceptionGroup):
        if error.split(_is_expected)[1] is not None:
            raise error
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
    if not _is_expected(error):
        raise error
    if isinstance(error, OSError):
        return _report_system_error(error)
    fail(str(error))
    return WRONG_USE if isinstance(error, ConfigError) else FAILED


def _report_system_error(error: OSError) -> int:
    if error.errno in UNWRITABLE:
        return unwritten(error)
    about = f"{error.filename}: " if error.filename else ""
    fail(f"{about}{_SYSTEM[error.errno]}")
    return FAILED


def _is_expected(error: BaseException) -> bool:
    """Return whether an error is no bug: it is a `GameserverError`, or comes from the system."""
    if isinstance(error, OSError):
        return error.errno in (*UNWRITABLE, *_SYSTEM)
    return isinstance(error, GameserverError)
