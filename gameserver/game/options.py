"""Options of a game: one attrs class, from which the lobby's form and its checks are made.

Law: the form that players see and the check of their values come from the same declaration.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

import attrs

from gameserver.errors import Code, GameDefinitionError, RequestError
from gameserver.game.guard import guarded

METADATA_KEY: Final = "gameserver.option"
OptionsT = TypeVar("OptionsT")

TEXT_LIMIT: Final = 64
"""Longest text option, in characters."""


class FieldKind(StrEnum):
    """How a form field is shown and checked."""

    INT = "int"
    CHOICE = "choice"
    BOOL = "bool"
    TEXT = "text"


@attrs.frozen
class FormField:
    """One field of a form, as clients receive it."""

    name: str
    kind: FieldKind
    label: str
    default: int | bool | str
    help: str = ""
    lo: int | None = None
    hi: int | None = None
    step: int = 1
    unit: str = ""
    choices: tuple[str, ...] = ()
    choice_labels: tuple[str, ...] = ()


def option(
    default: int | bool | str,
    label: str,
    *,
    help: str = "",  # noqa: A002  the field's usual name in forms
    lo: int | None = None,
    hi: int | None = None,
    step: int = 1,
    unit: str = "",
    choices: Mapping[str, str] | None = None,
) -> Any:
    """Declare an option of a game's options class.

    Args:
        default: Its type is the kind of the option: bool, int, or str (a choice if there are
            ``choices``).
        label: Name in the form, one to three words.
        help: One sentence for a tooltip.
        lo: Smallest integer, included; needed for integers.
        hi: Largest integer, included; needed for integers.
        step: Distance between the integers a form offers; other values are accepted.
        unit: Shown after an integer, such as ``"s"``.
        choices: Labels by value, in the order of the form.
    """
    shown = {"label": label, "help": help, "lo": lo, "hi": hi, "step": step, "unit": unit}
    return attrs.field(default=default, metadata={METADATA_KEY: (shown, choices or {})})


def form_of(options_class: type) -> tuple[FormField, ...]:
    """Return the form of an options class.

    Raises:
        GameDefinitionError: A field is not declared with `option`, or lacks bounds.
    """
    return tuple(form_field(options_class, a) for a in attrs.fields(options_class))


def form_field(options_class: type, attribute: "attrs.Attribute[Any]") -> FormField:
    """Return the form field of one attribute of an options class.

    Raises:
        GameDefinitionError: It is not declared with `option`, or the declaration is wrong.
    """
    where = f"{options_class.__name__}.{attribute.name}"
    if METADATA_KEY not in attribute.metadata:
        raise GameDefinitionError(f"{where} must be declared with option()")
    shown, choices = attribute.metadata[METADATA_KEY]
    if not isinstance(choices, Mapping):
        wanted = 'must map each value to its label, as {"dm": "Deathmatch"}'
        raise GameDefinitionError(f"{where}: choices {wanted}, not {choices!r:.60}")
    default = attribute.default
    _check_texts(where, default, shown, choices)
    if isinstance(default, bool):
        kind = FieldKind.BOOL
    elif isinstance(default, int):
        kind = FieldKind.INT
        if shown["lo"] is None or shown["hi"] is None:
            raise GameDefinitionError(f"{where} is an integer and needs lo and hi")
        _check_bounds(where, default, shown)
    elif isinstance(default, str):
        kind = FieldKind.CHOICE if choices else FieldKind.TEXT
        if choices and default not in choices:
            raise GameDefinitionError(f"{where}: the default is not one of the choices")
        if len(default) > TEXT_LIMIT:
            sentence = f"the default has {len(default)} characters, more than the {TEXT_LIMIT}"
            raise GameDefinitionError(f"{where}: {sentence} that a text option may have")
    else:
        raise GameDefinitionError(f"{where} must be bool, int or str")
    return FormField(
        attribute.name,
        kind,
        default=default,
        choices=tuple(choices),
        choice_labels=tuple(choices.values()),
        **shown,
    )


def _check_bounds(where: str, default: int, shown: Mapping[str, Any]) -> None:
    lo, hi, step = shown["lo"], shown["hi"], shown["step"]
    if not all(type(number) is int for number in (lo, hi, step)) or step < 1:
        raise GameDefinitionError(f"{where}: lo, hi and step must be whole numbers, step from 1")
    if lo > hi:
        raise GameDefinitionError(f"{where}: lo {lo} is above hi {hi}")
    if not lo <= default <= hi:
        raise GameDefinitionError(f"{where}: the default {default} is not from {lo} to {hi}")


def _check_texts(
    where: str, default: object, shown: Mapping[str, Any], choices: Mapping[str, str]
) -> None:
    """Check the texts of a field: one character that cannot be sent would break the whole form."""
    if not isinstance(shown["label"], str) or not shown["label"].strip():
        raise GameDefinitionError(f"{where} needs a label")
    texts = [shown["label"], shown["help"], shown["unit"], *choices, *choices.values()]
    if isinstance(default, str):
        texts.append(default)
    for text in texts:
        if not isinstance(text, str) or not text.isprintable():
            raise GameDefinitionError(f"{where}: {text!r} is no text of printable characters")


def build_options(options_class: type[OptionsT], values: Mapping[str, object]) -> OptionsT:
    """Build options from values of a client; an option without a value takes its default.

    Raises:
        RequestError: ``lobby.bad_options``; the details map each wrong field to its fault.
        GameFaultError: The options class raised, although all values are within their bounds.
    """
    form = {field.name: field for field in form_of(options_class)}
    faults = {name: "is no option of this game" for name in values if name not in form}
    for name, value in values.items():
        if name in form and (fault := _fault(form[name], value)):
            faults[name] = fault
    if faults:
        sentence = "; ".join(f"{name} {fault}" for name, fault in faults.items())
        raise RequestError(Code.LOBBY_BAD_OPTIONS, sentence, {"fields": faults})
    with guarded(options_class, "__init__"):
        return options_class(**values)


def _fault(field: FormField, value: object) -> str | None:
    match field.kind:
        case FieldKind.BOOL:
            return None if isinstance(value, bool) else "must be true or false"
        case FieldKind.INT:
            if not isinstance(value, int) or isinstance(value, bool):
                return "must be a whole number"
            assert field.lo is not None
            assert field.hi is not None
            in_bounds = field.lo <= value <= field.hi
            return None if in_bounds else f"must be from {field.lo} to {field.hi}"
        case FieldKind.CHOICE:
            return None if value in field.choices else f"must be one of {', '.join(field.choices)}"
        case FieldKind.TEXT:
            fits = isinstance(value, str) and len(value) <= TEXT_LIMIT
            return None if fits else f"must be text of at most {TEXT_LIMIT} characters"
