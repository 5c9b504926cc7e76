"""Schemas of classes as a client's author reads them."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from types import ModuleType

import attrs
import pytest

from gameserver.ids import PlayerId, Tick
from gameserver.service.rest.schemas import Schemas, summary_of


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@attrs.frozen
class Leaf:
    """A leaf of a ``tree``.

    More of it.
    """

    name: str
    """What it is
    called."""
    size: int = 3
    wide: bool = False
    """Whether it is wide."""
    note: bytes = b""


@attrs.frozen
class Branch:
    """Holds others."""

    leaves: tuple[Leaf, ...]
    by_name: Mapping[str, int]
    colour: Colour
    parent: "Branch | None" = None


def test_plain_types_have_the_names_of_json() -> None:
    schemas = Schemas()
    for kind, name in {
        int: "integer", bool: "boolean", float: "number", str: "string", type(None): "null",
        Tick: "integer", PlayerId: "string",
    }.items():  # fmt: skip
        assert schemas.of(kind) == {"type": name}
    assert schemas.of(bytes) == {
        "type": "string",
        "description": "Bytes in base64, with - and _.",
    }
    assert schemas.of(object) == {}
    assert schemas.of(tuple[int, ...]) == {"type": "array", "items": {"type": "integer"}}
    assert schemas.of(Mapping[str, bool]) == {
        "type": "object",
        "additionalProperties": {"type": "boolean"},
    }
    assert schemas.of(int | None) == {"type": ["integer", "null"]}
    assert schemas.of(Colour) == {"type": "string", "enum": ["red", "blue"]}
    assert schemas.found == {}


def test_a_class_is_described_by_its_sentences_and_all_of_its_fields_are_there() -> None:
    schemas = Schemas()
    assert schemas.of(Leaf) == {"$ref": "#/components/schemas/Leaf"}
    assert schemas.found == {
        "Leaf": {
            "type": "object",
            "description": "A leaf of a `tree`. More of it.",
            "properties": {
                "name": {"type": "string", "description": "What it is called."},
                "size": {"type": "integer"},
                "wide": {"type": "boolean", "description": "Whether it is wide."},
                "note": {"type": "string", "description": "Bytes in base64, with - and _."},
            },
            "required": ["name", "size", "wide", "note"],
        }
    }
    assert summary_of(Leaf) == "A leaf of a `tree`."


def test_what_clients_send_may_leave_out_defaults_and_has_no_other_fields() -> None:
    schemas = Schemas()
    assert schemas.of(Leaf, sent=True) == {"$ref": "#/components/schemas/Leaf-sent"}
    sent = schemas.found["Leaf-sent"]
    assert sent["required"] == ["name"]
    assert sent["additionalProperties"] is False
    assert sent["properties"]["size"] == {"type": "integer", "default": 3}
    assert sent["properties"]["wide"]["default"] is False
    assert "default" not in sent["properties"]["name"]
    assert "default" not in sent["properties"]["note"], "bytes are no value of JSON"


def test_a_class_may_hold_others_and_itself() -> None:
    schemas = Schemas()
    schemas.of(Branch, sent=True)
    assert set(schemas.found) == {"Branch-sent", "Leaf-sent"}
    fields = schemas.found["Branch-sent"]["properties"]
    assert fields["leaves"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Leaf-sent"},
    }
    assert fields["parent"] == {
        "anyOf": [{"$ref": "#/components/schemas/Branch-sent"}, {"type": "null"}]
    }
    assert schemas.found["Branch-sent"]["required"] == ["leaves", "by_name", "colour"]


def test_a_class_without_source_has_no_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("made_elsewhere")
    module.__file__ = "/nowhere/made_elsewhere.py"
    monkeypatch.setitem(sys.modules, module.__name__, module)
    made = attrs.make_class("Made", {"name": attrs.field(type=str)})
    made.__module__ = module.__name__
    schemas = Schemas()
    schemas.of(made)
    assert schemas.found["Made"]["properties"] == {"name": {"type": "string"}}
