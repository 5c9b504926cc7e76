"""Convert plain values to message classes and back, without any coercion.

Law: a value has the declared type or is refused: "12" is no number, 1 is no boolean, and NaN is
refused everywhere. The error sentence names the path of the refused value.

cattrs coerces by default; every primitive type has a hook here that does not.
"""

import math
import operator
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any, Final, TypeVar, get_args, get_origin

import attrs
from cattrs import Converter, transform_error
from cattrs.errors import (
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn

from gameserver.errors import Code, ProtocolError
from gameserver.protocol import limits
from gameserver.text import shown

MessageT = TypeVar("MessageT")

_SHOWN_FAULTS: Final = 4

_NO_MAP: Final = "must be a map"

TextHook = Callable[[object, type], str]


class ShapeError(ValueError):
    """A value is not of the declared type; the text follows the value's path in the sentence."""


def _integer(value: object, _: type) -> int:
    if type(value) is not int or not -limits.INTEGER < value < limits.INTEGER:
        raise ShapeError("must be a whole number within ±2^53")
    return value


def _boolean(value: object, _: type) -> bool:
    if type(value) is not bool:
        raise ShapeError("must be true or false")
    return value


def _text(value: object, _: type) -> str:
    if type(value) is not str:
        raise ShapeError("must be text")
    return value


def _shown_text(value: object, cls: type) -> str:
    return shown(_text(value, cls))


def _binary(value: object, _: type) -> bytes:
    if type(value) is not bytes:
        raise ShapeError("must be binary")
    return value


def _number(value: object, _: type) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
        raise ShapeError("must be a finite number")
    return float(value)  # type: ignore[arg-type]


def _enum(value: object, cls: type[StrEnum]) -> StrEnum:
    if type(value) is not str or value not in cls._value2member_map_:
        raise ShapeError(f"must be one of {', '.join(cls)}")
    return cls(value)


def _plain_union_hook(text: TextHook) -> Callable[[object, object], int | bool | str]:
    def structure(value: object, _: object) -> int | bool | str:
        if type(value) is int:
            return _integer(value, int)
        if type(value) is str:
            return text(value, str)
        if type(value) is not bool:
            raise ShapeError("must be a whole number, true, false or text")
        return value

    return structure


def _anything(value: object, _: object) -> object:
    return value


_SCALARS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    int: _integer,
    bool: _boolean,
    str: _text,
    bytes: _binary,
    float: _number,
    StrEnum: _enum,
}
"""Hooks by class. cattrs takes the hook of the nearest base class, so a `StrEnum` field gets the
hook of `StrEnum`, not that of `str`."""


def _is_plain_union(cls: Any) -> bool:
    return set(get_args(cls)) == {int, bool, str}


def _is_tuple(cls: Any) -> bool:
    return get_origin(cls) is tuple


def _is_mapping(cls: Any) -> bool:
    return get_origin(cls) is Mapping


def _tuple_hook(converter: Converter) -> Callable[[Any], Callable[[Any, Any], Any]]:
    def make(cls: Any) -> Callable[[Any, Any], Any]:
        item = get_args(cls)[0]

        def structure(value: Any, _: Any) -> Any:
            if type(value) is not list:
                raise ShapeError("must be an array")
            return tuple(_within(converter, i, part, item) for i, part in enumerate(value))

        return structure

    return make


def _tuple_back_hook(converter: Converter) -> Callable[[Any], Callable[[Any], list[Any]]]:
    """Return a factory of hooks that convert a tuple to a list of plain values.

    Each hook keeps its last result: the same tuple is often sent to many clients in a row, such as
    the players of a match, and is converted once.
    """

    def make(cls: Any) -> Callable[[Any], list[Any]]:
        item = get_args(cls)[0]
        last: tuple[object, list[Any]] = (None, [])
        hook: Callable[[Any], Any] | None = None

        def unstructure(value: Any) -> list[Any]:
            nonlocal last, hook
            if last[0] is not value:
                # Looked up at the first value: a class may have a tuple of its own kind.
                hook = hook or converter.get_unstructure_hook(item)
                last = (value, list(map(hook, value)))
            return last[1]

        return unstructure

    return make


