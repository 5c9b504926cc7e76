"""Check the classes of a game: entities, events, command, options."""

from typing import Any

import attrs

from gameserver.errors import GameDefinitionError
from gameserver.game.checking.found import (
    Found,
    declares_fields,
    is_decorated,
    lost_annotations,
    shown,
    untyped_values,
)
from gameserver.game.command import METADATA_KEY, Command, CommandKind, command_field
from gameserver.game.entity import Entity, Event
from gameserver.game.options import form_field
from gameserver.game.schema.table import (
    BASE_FIELDS,
    check_look,
    event_field,
    state_field,
    type_hints,
)

MOST_COMMAND_FIELDS = 32
"""`gameserver.protocol.limits.INPUT_FIELDS`, which this package must not import."""
MOST_OPTIONS = 60
"""Most options: a lobby's configuration is one map, which has at most 64 entries on the wire."""

_ENTITY = "@attrs.define(eq=False)"
_FROZEN = "@attrs.frozen"


def check_entity(found: Found, entity: object, place: str) -> None:
    """Check one class of `Game.entities`."""
    if not _is_class(found, entity, Entity, place):
        return
    assert isinstance(entity, type)
    name = entity.__name__
    if not _is_made(found, entity, Entity, _ENTITY):
        return
    hints = _hints(found, entity)
    if hints is None:
        return
    _untyped(found, entity, Entity)
    before = len(found.faults)
    for attribute in attrs.fields(entity):
        where = f"{name}.{attribute.name}"
        if attribute.name in BASE_FIELDS:
            if not attribute.inherited:
                found.error(where, "hides a field that every entity has", "give it another name")
        elif attribute.name not in hints:
            found.error(where, "has no type", f"write {attribute.name}: int = ...")
        else:
            _collect(found, state_field, entity, attribute, hints)
    if len(found.faults) == before:
        _collect(found, check_look, entity)
        _check_made_entity(found, entity)


def _check_made_entity(found: Found, entity: type[Entity]) -> None:
    """Check that an entity can be made, changed, and is compared by identity."""
    name = entity.__name__
    try:
        made = entity()
        made.ordinal = -1
    except attrs.exceptions.FrozenInstanceError:
        found.error(name, "is frozen, and entities change", f"write {_ENTITY} above it")
    except Exception as error:  # whatever an author's class raises
        message = f"cannot be made without arguments: {shown(error)}"
        found.error(name, message, "give every field a default")
    if entity.__eq__ is not object.__eq__:
        found.warn(name, "two of them are equal when their fields are", f"write {_ENTITY} above it")


def check_event(found: Found, event: object, place: str) -> None:
    """Check one class of `Game.events`."""
    if not _is_class(found, event, Event, place):
        return
    assert isinstance(event, type)
    _untyped(found, event, Event)
    if not _is_made(found, event, Event, _FROZEN) or (hints := _hints(found, event)) is None:
        return
    for attribute in attrs.fields(event):
        if attribute.name not in hints:
            where = f"{event.__name__}.{attribute.name}"
            found.error(where, "has no type", f"write {attribute.name}: int")
        else:
            _collect(found, event_field, event, attribute, hints)
    if not isinstance(getattr(event, "reliable", None), bool):
        found.error(f"{event.__name__}.reliable", "must be True or False")


def check_command(found: Found, command: object) -> None:
    """Check `Game.command`."""
    if not _is_class(found, command, Command, "command"):
        return
    assert isinstance(command, type)
    if not _is_made(found, command, Command, _FROZEN):
        return
    _untyped(found, command, Command)
    before, fields = len(found.faults), [a for a in attrs.fields(command) if a.name != "view"]
    for attribute in fields:
        _collect(found, command_field, command, attribute)
        _check_edge(found, command, attribute)
    if len(fields) > MOST_COMMAND_FIELDS:
        message = f"has {len(fields)} fields, and {MOST_COMMAND_FIELDS} fit into an input"
        found.error(command.__name__, message)
    if len(found.faults) == before:
        _made(found, command)


def _check_edge(found: Found, command: type, attribute: "attrs.Attribute[Any]") -> None:
    """Warn of a press that is declared as a number: a game would store True where it wants 1."""
    kind = attribute.metadata.get(METADATA_KEY, (None,))[0]
    if kind is CommandKind.EDGE and attribute.type in (int, "int"):
        found.warn(
            f"{command.__name__}.{attribute.name}",
            "is an edge, which is True or False, and declared as int",
            "write bool, or level(lo, hi) for a number",
        )


def check_options(found: Found, options: object) -> None:
    """Check `Game.options`."""
    if not isinstance(options, type):
        found.error("options", f"{shown(options)} is no class", "write an attrs class of options")
        return
    if not is_decorated(options):
        found.error(options.__name__, "lacks its decorator", f"write {_FROZEN} above it")
        return
    for lost in lost_annotations(options, object):
        _lost(found, options, lost)
    before = len(found.faults)
    for attribute in attrs.fields(options):
        _collect(found, form_field, options, attribute)
    if len(attrs.fields(options)) > MOST_OPTIONS:
        found.error(options.__name__, f"has more than {MOST_OPTIONS} options")
    if len(found.faults) == before:
        _made(found, options)


def _is_class(found: Found, cls: object, base: type, place: str) -> bool:
    if isinstance(cls, type) and issubclass(cls, base):
        if cls is not base or base is Command:
            return True
        found.error(place, f"{base.__name__} itself is no class of a game", "subclass it")
        return False
    name = cls.__name__ if isinstance(cls, type) else shown(cls)
    hint = f"write class {name}({base.__name__})" if isinstance(cls, type) else ""
    found.error(place, f"{name} is no subclass of {base.__name__}", hint)
    return False


def _is_made(found: Found, cls: type, base: type, decorator: str) -> bool:
    if not is_decorated(cls) and declares_fields(cls):
        found.error(cls.__name__, "lacks its decorator", f"write {decorator} above class")
        return False
    lost = list(lost_annotations(cls, base))
    for name in lost:
        _lost(found, cls, name)
    return not lost


def _untyped(found: Found, cls: type, base: type) -> None:
    for name, value in untyped_values(cls, base):
        kind = type(value).__name__
        found.warn(
            f"{cls.__name__}.{name}",
            "has no type, so it is one value for all of them and no field",
            f"write {name}: {kind} = {shown(value)}, or {name.upper()} for a constant",
        )


def _lost(found: Found, cls: type, name: str) -> None:
    message = "is annotated and yet no field, since another attribute of the class has no type"
    found.error(f"{cls.__name__}.{name}", message, "give every attribute a type")


def _hints(found: Found, cls: type) -> dict[str, Any] | None:
    try:
        return dict(type_hints(cls))
    except GameDefinitionError as error:
        found.raised(error)
        return None


def _collect(found: Found, check: Any, *arguments: Any) -> None:
    try:
        check(*arguments)
    except GameDefinitionError as error:
        found.raised(error)


def _made(found: Found, cls: type) -> None:
    try:
        cls()
    except Exception as error:  # whatever an author's class raises
        message = f"cannot be made with its defaults: {shown(error)}"
        found.error(cls.__name__, message)
