"""``script/bench compression``: what deflate would save of real messages, and what it costs.

Law: every message is what the server sends, encoded by the server's own codec. A message is
compressed alone, as the server would do it, since a compressor that remembers earlier messages
tells an attacker who can place text beside a secret how much of it was guessed.
"""

import json
import random
import time
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import attrs

from bench import recording
from bench.cache import ROOT
from bench.show import Column, bar, finish, table
from gameserver.arena.arena import Arena
from gameserver.game.maps.tiled import load_maps
from gameserver.ids import EventNumber, LobbyId, MessageId, PlayerId, RequestId
from gameserver.messages.base import Result
from gameserver.messages.chat import Channel, ChatHistory, ChatLine, ChatSaid
from gameserver.messages.lobby import LobbyList, LobbySummary, Phase
from gameserver.messages.match import MapData
from gameserver.messages.wire import EventEnvelope, Limits, ResultEnvelope, Welcome
from gameserver.protocol.server_codec import ServerCodec
from gameserver.roads import spoken

LEVELS: Final = (1, 6)
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
REPEATS_S: Final = 0.2

COLUMNS: Final = (
    Column("message", "message"),
    Column("form", "form"),
    Column("bytes", "bytes", 0),
    Column("deflate 1", "deflate1", 0),
    Column("us", "deflate1_us", 0),
    Column("deflate 6", "deflate6", 0),
    Column("us", "deflate6_us", 0),
    Column("saved", "saved", 0, " %"),
    Column("inflate, us", "inflate_us", 0),
)


@attrs.frozen
class Sample:
    """Messages of one kind."""

    shown: str
    messages: Sequence[bytes]


def run(*, quick: bool, as_json: bool) -> None:
    """Measure and print."""
    seconds = REPEATS_S / 4 if quick else REPEATS_S
    found = samples(3.0 if quick else 10.0)
    rows = []
    with bar(len(found)) as shown:
        for sample in found:
            shown.say(sample.shown)
            rows.append(row(sample, "msgpack", sample.messages, seconds))
            if texts := in_json(sample.messages):
                rows.append(row(sample, "JSON", texts, seconds))
            shown.step()
    tables = [table("messages, each compressed alone", COLUMNS, rows)]
    finish("compression", {"quick": quick, "rows": rows}, tables, [], as_json=as_json)


def samples(seconds: float) -> list[Sample]:
    """Return what a server sends, from small to large."""
    arena, minimal = recording.arena(seconds), recording.minimal(50, seconds)
    drawn = random.Random(7)  # noqa: S311  no secret
    lines = [line(drawn, number) for number in range(50)]
    lobbies = tuple(summary(drawn, number) for number in range(100))
    maps = load_maps(ROOT / "maps")
    return [
        Sample("snapshot of 10", [frame.sent[0] for frame in arena.frames if frame.sent[0]]),
        Sample("snapshot of 50", [frame.sent[0] for frame in minimal.frames if frame.sent[0]]),
        Sample("keyframe of 50", [minimal.first.sent[0]]),
        Sample("welcome", [encoded(welcome())]),
        Sample("chat line", [event(each) for each in lines]),
        Sample("chat history, 50 lines", [answer(ChatHistory(tuple(lines)))]),
        Sample("lobby list, 100", [answer(LobbyList(lobbies, 100))]),
        Sample("map", [answer(MapData({"map": each.to_wire()})) for each in maps.values()]),
    ]  # fmt: skip


def words(drawn: random.Random, count: int) -> str:
    """Return running English of so many words, from the documentation."""
    text = (ROOT / "docs" / "writing-a-game.md").read_text("utf-8")
    found = [word for word in text.split() if word.isalpha()]
    at = drawn.randrange(len(found) - count)
    return " ".join(found[at : at + count])


def line(drawn: random.Random, number: int) -> ChatLine:
    """Return a chat line as people write them."""
    name = f"{words(drawn, 1).title()}{drawn.randrange(100)}"
    sender = PlayerId("p" + "".join(drawn.choices(LETTERS, k=13)))
    at_ms = 1_800_000_000_000 + number * 7_321
    text = words(drawn, drawn.randint(2, 14))
    return ChatLine(MessageId(number + 1), Channel.GLOBAL, sender, name, text, at_ms)


def summary(drawn: random.Random, number: int) -> LobbySummary:
    """Return a row of the lobby browser."""
    modes, places = ("deathmatch", "team", "flags"), ("foundry", "crossing", "pillars")
    lobby_id = LobbyId(
        "".join(drawn.choices("abcdefghijklmnopqrstuvwxyz234567", k=10)) + str(number)
    )
    return LobbySummary(
        lobby_id, words(drawn, 3), words(drawn, 1).title(), Phase.OPEN, drawn.choice(places),
        drawn.choice(modes), drawn.randint(1, 7), 8, 0, False, False, True,
    )  # fmt: skip


def welcome() -> Welcome:
    """Return a welcome; it is never compressed, for its token."""
    limits = Limits(4096, 20.0, 300, 20)
    token = random.Random(3).randbytes(16)  # noqa: S311  a secret of nobody
    return Welcome(
        1, "gameserver (gameserver 0.1.0)", PlayerId("pfd6ltaeuxqgory"), "Nora", token, False, 1,
        Arena().name, 4.5, 60.0, limits, RequestId(1), 2,
    )  # fmt: skip


def encoded(message: Any) -> bytes:
    """Return a message as the server sends it."""
    return ServerCodec().encode(message)


def event(said: ChatLine) -> bytes:
    """Return a chat line as an event."""
    return encoded(EventEnvelope(EventNumber(9), ChatSaid(said)))


def answer(result: Result) -> bytes:
    """Return the answer to a request."""
    return encoded(ResultEnvelope(RequestId(17), result))


def in_json(messages: Sequence[bytes]) -> list[bytes]:
    """Return messages as the roads of names and JSON send them; none for binary ones."""
    translator = spoken.Translator()
    try:
        return [
            json.dumps([attrs.asdict(said) for said in translator.spoken(each)]).encode()
            for each in messages
        ]
    except TypeError:
        return []


def row(sample: Sample, form: str, messages: Sequence[bytes], seconds: float) -> dict[str, Any]:
    """Return the means over the messages of one kind."""
    size = _mean(messages)
    found: dict[str, Any] = {"message": sample.shown, "form": form, "bytes": size}
    for level in LEVELS:
        found[f"deflate{level}"] = _mean([deflated(each, level) for each in messages])
        found[f"deflate{level}_us"] = _us(partial(deflated, level=level), messages, seconds)
    found["saved"] = 100 * (1 - found["deflate1"] / size)
    found["inflate_us"] = _us(inflated, [deflated(each, 1) for each in messages], seconds)
    return found


def deflated(message: bytes, level: int) -> bytes:
    """Return a message as permessage-deflate sends it (RFC 7692, 7.2.1)."""
    squeezer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return (squeezer.compress(message) + squeezer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflated(data: bytes) -> bytes:
    """Return the message."""
    return zlib.decompressobj(-15).decompress(data + b"\x00\x00\xff\xff")


def _mean(messages: Sequence[bytes]) -> float:
    return sum(map(len, messages)) / len(messages)


def _us(work: Callable[[bytes], bytes], messages: Sequence[bytes], seconds: float) -> float:
    """Return the processor time of one message in microseconds."""
    count, began = 0, time.thread_time()
    while time.thread_time() < began + seconds:
        for message in messages:
            work(message)
        count += len(messages)
    return 1e6 * (time.thread_time() - began) / count
