"""What is said of a command line that cannot be understood, in this project's words.

Law: one line that names the flag or argument, says what is wrong with it, and where help is.
"""

import click


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
