"""Check a game's own class: attributes, methods, and classes that it does not list."""

import difflib
import inspect
import sys
from collections.abc import Callable
from typing import Any, Final

import attrs

from gameserver.errors import GameDefinitionError
from gameserver.game.checking.classes import (
    check_command,
    check_entity,
    check_event,
    check_options,
)
from gameserver.game.checking.found import Found, shown
from gameserver.game.checking.modes import check_teams
from gameserver.game.checking.pictures import check_pictures
from gameserver.game.entity import Entity, Event
from gameserver.game.game import Game
from gameserver.game.interest import Interest
from gameserver.game.maps.mapfault import Fault, Severity
from gameserver.game.maps.mapwire import NAME_PATTERN
from gameserver.game.maps.tilemap import MAX_PLAYERS, MAX_TITLE
from gameserver.game.options import form_of

MOST_TICKS_PER_S: Final = 120
"""Half of the inputs a second that a connection may send: after a stall a client sends its inputs
faster than one per tick."""

HOOKS: Final = tuple(name for name, value in vars(Game).items() if inspect.isfunction(value))
"""Names of all methods that the server calls."""

_NEEDED: Final = ("start", "step")


def definition_faults(game: Game) -> list[Fault]:
    """Return all faults of a game's classes, errors first.

    It plays nothing; of the methods only `Game.teams` is called, and only if all else is sound.
    """
    found = Found()
    _check_attributes(found, game)
    _check_classes(found, game)
    _check_methods(found, game)
    _check_unlisted(found, game)
    _check_state(found, game)
    if not any(fault.severity is Severity.ERROR for fault in found.faults):
        check_teams(found, game)
        check_pictures(found, game)
    return sorted(found.faults, key=lambda fault: fault.severity is not Severity.ERROR)


def require_sound(game: Game) -> None:
    """Check a game's classes.

    Raises:
        GameDefinitionError: There are errors; the sentence is that of the first one.
    """
    errors = [fault for fault in definition_faults(game) if fault.severity is Severity.ERROR]
    if errors:
        more = f"; and {len(errors) - 1} more" if errors[1:] else ""
        raise GameDefinitionError(f"{errors[0]}{more}")


# --- attributes ----------------------------------------------------------------------------------


def _check_attributes(found: Found, game: Game) -> None:
    name = type(game).__name__
    for attribute in ("name", "title", "entities", "command", "options"):
        if not hasattr(game, attribute):
            found.error(f"{name}.{attribute}", "is missing")
    shaped: dict[str, tuple[Callable[[Any], bool], str]] = {
        "name": (_is_name, "must be lower case letters, digits, - and _, at most 32"),
        "title": (_is_title, f"must be 1 to {MAX_TITLE} printable characters"),
        "tick_rate": (_is_rate, f"must be a whole number from 1 to {MOST_TICKS_PER_S}"),
        "snapshot_every": (_is_rate, "must be a whole number of ticks, from 1"),
        "seats": (_is_seats, f"must be fewest and most, as (1, 16), of at most {MAX_PLAYERS}"),
        "bot_levels": (_is_names, 'must be a tuple of names, as ("easy", "hard")'),
        "interest": (_is_interest, "must be an Interest or None"),
    }
    for attribute, (fits, wanted) in shaped.items():
        value = getattr(game, attribute, None)
        if hasattr(game, attribute) and not fits(value):
            found.error(f"{name}.{attribute}", f"is {shown(value)}: it {wanted}")
    if isinstance(game.interest, Interest) and game.interest.eye not in _listed(game, "entities"):
        found.error(f"{name}.interest", "its eye is not one of the game's entities")


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and NAME_PATTERN.fullmatch(value) is not None


