"""A group of commands that suggests the nearest name for an unknown command.

Law: every sentence names the wrong word and the words that are possible instead.
"""

import difflib

import click

from gameserver.plain import printable


class NearestGroup(click.Group):
    """A group whose error for an unknown command suggests the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return name, command and remaining arguments.

        Raises:
            click.UsageError: There is no command of this name.
        """
        names = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in names:
            near = difflib.get_close_matches(args[0], names)
            hint = f"did you mean {near[0]}?" if near else f"commands: {', '.join(names)}"
            raise click.UsageError(f"there is no command '{printable(args[0])[:60]}'; {hint}", ctx)
        return super().resolve_command(ctx, args)
