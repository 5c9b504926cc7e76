"""The ``gameserver`` command: a group whose commands are imported when they are called.

Law: a command costs what it needs; ``maps check`` neither imports a server nor reads its
settings.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Final

import click

from gameserver import __version__
from gameserver.cli.output import fail
from gameserver.errors import ConfigError

COMMANDS: Final = {
    "serve": "Run a server.",
    "maps": "Check maps.",
    "bots": "Send wire bots to a server.",
    "stats": "Show how a server fares.",
}
"""Name of each command and its line in the help; module ``gameserver.cli.NAME`` builds it."""


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


def main() -> None:
    """Run the command line; a bad setting ends in one line and exit code 2."""
    group = LazyGroup("gameserver", help="A real-time multiplayer game server.")
    click.version_option(__version__, prog_name="gameserver")(group)
    try:
        group(prog_name="gameserver")
    except ConfigError as error:
        fail(str(error))
        sys.exit(2)