def _is_title(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= MAX_TITLE and value.isprintable()


def _is_rate(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MOST_TICKS_PER_S


def _is_seats(value: Any) -> bool:
    two = isinstance(value, tuple) and len(value) == 2 and all(type(n) is int for n in value)
    return two and 1 <= value[0] <= value[1] <= MAX_PLAYERS


def _is_names(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_is_name, value)) and len(set(value)) == len(value)


def _is_interest(value: Any) -> bool:
    return value is None or isinstance(value, Interest)


# --- classes -------------------------------------------------------------------------------------


def _check_classes(found: Found, game: Game) -> None:
    for attribute, check in (("entities", check_entity), ("events", check_event)):
        place = f"{type(game).__name__}.{attribute}"
        value = getattr(game, attribute, ())
        if isinstance(value, type):
            found.error(place, "is a class", f"write ({value.__name__},) with a comma")
        elif not isinstance(value, tuple):
            found.error(place, f"is {shown(value)}: it must be a tuple of classes")
        else:
            listed = _listed(game, attribute)
            for number, each in enumerate(listed):
                check(found, each, f"{place}[{number}]")
                if each in listed[:number]:
                    found.error(f"{place}[{number}]", f"{shown(each)} is listed twice")
    if hasattr(game, "command"):
        check_command(found, game.command)
    if hasattr(game, "options"):
        check_options(found, game.options)
        _check_mode_option(found, game)


def _check_mode_option(found: Found, game: Game) -> None:
    """Check that `Game.mode_option` names a choice; faults of the options are found elsewhere."""
    name = game.mode_option
    options: Any = game.options
    if not isinstance(options, type):
        return
    try:
        choices = [field.name for field in form_of(options) if field.choices]
    except (GameDefinitionError, attrs.exceptions.NotAnAttrsClassError):
        return
    if name != "" and name not in choices:
        place = f"{type(game).__name__}.mode_option"
        known = f"one of {', '.join(choices)}" if choices else "empty: no option has choices"
        found.error(place, f"is {shown(name)}: it must be {known}")


def _listed(game: Game, attribute: str) -> tuple[Any, ...]:
    value: object = getattr(game, attribute, ())
    return value if isinstance(value, tuple) else ()


def _check_unlisted(found: Found, game: Game) -> None:
    """Warn of entities and events that the game's module defines and the game does not list."""
    module = sys.modules.get(type(game).__module__)
    for attribute, base in (("entities", Entity), ("events", Event)):
        listed = [each for each in _listed(game, attribute) if isinstance(each, type)]
        for name, value in vars(module).items() if module else ():
            own = isinstance(value, type) and issubclass(value, base) and value is not base
            if not own or value.__module__ != type(game).__module__:
                continue
            if not any(issubclass(each, value) for each in listed):
                message = f"is not listed in {type(game).__name__}.{attribute}"
                found.warn(name, message, "it cannot be used in a match")


# --- methods -------------------------------------------------------------------------------------


def _check_methods(found: Found, game: Game) -> None:
    name = type(game).__name__
    for hook in HOOKS:
        if _is_written(game, hook):
            _check_hook(found, game, hook)
        elif hook in _NEEDED:
            found.error(name, f"lacks {hook}()")
    if game.bot_levels and not _is_written(game, "bot"):
        found.error(name, "has bot_levels and lacks bot()")
    elif _is_written(game, "bot") and not game.bot_levels:
        found.warn(name, "has bot() and no bot_levels", 'write bot_levels = ("normal",)')
    if not _is_written(game, "outcome"):
        found.warn(name, "lacks outcome()", "its matches end only when everybody has left")
    if not _is_written(game, "join"):
        found.warn(name, "lacks join()", "whoever comes late gets nothing to play with")
    _check_spelling(found, game)


def _is_written(game: Game, hook: str) -> bool:
    return getattr(type(game), hook, None) is not vars(Game)[hook]


def _check_hook(found: Found, game: Game, hook: str) -> None:
    place = f"{type(game).__name__}.{hook}"
    method = getattr(game, hook)
    if not callable(method):
        found.error(place, "must be a method")
        return
    if inspect.iscoroutinefunction(method) or inspect.isgeneratorfunction(method):
        found.error(place, "must be a plain method: a tick never waits", "write def without async")
        return
    wanted = list(inspect.signature(vars(Game)[hook]).parameters)[1:]
    try:
        inspect.signature(method).bind(*wanted)
    except TypeError:
        found.error(place, f"must take {', '.join(wanted)} after self")
    except ValueError:  # a callable without a signature
        return


def _check_spelling(found: Found, game: Game) -> None:
    for cls in type(game).__mro__:
        if cls is Game:
            return
        for name, value in vars(cls).items():
            near = difflib.get_close_matches(name, HOOKS, n=1, cutoff=0.8)
            if not inspect.isfunction(value) or name in HOOKS or not near:
                continue
            if not _is_written(game, near[0]):
                place = f"{type(game).__name__}.{name}"
                found.warn(place, f"is never called: did you mean {near[0]}()?")


def _check_state(found: Found, game: Game) -> None:
    name = type(game).__name__
    for attribute in getattr(game, "__dict__", {}):
        message = "is state of the game object, which all matches share"
        found.warn(f"{name}.{attribute}", message, "keep what changes in the world's entities")
    for attribute, value in vars(type(game)).items():
        if attribute.startswith("__") or attribute in ("entities", "events", "options"):
            continue
        if isinstance(value, list | dict | set | bytearray):
            message = "can be changed, and all matches share it"
            found.warn(f"{name}.{attribute}", message, "write a tuple or frozenset")
