"""The ``gameserver`` command: a group whose commands are imported when they are called.

Law: a command costs what it needs; ``maps check`` neither imports a server nor reads its
settings. Whatever is wrong with what was typed ends in one line and exit code 2.
"""

import difflib
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final

import click

from gameserver import __version__
from gameserver.cli.output import UNWRITABLE, fail, flushed, unwritten
from gameserver.errors import ConfigError
from gameserver.plain import make_safe

COMMANDS: Final = {
    "serve": "Run a server.",
    "check": "Check a game.",
    "maps": "Check maps.",
    "bots": "Send wire bots to a server.",
    "stats": "Show how a server fares.",
}
"""Name of each command and its line in the help; module ``gameserver.cli.NAME`` builds it."""

WRONG_USE: Final = 2
INTERRUPTED: Final = 130
"""What a shell makes of an end by Ctrl-C."""


class LazyGroup(click.Group):
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed; an unknown one is told the nearest.

        Raises:
            click.UsageError: There is no such command.
        """
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)


def main() -> None:
    """Run the command line; a bad setting ends in one line and exit code 2."""
    make_safe()
    group = LazyGroup("gameserver", help="A real-time multiplayer game server.")
    click.version_option(__version__, prog_name="gameserver")(group)
    sys.exit(_run(group) or flushed())


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
    except ConfigError as error:
        fail(str(error))
        return WRONG_USE
    except click.Abort:
        return INTERRUPTED
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        return unwritten(error)
    return code if isinstance(code, int) else 0


def usage(error: click.UsageError) -> str:
    """Return one line for what click has to say about the arguments."""
    message = error.format_message().rstrip(".")
    if (
        isinstance(error, click.BadParameter)
        and error.message
        and isinstance(error.param, click.Option)
    ):
        message = f"{error.param.opts[-1]}: {error.message.rstrip('.')}"
    if isinstance(error, click.NoSuchOption):
        near = f"; did you mean {error.possibilities[0]}?" if error.possibilities else ""
        message = f"there is no option {error.option_name}{near}"
    command = error.ctx.command_path if error.ctx is not None else "gameserver"
    return f"{message} (see {command} --help)"
