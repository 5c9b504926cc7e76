"""``GET /events``: topics as an event stream, for readers without a session.

Law: a reader gets no more than what it has taken room for: it is woken, takes a piece, and is
asked again when its connection has sent that. Readers are woken a few at a time with rests between,
so what is told to all of them holds no tick (threats 37, 38).

::

    GET /events?topics=lobbies,chat:global,scores:ID&rate=5       Last-Event-ID
        200  the stream                  400, 403, 404, 429, 503  a problem

Source: the HTML standard, section "Server-sent events".
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Protocol
from urllib.parse import parse_qs

import trio

from gameserver.errors import NO_DETAILS, Code, RequestError
from gameserver.roads.draws import RoadDraws
from gameserver.roads.events.subscription import Subscription
from gameserver.roads.events.topics import Changes, Topic
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.transports import ConnectionLimits, subscriber
from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import HttpRequest, HttpResponse, Road

TRANSPORT: Final = "events"
PATH: Final = "/events"

OVER: Final = "over"
"""Why a stream ends whose topics have all ended, such as those of a match."""

JSON: Final = "application/json"
STREAM: Final = "text/event-stream"

BEAT_S: Final = (7.0, 10.0)
"""Longest silence of a stream; a comment is sent then. It differs from stream to stream, since
thousands of readers open theirs together after a restart (threat 38)."""

STREAMS: Final = 1024
"""Most streams (threat 3)."""

STREAMS_PER_ADDRESS: Final = 32
"""Most streams of one address; loopback is exempt, as for connections (threat 3)."""

OPENINGS: Final = (4.0, 64)
"""Streams that an address may open a second in the long run, and at once; loopback is exempt. Each
begins with the states of its topics, tens of KiB (threat 37)."""

ADDRESSES: Final = 4096
"""Addresses whose openings are remembered; the limit of others is that of a new one."""

MOST_TOPICS: Final = 16
MOST_TOPICS_CHARS: Final = 1024

RATE: Final = 5
MOST_RATE: Final = 10

FILL_BYTES: Final = 32 * 1024
"""Bytes of a piece; one event may be longer. A reader that does not take it in time is ended."""

WOKEN: Final = 8
"""Readers that are woken at a time: each takes about 0.1 ms to take and send a small piece."""

REST_S: Final = 0.003
"""Pause between them (threat 38)."""

RETRY_MS: Final = (1_000, 3_000)
"""When a browser opens a lost stream again: spread, since all lose theirs when a server stops."""

STATUS: Final = {
    Code.BAD_PARAMS: 400,
    Code.LOBBY_UNKNOWN: 404,
    Code.UNKNOWN_REQUEST: 404,
    Code.RATE_LIMITED: 429,
    Code.SERVER_FULL: 503,
    Code.SERVER_STOPPING: 503,
}
"""Statuses of refusals; all others are 403."""

WAIT_S: Final = 10.0
"""When to try again what is refused for the time being."""


Charged = Callable[[str], AbstractAsyncContextManager[None]]
"""Charges the address of a peer for the time of a block, once there is time for it."""


@asynccontextmanager
async def _free(_peer: str) -> AsyncIterator[None]:
    yield


class Source(Protocol):
    """Where topics come from."""

    def topic(self, name: str, rate: int) -> Topic:
        """Return a topic for one more reader.

        Raises:
            RequestError: There is no such topic, or it is not for everybody.
        """
        ...


BANNED: Final = "the server's operator has banned your address for some time"


class TopicStreams:
    """All streams of topics."""

    def __init__(
        self,
        source: Source,
        changes: Changes,
        draws: RoadDraws,
        most: int = STREAMS,
        most_per_address: int = STREAMS_PER_ADDRESS,
        began: Callable[[], None] = lambda: None,
        ended: Callable[[str], None] = lambda _: None,
        charged: Charged = _free,
        barred: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Serve the topics of ``source``, whose topics note their changes in ``changes``.

        ``charged`` waits for a turn to open a stream of an address, and charges the time for it.

        ``barred`` tells of an address whether it is banned; see `end_barred`.

        ``began`` and ``ended`` are told of each stream; the reason of an end is `OVER`, an error
        code, or empty if the reader is gone.
        """
        self._charged = charged
        self._barred = barred
        self._began = began
        self._ended = ended
        self._source = source
        self._changes = changes
        self._most = most
        self._limits = ConnectionLimits(most, most_per_address)
        self._openings = BucketTable(*OPENINGS, ADDRESSES)
        self._readers: dict[Subscription, str] = {}
        """The address of each reader."""
        self._key = draws.entropy(16)
        self._draws = draws
        self._closed = False

    def __len__(self) -> int:
        """Return the number of streams."""
        return len(self._readers)

    @property
    def road(self) -> Road:
        """The road of `PATH`."""
        return Road(self.answer, 0)

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Wake the readers of topics with news, until cancelled."""
        task_status.started()
        while True:
            changed = await self._changes.wait()
            readers = dict.fromkeys(reader for topic in changed for reader in topic.readers)
            for number, reader in enumerate(readers, 1):
                reader.wake()
                if number % WOKEN == 0:
                    await trio.sleep(REST_S)

    async def close(self) -> None:
        """End all streams behind what was said, and refuse new ones."""
        self._closed = True
        for number, reader in enumerate(list(self._readers), 1):
            reader.wake()
            if number % WOKEN == 0:
                await trio.lowlevel.checkpoint()

    def end_barred(self) -> None:
        """End the streams of addresses that are banned now."""
        for reader, peer in self._readers.items():
            if self._barred(peer):
                reader.wake()

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        await trio.lowlevel.checkpoint()
        if request.path != PATH:
            return refusal(404, f"there is GET {PATH}")
        if request.method not in ("GET", "HEAD"):
            return refusal(405, f"there is GET {PATH}", headers=(("Allow", "GET, HEAD"),))
        try:
            return await self._listen(request)
        except RequestError as error:
            status = STATUS.get(error.code, 403)
            details = {"retry_after_s": WAIT_S} if status in (429, 503) else NO_DETAILS
            return refusal(status, error.sentence, error.code, details)

    async def _listen(self, request: HttpRequest) -> HttpResponse:
        if self._closed:
            raise RequestError(Code.SERVER_STOPPING, "the server stops")
        try:
            fields = parse_qs(request.query, max_num_fields=8, errors="strict")
        except ValueError:
            raise RequestError(Code.BAD_PARAMS, "the query cannot be read") from None
        if self._barred(request.peer):
            raise RequestError(Code.SESSION_BANNED, BANNED)
        address = subscriber(request.peer)
        if wait := self._openings.take(address, trio.current_time()):
            sentence = f"too many new streams from your address; come again in {wait:.1f} s"
            raise RequestError(Code.RATE_LIMITED, sentence)
        async with self._charged(request.peer):
            return await self._open(request, fields)

    async def _open(self, request: HttpRequest, fields: dict[str, list[str]]) -> HttpResponse:
        rate = _rate(fields.get("rate", [str(RATE)]))
        names = _names(fields.get("topics", []))
        # Once each: two names may stand for one topic.
        topics = list(dict.fromkeys(self._source.topic(name, rate) for name in names))
        header = request.headers.only(b"last-event-id") or b""
        last_id = header.decode("latin-1") or fields.get("last_event_id", [""])[0]
        headers = (("X-Accel-Buffering", "no"),)  # for nginx
        if request.method == "HEAD":
            return HttpResponse(200, kind=STREAM, headers=headers)
        stream = self._stream(topics, last_id, request.peer)
        # The first step counts the stream and takes the states of its topics, which may be long.
        # From there on its end is certain, whatever comes.
        await anext(stream)
        return HttpResponse(200, kind=STREAM, headers=headers, stream=stream)

    async def _stream(
        self, topics: list[Topic], last_id: str, peer: str
    ) -> AsyncGenerator[bytes, None]:
        with self._limits.admit(peer) as refusal:
            if refusal:
                full = self._limits.total >= self._most
                sentence = "too many streams" + ("" if full else " from your address")
                raise RequestError(Code.SERVER_FULL if full else Code.RATE_LIMITED, sentence)
            reader = Subscription(topics, self._key, last_id)
            self._readers[reader] = peer
            self._began()
            reason = ""
            try:
                data = b"retry: %d\n\n" % self._draws.between(*RETRY_MS) + reader.take(FILL_BYTES)
                yield b""
                while True:
                    while data:
                        yield data
                        data = reader.take(FILL_BYTES)
                    if self._barred(peer):
                        reason = Code.SESSION_BANNED
                        return
                    if self._closed or reader.over:
                        reason = OVER if reader.over else Code.SERVER_STOPPING
                        return
                    with trio.move_on_after(self._draws.between(*BEAT_S)) as beat:
                        await reader.wait()
                    data = b": still here\n\n" if beat.cancelled_caught else reader.take(FILL_BYTES)
            finally:
                reader.close()
                del self._readers[reader]
                self._ended(reason)


def _names(given: list[str]) -> list[str]:
    """Return the names of topics, each once.

    Raises:
        RequestError: There are none, or too many.
    """
    text = given[0] if len(given) == 1 else ""
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names or len(names) > MOST_TOPICS or len(text) > MOST_TOPICS_CHARS:
        sentence = (
            f"topics= names from 1 to {MOST_TOPICS} topics, with commas between: lobbies,"
            " chat:global, notices, match:ID, scores:ID, world:ID"
        )
        raise RequestError(Code.BAD_PARAMS, sentence)
    return names


def _rate(given: list[str]) -> int:
    text = given[0]
    if len(given) != 1 or not (text.isascii() and text.isdecimal() and len(text) <= 2):
        text = "0"
    if not 1 <= (rate := int(text)) <= MOST_RATE:
        raise RequestError(Code.BAD_PARAMS, f"rate is from 1 to {MOST_RATE}")
    return rate
