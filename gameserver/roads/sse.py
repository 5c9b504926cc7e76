"""Server-sent events: a session whose messages come as an event stream, and go by POST.

Law: the stream is one connection of the session; when the browser opens it again, the session is
resumed behind the last event that came, so each event comes once. A ticket stands for the session
in the URL, since an event stream can send no header; it is good for this alone, and not for long
without a stream.

::

    POST /sse                {name} or {token, last_event}        201 {ticket, link}
    GET  /sse?ticket=…       Last-Event-ID                        200 the stream
    POST /sse/send           {link, number, confirmed, say}       200 {applied}

Source: the HTML standard, section "Server-sent events".
"""

import base64
import json
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from math import inf
from typing import Any, Final
from urllib.parse import parse_qs

import structlog
import trio
from structlog.typing import FilteringBoundLogger

from gameserver.errors import Code, ConnectionLostError, ProtocolError
from gameserver.protocol.limits import CLIENT_DEPTH
from gameserver.protocol.socketio.jsontext import parse
from gameserver.roads import spoken
from gameserver.roads.draws import RoadDraws
from gameserver.roads.ticket import Ticket
from gameserver.transports import Codec, ConnectionLimits, Link, ListenSettings
from gameserver.transports.http.problems import refusal
from gameserver.transports.http.requests import HttpRequest, HttpResponse, Road
from gameserver.transports.queued import QueuedLink

log: FilteringBoundLogger = structlog.get_logger()

TRANSPORT: Final = "sse"
PATH: Final = "/sse"
SEND: Final = "/sse/send"

JSON: Final = "application/json"
STREAM: Final = "text/event-stream"

BEAT_S: Final = 5.0
"""Longest silence of a stream; a comment is sent then."""

CERTAIN_S: Final = 15.0
"""Age at which an event on a stream that still works counts as confirmed, if the client does not
confirm. Until then a new stream repeats it."""

TICKET_S: Final = 30.0
"""How long a ticket without a stream is good."""

CHECK_S: Final = 1.0
"""Seconds between two checks for tickets that are not good any more."""

NO_TICKET: Final = "the ticket is missing, or not good any more; POST /sse returns a new one"
NO_LINK: Final = "the link is missing, or not good any more; POST /sse returns a new one"

NAME_BYTES: Final = 24
"""Random bytes of a ticket's name."""

FILL_BYTES: Final = 64 * 1024
BODY_BYTES: Final = 16 * 1024
MOST_SAID: Final = 64
"""Most messages in one POST."""

MOST_UNDECIDED: Final = 128
"""Requests without an answer above which no POST is taken: as many as a session keeps answers."""

SAY_S: Final = 10.0
"""Longest wait until the messages of a POST are taken."""


