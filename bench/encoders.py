"""The encoders, besides ours, by which a recorded match is encoded for comparison.

Law: every encoder sends the same state to the same viewer in every tick, events included: the
public part, and the viewer's own part. The part that is the same for all viewers is encoded once.
"""

import base64
import json
import subprocess
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgpack

from bench import cache
from bench.errors import BenchError
from bench.recording import Frame, Recording, Row, Rows
from gameserver.game.fields import Audience
from gameserver.game.schema.table import WireField

LONGEST_S: Final = 300.0
SHORT: Final = 65535
"""Largest range that Colyseus's 16 quantised bits hold without loss."""

INTEGERS: Final = (
    ("uint8", 0, 255), ("int8", -128, 127), ("uint16", 0, SHORT), ("int16", -32768, 32767),
)  # fmt: skip

Messages = list[list[bytes]]
"""Encoded messages by tick, then by viewer."""

_pack = msgpack.Packer().pack


def full_json(recording: Recording) -> Messages:
    """Return the whole state as JSON, with the names of fields."""
    names = names_of(recording)
    return [
        [
            json.dumps(
                {
                    "tick": tick,
                    "entities": named(frame.public, names["public"]),
                    "own": named(own, names["owner"]),
                    "events": frame.events,
                },
                separators=(",", ":"),
            ).encode()
            for own in seen_by(recording, frame)
        ]
        for tick, frame in enumerate(recording.frames)
    ]


def full_msgpack(recording: Recording) -> Messages:
    """Return the whole state as msgpack, in rows without names."""
    return [
        [
            _pack([tick, list(frame.public.values()), list(own.values()), frame.events])
            for own in seen_by(recording, frame)
        ]
        for tick, frame in enumerate(recording.frames)
    ]


def changed_msgpack(recording: Recording) -> Messages:
    """Return as msgpack the ids of removed entities, and the changed fields of all others."""
    told: Messages = []
    before = recording.first
    for tick, frame in enumerate(recording.frames):
        public = changes(before.public, frame.public)
        pairs = zip(seen_by(recording, before), seen_by(recording, frame), strict=True)
        told.append([_pack([tick, *public, *changes(*pair), frame.events]) for pair in pairs])
        before = frame
    return told


def changes(before: Rows, now: Rows) -> tuple[list[int], list[Any]]:
    """Return the ids that ended, and flat runs of id, mask and the values that changed."""
    old = {row[0]: row for rows in before.values() for row in rows}
    new = {row[0]: row for rows in now.values() for row in rows}
    told: list[Any] = []
    for number, row in new.items():
        known: Row = old.get(number, ())
        if len(known) != len(row):
            known = (number, *[None] * (len(row) - 1))
        differ = [i for i in range(1, len(row)) if row[i] != known[i]]
        if differ:
            told += [number, sum(1 << i - 1 for i in differ), *(row[i] for i in differ)]
    return [number for number in old if number not in new], told


def colyseus(recording: Recording) -> Messages:
    """Return the patches of Colyseus's schema encoder, each behind its byte of kind.

    Raises:
        BenchError: npm or the encoder failed.
    """
    frames = [recording.first, *recording.frames]
    public = patches(recording, Audience.PUBLIC, [frame.public for frame in frames])
    viewers = range(len(seen_by(recording, recording.first)))
    own = [
        patches(recording, Audience.OWNER, [frame.own[seat] for frame in frames])
        if recording.first.own[seat] else [b""] * len(frames)
        for seat in viewers
    ]  # fmt: skip
    told = []
    for at, frame in enumerate(recording.frames, 1):
        events = b"".join(_pack(list(event)) for event in frame.events)
        whole = [public[at] + own[seat][at] + events for seat in viewers]
        told.append([b"\x0f" + body if body else b"" for body in whole])
    return told


def patches(recording: Recording, audience: Audience, states: list[Rows]) -> list[bytes]:
    """Return Colyseus's patches for these states; the first patch is the whole state."""
    peers = cache.node_peers()
    tables = []
    for rows in recording.table.by_number:
        if audience in rows:
            name = rows[audience].entity.__name__
            columns = list(zip(*(row for state in states for row in state.get(name, ())),
                               strict=True))  # fmt: skip
            fields = rows[audience].fields
            shapes = [
                [f.name, *shape(f, columns[i + 1] if columns else ())] for i, f in enumerate(fields)
            ]
            tables.append([name, shapes])
    lines = "\n".join(json.dumps(item) for item in [tables, *states]) + "\n"
    try:
        done = subprocess.run(
            [peers.node, "schema.mjs"], cwd=peers.folder, input=lines, capture_output=True,
            text=True, check=True, timeout=LONGEST_S,
        )  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"Colyseus's encoder failed: {str(error.stderr)[-300:]}") from error
    return [base64.b64decode(line) for line in done.stdout.split("\n")[:-1]]


def shape(field: WireField, values: Iterable[Any]) -> list[Any]:
    """Return Colyseus's type for a field: the smallest that holds all that was recorded."""
    seen = list(values) or [0]
    if isinstance(seen[0], bool | str):
        return ["boolean" if isinstance(seen[0], bool) else "string"]
    if field.wrap is not None:
        return ["quantized", 0, field.wrap, True]
    lo, hi = min(seen), max(seen)
    if field.linear and lo >= 0 and hi <= SHORT:
        return ["quantized", 0, SHORT, False]
    fits = (name for name, least, most in INTEGERS if least <= lo and hi <= most)
    return [next(fits, "int32")]


def squeezed(told: dict[str, Messages]) -> dict[str, dict[str, int]]:
    """Return the bytes of each encoder's messages after zstd: each alone, and as streams.

    Raises:
        BenchError: The tool cannot be installed or failed.
    """
    script = cache.ROOT / "bench" / "peers" / "tools" / "squeeze.py"
    body = b"".join(
        _pack([key, viewer, message])
        for key, messages in told.items()
        for tick in messages
        for viewer, message in enumerate(tick)
        if message
    )
    try:
        done = subprocess.run([str(cache.python_tools()), "-B", str(script)], input=body,
                              capture_output=True, check=True, timeout=LONGEST_S)  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"zstd failed: {str(error.stderr)[-300:]}") from error
    result: dict[str, dict[str, int]] = json.loads(done.stdout)
    return result


def seen_by(recording: Recording, frame: Frame) -> list[Rows]:
    """Return the own part of each viewer; only the first one if no viewer has an own part."""
    return frame.own if any(recording.first.own) else frame.own[:1]


def names_of(recording: Recording) -> dict[str, dict[str, list[str]]]:
    """Return by audience and class the names of the fields."""
    return {
        audience.value: {
            rows[audience].entity.__name__: ["id", *(f.name for f in rows[audience].fields)]
            for rows in recording.table.by_number
            if audience in rows
        }
        for audience in (Audience.PUBLIC, Audience.OWNER)
    }


def named(rows: Rows, names: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return rows as objects."""
    return list(_named(rows, names))


def _named(rows: Rows, names: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    for name, members in rows.items():
        for row in members:
            yield {"type": name, **dict(zip(names[name], row, strict=True))}
