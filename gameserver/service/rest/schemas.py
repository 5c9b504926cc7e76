"""JSON Schema of messages and forms, from their classes.

Law: the classes are the only source: types from their annotations, sentences from their docstrings.

Source: JSON Schema 2020-12, the dialect of OpenAPI 3.1.
"""

import ast
import inspect
import sys
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs

_PLAIN: Final[Mapping[object, str]] = {
    int: "integer",
    bool: "boolean",
    float: "number",
    str: "string",
    NoneType: "null",
}

_BINARY: Final = {"type": "string", "description": "Bytes in base64, with - and _."}


class Schemas:
    """Collects the schemas of classes under their names."""

    def __init__(self) -> None:
        """Start without schemas."""
        self.found: dict[str, dict[str, Any]] = {}

    def of(self, kind: Any, *, sent: bool = False) -> dict[str, Any]:
        """Return the schema of a type; that of a class is a reference.

        Args:
            kind: A type as in an annotation of a message.
            sent: Whether clients send it: then fields with a default may be left out, and others
                than the fields are refused.
        """
        kind = getattr(kind, "__supertype__", kind)
        origin = get_origin(kind)
        if kind in _PLAIN:
            return {"type": _PLAIN[kind]}
        if kind is bytes:
            return dict(_BINARY)
        if origin is tuple:
            return {"type": "array", "items": self.of(get_args(kind)[0], sent=sent)}
        if origin is Mapping:
            values = self.of(get_args(kind)[1], sent=sent)
            return {"type": "object", "additionalProperties": values}
        if origin in (Union, UnionType):
            return self._any_of([self.of(each, sent=sent) for each in get_args(kind)])
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return {"type": "string", "enum": [str(each) for each in kind]}
        if attrs.has(kind):
            return self._named(kind, sent=sent)
        return {}

    @staticmethod
    def _any_of(parts: list[dict[str, Any]]) -> dict[str, Any]:
        if all(part.keys() == {"type"} for part in parts):
            return {"type": [part["type"] for part in parts]}
        return {"anyOf": parts}

    def _named(self, kind: type, *, sent: bool) -> dict[str, Any]:
        name = f"{kind.__name__}-sent" if sent else kind.__name__
        if name not in self.found:
            self.found[name] = {}  # a class that holds itself refers to this
            self.found[name] = self._object(kind, sent=sent)
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, kind: type, *, sent: bool) -> dict[str, Any]:
        hints, sentences = get_type_hints(kind), _sentences(kind)
        properties: dict[str, dict[str, Any]] = {}
        for field in attrs.fields(kind):
            schema = self.of(hints[field.name], sent=sent)
            if field.name in sentences:
                schema = {**schema, "description": sentences[field.name]}
            if sent and isinstance(field.default, str | int | bool):
                schema = {**schema, "default": field.default}
            properties[field.name] = schema
        required = [
            field.name for field in attrs.fields(kind) if not sent or field.default is attrs.NOTHING
        ]
        schema = {
            "type": "object",
            "description": _sentence(inspect.getdoc(kind) or ""),
            "properties": properties,
            "required": required,
        }
        return {**schema, "additionalProperties": False} if sent else schema


def summary_of(kind: type) -> str:
    """Return the first sentence of a class's docstring."""
    return _sentence((inspect.getdoc(kind) or "").partition("\n\n")[0])


def _sentence(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


def _sentences(kind: type) -> Mapping[str, str]:
    """Return the docstrings of a class's fields; empty without its source."""
    return _in_module(kind.__module__).get(kind.__name__, {})


@cache
def _in_module(name: str) -> Mapping[str, Mapping[str, str]]:
    """Return the docstrings of the fields of all classes of a module."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[name]))
    except OSError:
        return {}
    return {
        node.name: {
            field.target.id: _sentence(said.value.value)
            for field, said in pairwise(node.body)
            if isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(said, ast.Expr)
            and isinstance(said.value, ast.Constant)
            and isinstance(said.value.value, str)
        }
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
