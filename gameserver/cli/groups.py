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


class Exact(click.Command):
    """Says of words that it has no use for what they might have been."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line.

        Raises:
            click.UsageError: There is too much or too little.
        """
        ctx.allow_extra_args = True
        try:
            rest = super().parse_args(ctx, args)
        except click.BadOptionUsage as error:
            error.ctx = error.ctx or ctx  # whose help is named
            raise
        if rest and not ctx.resilient_parsing:
            raise click.UsageError(self._unused(rest), ctx)
        return rest

    def _unused(self, rest: list[str]) -> str:
        words = ", ".join(f"'{printable(word)[:60]}'" for word in rest[:3])
        flags = [flag for param in self.params for flag in param.opts if flag.startswith("--")]
        near = difflib.get_close_matches(f"--{rest[0].partition('=')[0]}", flags, 1, 0.8)
        if near:
            return f"{words} means nothing here; did you mean {near[0]}?"
        taken = [
            param.human_readable_name for param in self.params if isinstance(param, click.Argument)
        ]
        if taken:
            return f"{words} means nothing here; {self.name} takes {', '.join(taken)} and flags"
        return f"{words} means nothing here; {self.name} takes flags alone, each with -- in front"
