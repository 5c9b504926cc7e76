"""The examples for client authors are what the server says and does, byte for byte."""

import json
import re
from enum import Enum
from typing import Any

import msgpack
import pytest

from gameserver.errors import Code, ProtocolError
from gameserver.game.fields import Audience
from gameserver.game.fixed import SUB, TURN
from gameserver.game.maps.tilemap import TILE, TILE_PX, Decor, Ground, ObjectKind, Solid
from gameserver.game.schema.table import table_of
from gameserver.ids import NO_SEAT
from gameserver.messages import REQUESTS, wire
from gameserver.messages.base import Request
from gameserver.netcode.replication.decoder import SectionDecoder
from gameserver.protocol.codec import decode_client, decode_server, encode
from gameserver.testing.skirmish import Skirmish
from tests.vectors import make, reference, typescript
from tests.vectors.plain import plain
from tests.vectors.reader import Reader

NOT_OURS = {"Origin", "Upgrade", "Host", "Retry-After", "Runner", "Mouse", "MouseRight", "PadSouth"}
"""Names of HTTP, of a class in an example's schema, and of keys in bindings."""


def load(name: str) -> Any:
    return json.loads((make.FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(make.FILES))
def test_the_committed_file_is_up_to_date(name: str) -> None:
    assert (make.FOLDER / name).read_text(encoding="utf-8") == make.render(name), (
        "run script/make-vectors, and tell client authors"
    )


def test_the_reference_in_the_document_is_up_to_date() -> None:
    written = reference.DOCUMENT.read_text(encoding="utf-8")
    assert written == reference.render(load("messages.json")["messages"]), "run script/make-vectors"


def test_the_tables_of_the_javascript_client_are_up_to_date() -> None:
    written = typescript.TABLES.read_text(encoding="utf-8")
    assert written == typescript.render(), "run script/make-vectors"


def test_the_document_describes_the_wire_and_names_no_code() -> None:
    written = reference.DOCUMENT.read_text(encoding="utf-8")
    headings = set(re.findall(r"^#### (\w+)$", written, re.MULTILINE))
    camel = set(re.findall(r"`([A-Z]\w*[a-z]\w*)`", written))
    assert camel - headings - NOT_OURS == set(), "names of classes"
    assert re.findall(r"\b(?:None|True|False|NO_SEAT|Python)\b|`[A-Z]+_[A-Z_]+`", written) == [
        "`SO_SNDBUF`"
    ]


@pytest.mark.parametrize("enum", [Solid, Ground, Decor, ObjectKind], ids=lambda e: e.__name__)
def test_the_document_explains_every_value_of_a_map(enum: type[Enum]) -> None:
    written = reference.DOCUMENT.read_text(encoding="utf-8")
    begin = written.index("### The map")
    section = written[begin : written.index("\n### ", begin + 1)]
    for member in enum:
        shown = f"`{member.value}`" if isinstance(member.value, str) else str(member.value)
        assert re.search(rf"\| {shown} [^|]*\|", section), member


def test_the_units_in_the_document_are_those_of_the_code() -> None:
    written = " ".join(reference.DOCUMENT.read_text(encoding="utf-8").split())
    assert f"**{SUB} sub-units to the pixel**" in written
    assert f"**{TILE_PX} pixels, {TILE} sub-units**" in written
    assert f"**{TURN} steps to the full turn**" in written
    assert f"`{NO_SEAT}` stands where there is no seat" in written


def test_the_document_explains_every_error_code() -> None:
    written = reference.DOCUMENT.read_text(encoding="utf-8")
    assert [code for code in Code if f"| `{code}` |" not in written] == []


def asked(request_id: int) -> type[Request]:
    requests = {e["object"][1]: e["object"][2] for e in load("messages.json")["messages"]
                if e["object"][0] == wire.Kind.REQUEST}  # fmt: skip
    return REQUESTS[requests[request_id]]


@pytest.mark.parametrize("example", load("messages.json")["messages"], ids=lambda e: e["name"])
def test_every_example_decodes_and_encodes_to_the_same_bytes(example: Any) -> None:
    data = bytes.fromhex(example["hex"])
    assert plain(msgpack.unpackb(data)) == example["object"]
    found = decode_client(data) if example["from"] == "client" else decode_server(data, asked)
    assert len(found) == 1
    assert encode(found[0]) == data


@pytest.mark.parametrize("told", load("messages.json")["deltas"], ids=lambda told: told["about"])
def test_deltas_have_these_bytes_and_sections(told: dict[str, Any]) -> None:
    data = bytes.fromhex(told["hex"])
    (delta,) = decode_server(data, asked)
    assert isinstance(delta, wire.Delta)
    assert encode(delta) == data
    assert (delta.ticks, delta.tick) == (told["ticks"], told["tick"])
    assert [[s.number, s.body.hex()] for s in delta.sections] == told["sections"]


def test_every_kind_has_an_example() -> None:
    assert {e["object"][0] for e in load("messages.json")["messages"]} == set(wire.Kind)


@pytest.mark.parametrize("example", load("refused.json")["refused"], ids=lambda e: e["name"])
def test_every_bad_example_is_refused(example: Any) -> None:
    with pytest.raises(ProtocolError):
        decode_client(bytes.fromhex(example["hex"]))


CHAINS = load("snapshots.json")["chains"]


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain["audience"])
@pytest.mark.parametrize("joins_at", range(4))
def test_a_generic_reader_follows_the_chain_from_any_keyframe(chain: Any, joins_at: int) -> None:
    reader = Reader(load("snapshots.json")["schema"], chain["audience"])
    for number, step in enumerate(chain["steps"][joins_at:]):
        body = bytes.fromhex(step["delta"] if number else step["keyframe"])
        found = reader.apply(body, keyframe=number == 0)
        values = {str(i): entity["values"] for i, entity in reader.entities.items()}
        assert values == step["values"], step["about"]
        assert found["events"] == step["events"]
        assert reader.checksum() == step["checksum"]
        assert found["checksum"] in (None, step["checksum"])


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain["audience"])
def test_our_own_decoder_follows_the_chain(chain: Any) -> None:
    table = table_of(Skirmish())
    decoder = SectionDecoder(table, Audience(chain["audience"]))
    for number, step in enumerate(chain["steps"]):
        body = bytes.fromhex(step["delta"] if number else step["keyframe"])
        decoded = decoder.apply(body, keyframe=number == 0)
        values = {str(i): row.state[: len(row.table.fields)] for i, row in decoder.rows.items()}
        assert values == step["values"], step["about"]
        assert [[row.number, *fields] for row, fields in decoded.events] == step["events"]
        assert decoder.checksum() == step["checksum"]
        assert decoded.checksum in (None, step["checksum"])


@pytest.mark.parametrize("tail", [b"\xa1", b"\xcd\x01", b"\x92\x01"])
def test_our_own_decoder_refuses_a_keyframe_whose_last_value_is_cut_off(tail: bytes) -> None:
    decoder = SectionDecoder(table_of(Skirmish()), Audience.PUBLIC)
    body = bytes.fromhex(CHAINS[0]["steps"][0]["keyframe"])
    with pytest.raises(ProtocolError):
        decoder.apply(body + tail, keyframe=True)
