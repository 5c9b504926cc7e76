"""Command lines, of the server's commands and of the client: what is said of a wrong one.

Law: one line in this project's words that names the flag, argument or word, says what is wrong with
it, and where help is.
"""

import difflib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from gameserver.plain import printable

_Command = TypeVar("_Command", bound=Callable[..., Any])


def usage(error: click.UsageError) -> str:
    """Return one line for what click has to say about the arguments."""
    command = error.ctx.command_path if error.ctx is not None else "gameserver"
    return f"{_wrong(error, command)} (see {command} --help)"


def _wrong(error: click.UsageError, command: str) -> str:
    match error:
        case click.MissingParameter(param=click.Argument() as param):
            name = param.human_readable_name
            return f"{name} is missing: {command} {name}"
        case click.BadParameter(param=click.Option() as option) if error.message:
            return f"{option.opts[-1]}: {error.message.rstrip('.')}"
        case click.NoSuchOption():
            near = f"; did you mean {error.possibilities[0]}?" if error.possibilities else ""
            return f"there is no option {error.option_name}{near}"
        case click.BadOptionUsage(option_name=str() as name):
            switch = _is_switch(name, error.ctx)
            return f"{name} takes no value" if switch else f"{name} needs a value behind it"
        case _:
            return error.format_message().rstrip(".")


def _is_switch(flag: str, ctx: click.Context | None) -> bool:
    params = ctx.command.params if ctx is not None else []
    return any(
        isinstance(each, click.Option) and each.is_flag for each in params if flag in each.opts
    )


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
            raise click.UsageError(self._unused(rest, ctx.info_name or "it"), ctx)
        return rest

    def _unused(self, rest: list[str], name: str) -> str:
        words = ", ".join(f"'{printable(word)[:60]}'" for word in rest[:3])
        flags = [flag for param in self.params for flag in param.opts if flag.startswith("--")]
        near = difflib.get_close_matches(f"--{rest[0].partition('=')[0]}", flags, 1, 0.8)
        if near:
            return f"{words} means nothing here; did you mean {near[0]}?"
        taken = [
            param.human_readable_name for param in self.params if isinstance(param, click.Argument)
        ]
        if taken:
            return f"{words} means nothing here; {name} takes {', '.join(taken)} and flags"
        return f"{words} means nothing here; {name} takes flags alone, each with -- in front"


def road_option(roads: Sequence[str]) -> Callable[[_Command], _Command]:
    """Return the option that chooses ways to the server, all of which are named by ``roads``."""
    return click.option(
        "--road",
        "roads",
        multiple=True,
        type=click.Choice(roads),
        help="Take this way to the server; of several the first that passes. All without it.",
    )


def shown(value: object) -> str:
    """Return a bad value in quotes, short and in one line."""
    return f"'{printable(str(value))[:60]}'"


class Number(click.FloatRange):
    """A number within bounds; ``nan`` is none, although it passes every comparison."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Convert and check.

        Raises:
            click.BadParameter: It is no number, or out of bounds.
        """
        try:
            number: float = super().convert(value, param, ctx)
        except click.BadParameter as error:
            words = f"must be a number{self._bounds()}, not {shown(value)}"
            raise click.BadParameter(words, ctx, param) from error
        if number != number:  # noqa: PLR0124  the test for nan
            self.fail(f"must be a number{self._bounds()}, not nan", param, ctx)
        return number

    def _bounds(self) -> str:
        return f" from {self.min:g} to {self.max:g}"


class WholeNumber(click.IntRange):
    """A whole number within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Convert and check.

        Raises:
            click.BadParameter: It is no whole number, or out of bounds.
        """
        try:
            number: int = super().convert(value, param, ctx)
        except click.BadParameter as error:
            words = f"must be a whole number from {self.min} to {self.max}, not"
            raise click.BadParameter(f"{words} {shown(value)}", ctx, param) from error
        return number