def _mapping_hook(
    converter: Converter, text: TextHook
) -> Callable[[Any], Callable[[Any, Any], Any]]:
    def make(cls: Any) -> Callable[[Any, Any], Any]:
        item = get_args(cls)[1]

        def structure(value: Any, _: Any) -> Any:
            if type(value) is not dict:
                raise ShapeError(_NO_MAP)
            return {
                text(key, str): _within(converter, key, part, item) for key, part in value.items()
            }

        return structure

    return make


def _within(converter: Converter, index: int | str, part: Any, item: Any) -> Any:
    """Structure one item of a collection; an error gets the item's index or key as its path."""
    try:
        return converter.structure(part, item)
    except (BaseValidationError, ShapeError) as error:
        error.add_note(IterableValidationNote("", index, item))
        raise IterableValidationError("", [error], item) from None


def _class_hook(
    converter: Converter, *, refuse_unknown: bool
) -> Callable[[Any], Callable[[Any, Any], Any]]:
    def make(cls: Any) -> Callable[[Any, Any], Any]:
        structure = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=refuse_unknown)

        def checked(value: Any, wanted: Any) -> Any:
            if type(value) is not dict:
                raise ShapeError(_NO_MAP)
            return structure(value, wanted)

        return checked

    return make


def make_converter(*, refuse_unknown: bool, text: TextHook = _text) -> Converter:
    """Return a converter without coercion.

    Args:
        refuse_unknown: Whether an unknown key is an error (requests) or ignored (messages of a peer
            with a newer minor version).
        text: The hook for each text, keys of maps included.
    """
    converter = Converter(
        omit_if_default=True, unstruct_collection_overrides={Mapping: dict, tuple: list}
    )
    converter.register_structure_hook_factory(_is_tuple, _tuple_hook(converter))
    converter.register_unstructure_hook_factory(_is_tuple, _tuple_back_hook(converter))
    converter.register_structure_hook_factory(_is_mapping, _mapping_hook(converter, text))
    converter.register_structure_hook_factory(
        attrs.has, _class_hook(converter, refuse_unknown=refuse_unknown)
    )
    converter.register_structure_hook_func(_is_plain_union, _plain_union_hook(text))
    converter.register_structure_hook_func(partial(operator.is_, object), _anything)
    for kind, hook in _SCALARS.items():
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook(str, text)
    return converter


FROM_CLIENT: Final = make_converter(refuse_unknown=True)
FROM_NEWER_CLIENT: Final = make_converter(refuse_unknown=False)
FROM_SERVER: Final = make_converter(refuse_unknown=False, text=_shown_text)
"""Replaces control characters in texts: a hostile server must not control a terminal in which its
texts are shown (threat 46)."""


def structure(converter: Converter, value: object, cls: type[MessageT], what: str) -> MessageT:
    """Convert a map to a message class; ``what`` begins the sentence of an error.

    Raises:
        ProtocolError: ``bad_params``; the sentence names the path of each wrong value, at most
            `_SHOWN_FAULTS`.
    """
    try:
        return converter.structure(value, cls)
    except (BaseValidationError, ShapeError) as error:
        raise ProtocolError(Code.BAD_PARAMS, f"{what}: {_faults(error)}") from None


def _faults(error: Exception) -> str:
    """Return the paths and faults of the first `_SHOWN_FAULTS` wrong values."""
    lines = transform_error(error, path="", format_exception=_fault)
    faults = []
    for line in lines[:_SHOWN_FAULTS]:
        fault, _, place = line.rpartition(" @ ")
        whole = "what stands in the map's place" if fault == _NO_MAP else "its map"
        faults.append(f"{place.lstrip('.') or whole} {fault}")
    return "; ".join(faults)


def _fault(error: BaseException, _: type | None) -> str:
    match error:
        case KeyError():
            return "is missing"
        case ForbiddenExtraKeysError():
            return f"has unknown keys: {', '.join(sorted(map(ascii, error.extra_fields)))[:80]}"
        case _:
            return str(error)