class EventStreams:
    """All sessions over event streams."""

    def __init__(
        self,
        settings: ListenSettings,
        codec: Codec,
        converse: Callable[[Link], Awaitable[None]],
        limits: ConnectionLimits,
        draws: RoadDraws,
    ) -> None:
        """Serve each stream's link with ``converse``; tickets count as connections."""
        self._draws = draws
        self._settings = settings
        self._codec = codec
        self._converse = converse
        self._limits = limits
        self._tickets: dict[str, Ticket] = {}
        self._links: dict[str, Ticket] = {}
        self._nursery: trio.Nursery | None = None

    def __len__(self) -> int:
        """Return the number of tickets."""
        return len(self._tickets)

    @property
    def road(self) -> Road:
        """The road of `PATH`."""
        return Road(self.answer, BODY_BYTES)

    async def run(self, *, task_status: "trio.TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Run the links of the streams until cancelled."""
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            while True:
                await trio.sleep(CHECK_S)
                old = trio.current_time() - TICKET_S
                for ticket in list(self._tickets.values()):
                    if ticket.idle_since <= old:
                        del self._tickets[ticket.name], self._links[ticket.link_name]
                        self._limits.leave(ticket.peer)

    async def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        await trio.lowlevel.checkpoint()
        try:
            match request.method, request.path:
                case "POST", "/sse":
                    return self._open(request)
                case "GET", "/sse":
                    return self._listen(request)
                case "POST", "/sse/send":
                    return await self._send(request)
        except ProtocolError as error:
            return refusal(400, error.sentence, error.code)
        return refusal(404, "there are POST and GET /sse, and POST /sse/send")

    # --- tickets ----------------------------------------------------------------------------------

    def _open(self, request: HttpRequest) -> HttpResponse:
        said = _object(request.body)
        auth = {name: said[name] for name in spoken.AUTH if name in said}
        # Refuses now what the stream's link would refuse, so what is kept is short.
        hello = spoken.hello(auth, TRANSPORT)
        if len(hello) > self._settings.message_bytes:
            raise ProtocolError(Code.BAD_MESSAGE, "name, token and client are too long")
        self._codec.decode(hello)
        # Judged before anything is kept: refused tickets would use up the memory of others.
        if full := self._limits.enter(request.peer):
            return refusal(503, full)
        name, link_name = (self._draws.name(NAME_BYTES) for _ in range(2))
        ticket = Ticket(request.peer, request.headers.direct, auth, name, link_name)
        self._tickets[ticket.name] = self._links[ticket.link_name] = ticket
        return _json(201, {"ticket": ticket.name, "link": ticket.link_name})

    # --- the stream -------------------------------------------------------------------------------

    def _listen(self, request: HttpRequest) -> HttpResponse:
        try:
            names = parse_qs(request.query, max_num_fields=8).get("ticket", [])
        except ValueError:
            raise ProtocolError(Code.BAD_MESSAGE, "the query has too many fields") from None
        ticket = self._tickets.get(names[0]) if len(names) == 1 else None
        if ticket is None or self._nursery is None:
            return refusal(410, NO_TICKET, Code.TOKEN_UNKNOWN)
        if ticket.link is not None:
            ticket.link.leave()  # the browser has given up that stream
        last = request.headers.only(b"last-event-id") or b""
        if last.isdigit() and len(last) < 16:
            ticket.auth["last_event"] = int(last)
        link = ticket.link = QueuedLink(
            TRANSPORT, self._settings, self._codec, ticket.peer, direct=ticket.direct
        )
        # Else those that wait for the first stream go on waiting.
        if ticket.greeted is None or ticket.greeted.is_set():
            ticket.greeted = trio.Event()
        ticket.told, ticket.uncertain = (0, 0), deque()
        self._nursery.start_soon(self._converse_over, link)
        unbuffered = (("X-Accel-Buffering", "no"),)  # for nginx
        return HttpResponse(200, kind=STREAM, headers=unbuffered, stream=self._stream(ticket, link))

    async def _converse_over(self, link: QueuedLink) -> None:
        try:
            await link.run(self._converse)
        except Exception:
            log.exception("connection failed", address=link.peer)

    async def _stream(self, ticket: Ticket, link: QueuedLink) -> AsyncGenerator[bytes, None]:
        try:
            with link.visiting():
                ticket.idle_since = inf
                await self._greet(ticket, link)
                yield b"retry: 1000\n\n"
                translator = spoken.Translator()
                while True:
                    with trio.move_on_after(BEAT_S):
                        await link.wait_ready(lambda: ticket.link is not link)
                    if ticket.link is not link:
                        return
                    found = link.take(FILL_BYTES)
                    data = b"".join(
                        _event(ticket, said)
                        for message in found.messages
                        for said in translator.spoken(message)
                    )
                    link.bytes_out += len(data)
                    yield data or b": still here\n\n"
                    # It was taken by a peer that acknowledges; see `HttpConnection`.
                    link.bytes_in += 1
                    if found.ending is not None:
                        link.tell_end()
                        return
                    await self._confirm_old(ticket, link)
        except ConnectionLostError:
            pass
        finally:
            link.leave()
            if ticket.link is link:
                ticket.idle_since = trio.current_time()

    async def _greet(self, ticket: Ticket, link: QueuedLink) -> None:
        """Say hello, then again what an older link may not have decided.

        The numbers stay: the session carries each of them out once.
        """
        async with ticket.lock():  # a POST that the older link does not take to its end comes first
            await link.deliver(spoken.hello(ticket.auth, TRANSPORT))
            for message in list(ticket.undecided.values()):
                await link.deliver(message)
            if ticket.link is link and ticket.greeted is not None:
                ticket.greeted.set()

    async def _confirm_old(self, ticket: Ticket, link: QueuedLink) -> None:
        now, uncertain, certain = trio.current_time(), ticket.uncertain, ticket.confirmed
        assert uncertain is not None
        if not uncertain or uncertain[-1][1] != ticket.told:
            uncertain.append((now, ticket.told))
        while uncertain and uncertain[0][0] < now - CERTAIN_S:
            certain = uncertain.popleft()[1]
        await self._confirm(ticket, link, certain)

    async def _confirm(self, ticket: Ticket, link: QueuedLink, certain: tuple[int, int]) -> None:
        # Each by itself: a stream that was opened again may have told answers and no events yet.
        newest = (max(certain[0], ticket.confirmed[0]), max(certain[1], ticket.confirmed[1]))
        if newest != ticket.confirmed:
            ticket.confirmed = newest
            with suppress(ConnectionLostError):
                await link.deliver(spoken.ack(*newest))
                if ticket.link is link and ticket.fresh_token:
                    ticket.auth["token"] = ticket.fresh_token

    # --- from the client --------------------------------------------------------------------------

    async def _send(self, request: HttpRequest) -> HttpResponse:
        body = _object(request.body)
        ticket = self._links.get(str(body.get("link", "")))
        if ticket is None:
            return refusal(410, NO_LINK, Code.TOKEN_UNKNOWN)
        number, say, confirmed = body.get("number"), body.get("say", []), body.get("confirmed", 0)
        if type(number) is not int or type(confirmed) is not int:
            raise ProtocolError(Code.BAD_MESSAGE, "number and confirmed are whole numbers")
        if not isinstance(say, list) or len(say) > MOST_SAID:
            raise ProtocolError(Code.BAD_MESSAGE, f"say is a list of at most {MOST_SAID} messages")
        with trio.move_on_after(SAY_S):
            await ticket.wait_greeted()  # a page speaks as soon as it has asked for its stream
        link = ticket.link
        if link is None or len(ticket.undecided) >= MOST_UNDECIDED:
            return refusal(409, "open the stream of this ticket first", Code.HELLO_EXPECTED)
        link.bytes_in += len(request.body)
        with trio.move_on_after(SAY_S):
            while number == ticket.number + 1:
                await ticket.wait_greeted()
                await self._say(ticket, number, say)
        # Of an event that came with an older stream it says nothing about the welcome of this one,
        # whose token the first ack confirms: behind a crash the client has only the token before.
        if ticket.auth.get("last_event", 0) < confirmed <= ticket.told[0]:
            await self._confirm(ticket, link, (confirmed, ticket.confirmed[1]))
        return _json(200, {"applied": ticket.number})

    async def _say(self, ticket: Ticket, number: int, say: list[Any]) -> None:
        """Take the messages of a POST, each once, also if it is cut and sent again."""
        async with ticket.lock():
            if number != ticket.number + 1:
                return
            if ticket.link is None or ticket.greeted is None or not ticket.greeted.is_set():
                return  # a newer stream is being opened
            for each in say[ticket.said :]:
                message = _message(ticket.request + 1, each)
                with suppress(ConnectionLostError):  # the stream tells of the end
                    await ticket.link.deliver(message)
                # No await between the delivery and this: it is counted exactly if it was taken.
                if each[0] not in spoken.NUMBERS:
                    ticket.request += 1
                    ticket.undecided[ticket.request] = message
                ticket.said += 1
            ticket.number, ticket.said = number, 0


def _message(request: int, said: Any) -> bytes:
    """Translate a message of a POST; ``request`` is its number if it is a request."""
    match said:
        case [str() as name, *args] if name in spoken.NUMBERS:
            return spoken.numbers(name, args)
        case [str() as name]:
            fields: Any = None
        case [str() as name, fields]:
            pass
        case _:
            raise ProtocolError(Code.BAD_MESSAGE, "a message is [name, fields]")
    return spoken.request(request, name, fields)


def _event(ticket: Ticket, said: spoken.Told | spoken.SpokenAnswer | spoken.SpokenPing) -> bytes:
    match said:
        case spoken.SpokenPing():
            return b""
        case spoken.SpokenAnswer(number, value):
            ticket.told = (ticket.told[0], max(ticket.told[1], number))
            ticket.undecided.pop(number, None)
            return _lines("answer", {"request": number, **value})
        case spoken.Told("snapshot", (message, tick)):
            return _lines("snapshot", {"tick": tick, "bytes": message})
        case spoken.Told("welcome", (welcome,)):
            ticket.fresh_token = welcome["token"]
            ticket.auth = {
                "token": ticket.auth.get("token", welcome["token"]),
                "last_event": ticket.auth.get("last_event", 0),
            }
            ticket.request = max(ticket.request, welcome.get("next_request", 1) - 1)
            return _lines("welcome", {**welcome, "next_request": ticket.request + 1})
        case spoken.Told(name, (fields, number)):
            ticket.told = (number, ticket.told[1])
            return _lines(name, fields, number)
        case spoken.Told(name, (fields,)):
            return _lines(name, fields)
    return b""


def _lines(name: str, fields: Any, number: int | None = None) -> bytes:
    at = "" if number is None else f"id: {number}\n"
    return f"{at}event: {name}\ndata: {_dump(fields)}\n\n".encode()


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_base64)


def _base64(value: Any) -> str:
    return base64.b64encode(value).decode("ascii")


def _object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body.

    Raises:
        ProtocolError: ``bad_message``: it is none.
    """
    try:
        found = parse(body.decode(), CLIENT_DEPTH)
    except UnicodeDecodeError:
        raise ProtocolError(Code.BAD_MESSAGE, "the body is no text in UTF-8") from None
    if not isinstance(found, dict):
        raise ProtocolError(Code.BAD_MESSAGE, "the body must be a JSON object")
    return found


def _json(status: int, value: Any) -> HttpResponse:
    return HttpResponse(status, _dump(value).encode(), JSON)
