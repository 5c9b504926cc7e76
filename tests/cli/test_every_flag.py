"""Every flag of every command refuses bad values in one line that names it.

Law: the cases are made from the commands themselves, so a new flag is tested by being there.
"""

from collections.abc import Iterator
from importlib import import_module

import click
import pytest

from gameserver.cli.main import COMMANDS
from gameserver.service.config.values import FIELDS
from tests.cli.command import gameserver

WORDS = {
    "url": ["ws://192.168.1..5:7777", "ws://:7777", "http://[::1"],
    "game": ["arean", "examples/tag.py", "no.such:Game"],
    "level": ["brutal"],
    "token": None,
    "name": None,
    "secret": None,
    "reason": None,
    "text": None,
    "config": ["/nowhere/at/all.toml"],
}
"""Of flags that take any text: values that are wrong all the same; None where none is."""

NEEDED = {
    "drain": ["folder"],
    "check": ["arena"],
    "maps check": ["maps"],
    "replay list": ["data"],
    "replay info": ["data"],
    "replay verify": ["data"],
    "replay export": ["data"],
    "replay diff": ["data", "data"],
    "replay clip": ["data"],
    "replay step": ["data"],
    "replay film": ["data", "--to=film"],
    "admin lobby": ["l1"],
    "admin match": ["m1"],
    "admin report": ["1"],
    "admin kick": ["ann"],
    "admin ban": ["ann"],
    "admin mute": ["ann"],
    "admin unban": ["1"],
    "admin rename": ["ann", "bob"],
    "admin close": ["l1"],
    "admin broadcast": ["hello"],
    "admin settle": ["1"],
}
"""Arguments without which a command does not come to its flags."""


def commands() -> Iterator[tuple[str, click.Command]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["gameserver"])
        for name in COMMANDS:
            command: click.Command = import_module(f"gameserver.cli.{name}").build()
            if isinstance(command, click.Group):
                for inner, each in command.commands.items():
                    yield f"{name} {inner}", each
            else:
                yield name, command


def bad_values(option: click.Option) -> list[str]:
    kind = option.type
    if isinstance(kind, click.IntRange | click.FloatRange):
        assert kind.min is not None, f"{option.opts}: a number has bounds"
        assert kind.max is not None, f"{option.opts}: a number has bounds"
        return [
            "many",
            "nan",
            "1e999",
            "",
            str(int(kind.min) - 1),
            str(int(kind.max) + 1),
            "x" * 5000,
        ]
    if isinstance(kind, click.Path):
        return ["/nowhere/at/all"]
    if isinstance(kind, click.Choice):
        return ["neither"]
    assert option.name in WORDS, f"{option.opts}: what is no value of it?"
    return WORDS[option.name] or []


CLICKS_WORDS = (
    "Got unexpected",
    "Missing ",
    "requires an argument",
    "does not take",
    "Invalid value",
)
"""What is said where a mistake was not thought of."""

CASES = [
    (command, option.opts[-1], value)
    for command, built in commands()
    for option in built.params
    if isinstance(option, click.Option) and not option.is_flag
    if option.name not in FIELDS or command != "serve"
    for value in bad_values(option)
]


@pytest.mark.parametrize(("command", "flag", "value"), CASES)
def test_a_bad_value_is_exit_code_2_and_one_line_that_names_the_flag_or_the_value(
    command: str, flag: str, value: str
) -> None:
    more = ["--game", "arena"] if flag == "--level" else []
    ended = gameserver(*command.split(), *NEEDED.get(command, []), *more, f"{flag}={value}")
    assert ended.code == 2
    assert ended.out == ""
    assert flag in ended.sentence or value in ended.sentence
    assert len(ended.sentence) < 400


@pytest.mark.parametrize(("command", "built"), list(commands()))
def test_a_misspelt_flag_is_answered_with_the_nearest_flag(
    command: str, built: click.Command
) -> None:
    options = [param for param in built.params if isinstance(param, click.Option)]
    for option in options:
        flag = max(option.opts, key=len)
        if len(flag) < 7:
            continue
        misspelt = flag[:-2] + flag[-1] + flag[-2] + "x"
        ended = gameserver(*command.split(), *NEEDED.get(command, []), misspelt, "1")
        assert ended.code == 2
        assert f"there is no option {misspelt}; did you mean {flag}?" in ended.sentence


def help_named(command: str) -> str:
    return f"(see gameserver {command} --help)"


@pytest.mark.parametrize(("command", "built"), list(commands()))
def test_an_argument_too_many_is_named_in_this_projects_words(
    command: str, built: click.Command
) -> None:
    if any(param.nargs == -1 for param in built.params):
        return
    ended = gameserver(*command.split(), *NEEDED.get(command, []), "four", "\x1b[31m")
    assert (ended.code, ended.out) == (2, "")
    assert "'four', '\\x1b[31m' means nothing here; " in ended.sentence
    assert help_named(command) in ended.sentence
    assert not any(words in ended.sentence for words in CLICKS_WORDS)


@pytest.mark.parametrize("command", NEEDED)
def test_a_missing_argument_is_named_with_the_usage(command: str) -> None:
    ended = gameserver(*command.split())
    assert (ended.code, ended.out) == (2, "")
    assert f" is missing: gameserver {command} " in ended.sentence
    assert not any(words in ended.sentence for words in CLICKS_WORDS)


@pytest.mark.parametrize(("command", "built"), list(commands()))
def test_a_flag_without_its_value_or_with_a_value_too_many_is_named(
    command: str, built: click.Command
) -> None:
    for option in (param for param in built.params if isinstance(param, click.Option)):
        flag = option.opts[-1]
        if flag == "--config":  # read before the others
            continue
        typed = [f"{flag}=1"] if option.is_flag else [flag]
        ended = gameserver(*command.split(), *NEEDED.get(command, []), *typed)
        wrong = "takes no value" if option.is_flag else "needs a value behind it"
        assert ended.code == 2
        assert ended.sentence == f"error: {flag} {wrong} {help_named(command)}"


def test_an_argument_that_resembles_a_flag_is_answered_with_that_flag() -> None:
    ended = gameserver("bots", "players=3")
    assert "'players=3' means nothing here; did you mean --players?" in ended.sentence
