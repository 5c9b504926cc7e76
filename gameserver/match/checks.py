"""Check the events, results and bots that a game returns, before they are sent or stored.

Law: a value that cannot be encoded is the game's fault: it ends the match in the tick in which it
was returned, and never reaches a player, a log or the rooms.
"""

from typing import Any, Final

import attrs

from gameserver.errors import GameFaultError
from gameserver.game.entity import Event, Outcome, Standing
from gameserver.game.game import Game
from gameserver.game.guard import shown
from gameserver.game.schema.table import TEXT_CHARS, too_long

INTEGER: Final = 1 << 53
"""Bound of all integers, exclusive: a double, the only number of JavaScript, is exact below it."""

STANDINGS: Final = 1024
"""Most lines of a result."""

STATS: Final = 32
"""Most entries of `Standing.stats`."""


def check_event(event: Event) -> None:
    """Check an event's fields.

    Raises:
        GameFaultError: A field is no ``int``, ``bool`` or ``str`` within bounds; the sentence names
            event and field.
    """
    for field in attrs.fields(type(event)):
        value = getattr(event, field.name)
        fault = "" if value.__class__ is bool else _fault_of(value)
        if fault:
            where = f"event {type(event).__name__}, field {field.name}"
            raise GameFaultError(f"{where}: {fault}")


def checked_outcome(outcome: object) -> Outcome | None:
    """Return the result of a game's `outcome` or `standings`, with tuples where lists are allowed.

    Raises:
        GameFaultError: It is no `Outcome`, or a value in it is out of bounds; the sentence names
            the value.
    """
    if outcome is None:
        return None
    if not isinstance(outcome, Outcome):
        raise GameFaultError(f"outcome: {shown(outcome):.80} is no Outcome")
    _text(outcome.winner, "outcome, winner")
    for number, score in enumerate(_sequence(outcome.team_scores, "outcome, team_scores"), 1):
        _integer(score, f"outcome, score of team {number}")
    standings = _sequence(outcome.standings, "outcome, standings")
    for number, line in enumerate(standings):
        _check_standing(line, f"outcome, standings[{number}]")
    return attrs.evolve(outcome, standings=tuple(standings), team_scores=tuple(outcome.team_scores))


def require_bot(game: Game, bot: object) -> None:
    """Check the result of a game's `bot`.

    Raises:
        GameFaultError: It has no method ``command``, or is a class.
    """
    if isinstance(bot, type) or not callable(getattr(bot, "command", None)):
        given = f"the class {bot.__name__}" if isinstance(bot, type) else shown(bot)
        raise GameFaultError(f"{type(game).__name__}.bot() returned {given:.80}, which is no bot")


def _check_standing(line: Any, where: str) -> None:
    if not isinstance(line, Standing):
        raise GameFaultError(f"{where}: {shown(line):.80} is no Standing")
    for name in ("seat", "team", "score"):
        _integer(getattr(line, name), f"{where}.{name}")
    _text(line.name, f"{where}.name")
    if line.won.__class__ is not bool:
        raise GameFaultError(f"{where}.won: {line.won!r} is no bool")
    stats: Any = line.stats
    if not isinstance(stats, dict) or len(stats) > STATS:
        raise GameFaultError(f"{where}.stats: a dict of at most {STATS} numbers is needed")
    for key, value in stats.items():
        _text(key, f"{where}.stats, a key")
        _integer(value, f"{where}.stats[{key!r}]")


def _fault_of(value: Any) -> str:
    """Return what is wrong with a number or text; empty if nothing is."""
    if value.__class__ is str:
        if len(value) > TEXT_CHARS:
            return too_long(value)
        return "" if value.isascii() or _encodable(value) else f"{value!r:.80} is no Unicode text"
    fits = value.__class__ is int and -INTEGER < value < INTEGER
    return "" if fits else f"{shown(value):.80} is no whole number within 2^53"


def _integer(value: Any, where: str) -> None:
    if value.__class__ is not int or _fault_of(value):
        raise GameFaultError(f"{where}: {shown(value):.80} is no whole number within 2^53")


def _text(value: Any, where: str) -> None:
    if value.__class__ is not str:
        raise GameFaultError(f"{where}: {shown(value):.80} is no text")
    if fault := _fault_of(value):
        raise GameFaultError(f"{where}: {fault}")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _sequence(value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, tuple | list) or len(value) > STANDINGS:
        raise GameFaultError(f"{where}: a tuple of at most {STANDINGS} is needed")
    return tuple(value)
