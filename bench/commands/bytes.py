"""``script/bench bytes``: what a recorded match costs on the wire, by encoder.

Law: all encoders encode the same states of the same match. Bytes of payload and bytes on the wire
are both reported, since small messages consist mostly of headers.
"""

from collections.abc import Callable
from typing import Any, Final

from bench import encoders, recording
from bench.encoders import Messages
from bench.errors import BenchError
from bench.figures import HEADERS_BYTES
from bench.recording import Recording
from bench.show import Column, bar, finish, table

OURS: Final = "gameserver"
SHORT_FRAME: Final = 126
"""Payload bytes from which the header of a frame has four bytes instead of two."""


def ours(made: Recording) -> Messages:
    """Return the messages that the match sent."""
    count = len(encoders.seen_by(made, made.first))
    return [frame.sent[:count] for frame in made.frames]


ENCODERS: Final[tuple[tuple[str, str, Callable[[Recording], Messages]], ...]] = (
    ("json", "JSON, everything", encoders.full_json),
    ("msgpack", "msgpack, everything", encoders.full_msgpack),
    ("changed", "msgpack, changed fields", encoders.changed_msgpack),
    ("colyseus", "Colyseus's schema, quantised", encoders.colyseus),
    (OURS, "this server", ours),
)

COLUMNS: Final = (
    Column("encoder", "shown"),
    Column("bytes per player-s", "bytes_per_player_s", 0),
    Column("on the wire", "wire_bytes_per_player_s", 0),
    Column("x ours", "x_ours", 2),
    Column("zstd, each", "zstd_each_per_player_s", 0),
    Column("zstd, stream", "zstd_stream_per_player_s", 0),
    Column("per message", "per_message", 1),
    Column("per moving entity-tick", "per_moving", 2),
)


def run(*, quick: bool, as_json: bool) -> None:
    """Measure and print."""
    seconds = 20.0 if quick else 60.0
    plan: list[Callable[[], Recording]] = [
        lambda: recording.arena(seconds),
        lambda: recording.minimal(10, seconds),
        lambda: recording.minimal(50, seconds),
    ]
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    tables = []
    with bar(len(plan)) as shown:
        for record in plan:
            shown.say("playing a match")
            made = record()
            shown.say(f"{made.shown}: encoding")
            mine = measure(made, notes)
            rows += mine
            tables.append(table(f"{made.shown}, {made.hz} Hz, {seconds:.0f} s", COLUMNS, mine))
            shown.step()
    finish("bytes", {"quick": quick, "seconds": seconds, "rows": rows}, tables, notes,
           as_json=as_json)  # fmt: skip


def measure(made: Recording, notes: list[str]) -> list[dict[str, Any]]:
    """Return a row for each encoder that works here; add to ``notes`` why others do not."""
    told: dict[str, Messages] = {}
    for key, _, encode in ENCODERS:
        try:
            told[key] = encode(made)
        except BenchError as error:
            notes.append(f"{key}: {error}")
    squeezed: dict[str, dict[str, int]] = {}
    try:
        squeezed = encoders.squeezed(told)
    except BenchError as error:
        notes.append(f"zstd: {error}")
    base = sum(len(message) for tick in told[OURS] for message in tick)
    return [
        row(made, key, shown, told[key], base, squeezed.get(key, {}))
        for key, shown, _ in ENCODERS
        if key in told
    ]


def row(
    made: Recording, key: str, shown: str, told: Messages, base: int, squeezed: dict[str, int]
) -> dict[str, Any]:
    """Return one encoder's figures."""
    messages = [message for tick in told for message in tick if message]
    payload = sum(map(len, messages))
    player_s = len(told[0]) * len(made.frames) / made.hz
    moving = sum(frame.moving for frame in made.frames) * len(told[0])
    each, stream = squeezed.get("each"), squeezed.get("stream")
    return {
        "recording": made.key,
        "players": made.players,
        "hz": made.hz,
        "encoder": key,
        "shown": shown,
        "style": "bold" if key == OURS else "",
        "bytes_per_player_s": payload / player_s,
        "wire_bytes_per_player_s": sum(map(on_the_wire, messages)) / player_s,
        "x_ours": payload / base,
        "zstd_each_per_player_s": each / player_s if each is not None else None,
        "zstd_stream_per_player_s": stream / player_s if stream is not None else None,
        "per_message": payload / max(1, len(messages)),
        "per_moving": payload / max(1, moving),
    }


def on_the_wire(message: bytes) -> int:
    """Return the bytes of a message in a frame and packet of its own."""
    return len(message) + (2 if len(message) < SHORT_FRAME else 4) + HEADERS_BYTES
