"""Commands and groups of them: what is said of words on the command line that mean nothing.

Law: every sentence names the word, and says what may stand there instead.
"""

import difflib

import click

from gameserver.plain import printable


class NearestGroup(click.Group):
    """Tells who types an unknown command the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed.

        Raises:
            click.UsageError: There is no such command.
        """
        names = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in names:
            near = difflib.get_close_matches(args[0], names, 1)
            hint = f"did you mean {near[0]}?" if near else f"commands: {', '.join(names)}"
            raise click.UsageError(f"there is no command '{printable(args[0])[:60]}'; {hint}", ctx)
        return super().resolve_command(ctx, args)
