"""The answers of ``/api/v1``.

Law: an answer to anybody is made at most once in `KEPT_S`, however many ask, and reading changes
nothing. A request with a token goes through the router like every other, with the same checks,
limits and error codes.
"""

from collections.abc import Callable
from typing import Any, Final

import attrs

from gameserver import __version__
from gameserver.errors import Code, RequestError
from gameserver.ids import EventNumber, MatchId, PlayerId, RequestId
from gameserver.messages.lobby import LobbyFilter
from gameserver.messages.session import ServerStats
from gameserver.messages.wire import (
    CLIENT_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    Hello,
    Refusal,
    RequestEnvelope,
    ResultEnvelope,
)
from gameserver.protocol.codec import BadRequest
from gameserver.protocol.server_codec import ServerCodec
from gameserver.roads import spoken
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.rooms.limits.rules import RoomRules
from gameserver.rooms.state.session import Session
from gameserver.service.middleware import RequestContext
from gameserver.service.monitoring.access import page_may_read
from gameserver.service.rest import forms
from gameserver.service.rest.asking import NOT_POSTED, ApiCall
from gameserver.service.rest.leases import LEASE_S, TRANSPORT, Leases
from gameserver.service.rest.reading import ServerReader, unknown_lobby
from gameserver.service.rest.recordings import Wanted, recording
from gameserver.service.rest.replies import Body, encoded, plain
from gameserver.service.router import Router
from gameserver.transports import subscriber
from gameserver.transports.http.requests import HttpResponse

BASE: Final = "/api/v1"

WAYS: Final = "resume this session over a WebSocket, /poll, /sse or Socket.IO with its token"

MOST_EVENTS: Final = 100
"""Most events in one answer."""


@attrs.frozen
class Reply:
    """An answer with another status than its operation usually has."""

    status: int
    value: object


class Api:
    """Answers the operations of `gameserver.service.rest.operations`."""

    def __init__(
        self,
        reader: ServerReader,
        router: Router,
        leases: Leases,
        *,
        stats: Callable[[], ServerStats],
        stopping: Callable[[], bool],
        rules: RoomRules,
        documents: tuple[Body, Body],
    ) -> None:
        """Connect the parts.

        Args:
            reader: Reads what anybody may read.
            router: Carries out requests.
            leases: Keeps the sessions of those who only poll.
            stats: Returns the server's figures.
            stopping: Whether the server is stopping and accepts no new players.
            rules: The limits of guesses.
            documents: The description of the operations, as JSON and as a page.
        """
        self._openapi, self._docs = documents
        self._reader = reader
        self._router = router
        self._leases = leases
        self._stats = stats
        self._stopping = stopping
        self._codec = ServerCodec()
        self._guesses = BucketTable(
            rules.address_attempts_per_s, rules.address_attempts_burst, rules.addresses
        )

    # --- for everybody ----------------------------------------------------------------------------

    def index(self, _asked: ApiCall) -> forms.Index:
        """Return the paths."""
        names = ("info", "lobbies", "matches", "connections", "health", "ready", "docs")
        links = {name: f"{BASE}/{name}" for name in names}
        return forms.Index("gameserver", __version__, {**links, "openapi": f"{BASE}/openapi.json"})

    def info(self, _asked: ApiCall) -> forms.Info:
        """Return what the server is."""
        return self._reader.info()

    def lobbies(self, asked: ApiCall) -> forms.LobbyPage:
        """Return a part of the list of lobbies."""
        wanted = LobbyFilter(
            asked.text("text"), asked.text("mode"), asked.text("map"), bool(asked.query["joinable"])
        )
        return self._reader.lobbies(wanted, asked.number("offset"), asked.number("limit"))

    def lobby(self, asked: ApiCall) -> forms.LobbyView:
        """Return one lobby, by id or invite code."""
        viewer, named = self._viewer(asked), asked.path["lobby"]
        by_id = self._reader.find(named)
        if by_id is not None:
            return self._reader.lobby(by_id, viewer, by_code=False)
        now, key = self._router.clock.now(), subscriber(asked.address)
        wait = self._guesses.wait(key, now)
        if wait:
            sentence = f"Too many wrong codes; try again in {wait:.0f} s."
            raise RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait})
        by_code = self._reader.find_by_code(named)
        if by_code is None:
            self._guesses.take(key, now)
            raise unknown_lobby()
        return self._reader.lobby(by_code, viewer, by_code=True)

    def matches(self, asked: ApiCall) -> forms.MatchPage:
        """Return a part of the list of running matches."""
        return self._reader.matches_page(asked.number("offset"), asked.number("limit"))

    def match(self, asked: ApiCall) -> forms.MatchReport:
        """Return one match."""
        return self._reader.match(MatchId(asked.path["match"]), self._viewer(asked))

    def scores(self, asked: ApiCall) -> forms.Scores:
        """Return the standings of one match."""
        return self._reader.scores(MatchId(asked.path["match"]), self._viewer(asked))

    def replays(self, asked: ApiCall) -> forms.ReplayList:
        """Return the matches whose replays a session may fetch."""
        player_id, replays = self._session(asked).player_id, self._router.replays
        matches = replays.had_by(player_id)
        names = tuple(each.match_id for each in matches)
        return forms.ReplayList(names, matches, given=replays.given)

    async def replay(self, asked: ApiCall, wanted: Wanted) -> HttpResponse:
        """Return the file of a replay, or a range of it."""
        session, match_id = self._session(asked), MatchId(asked.path["match"])
        fetch = self._router.replays.fetch
        return await recording(fetch, session.player_id, asked.address, match_id, wanted)

    async def film(self, asked: ApiCall, wanted: Wanted) -> HttpResponse:
        """Return the film of a replay, or a range of it."""
        session, match_id = self._session(asked), MatchId(asked.path["match"])
        fetch = self._router.replays.fetch_film
        return await recording(fetch, session.player_id, asked.address, match_id, wanted)

    def health(self, _asked: ApiCall) -> forms.Health | Reply:
        """Return whether the server works, as the page ``/health`` does."""
        if self._stopping():
            return Reply(503, forms.Health("stopping"))
        return forms.Health("ok")

    def openapi(self, _asked: ApiCall) -> Body:
        """Return the description for programs."""
        return self._openapi

    def docs(self, _asked: ApiCall) -> Body:
        """Return the description for people."""
        return self._docs

    # --- for the operator -------------------------------------------------------------------------

    def connections(self, asked: ApiCall) -> forms.ConnectionCounts:
        """Return the counts of connections, to those who may read the server's figures."""
        wanted = self._reader.settings.stats_token
        if not page_may_read(wanted, asked.token, asked.address, asked.host, direct=asked.direct):
            needs = "this needs the server's stats-token: Authorization: Bearer TOKEN"
            here = "only programs on the server's own machine may read this, without a proxy"
            raise RequestError(Code.FORBIDDEN, needs if wanted else here)
        stats = self._stats()
        return forms.ConnectionCounts(
            open=stats.connections,
            by_transport=stats.transports,
            players=stats.players,
            sessions=stats.sessions,
            opened=stats.opened,
            closed=stats.closed,
            by_lobby=self._reader.by_lobby(),
            by_namespace=self._reader.by_namespace(),
            by_room=self._reader.by_room(),
        )

    # --- with a session ---------------------------------------------------------------------------

    def sign_in(self, asked: ApiCall) -> forms.SignedIn | Reply:
        """Make a session, or return that of a token."""
        form = asked.form(forms.SignInForm)
        if form.token:
            session = self._leases.attend(spoken.decode_token(form.token), asked.address)
            return Reply(200, _signed_in(session, form.token, resumed=True))
        hello = Hello(PROTOCOL_VERSION, TRANSPORT, form.name)
        welcomed = self._leases.sign_in(hello, asked.address)
        token = spoken.encode_token(welcomed.welcome.token)
        return _signed_in(welcomed.session, token, resumed=False)

    def request(self, asked: ApiCall) -> Reply:
        """Carry out a request of the protocol."""
        session, name = self._session(asked), asked.path["name"]
        if name in NOT_POSTED:
            raise RequestError(Code.UNKNOWN_REQUEST, f"{name} needs a connection; {WAYS}")
        message = spoken.request(1, name, asked.fields())
        if len(message) > CLIENT_MESSAGE_BYTES:
            sentence = f"a request may have {CLIENT_MESSAGE_BYTES} bytes"
            raise RequestError(Code.TOO_LARGE, sentence)
        envelope = self._codec.decode(message)[0]
        if isinstance(envelope, BadRequest):
            raise RequestError(envelope.code, envelope.sentence, envelope.details)
        assert isinstance(envelope, RequestEnvelope)
        return self._carry_out(session, envelope, asked)

    def _carry_out(self, session: Session, envelope: RequestEnvelope, asked: ApiCall) -> Reply:
        player_id, router = session.player_id, self._router
        router.received(player_id, len(asked.body))
        context = RequestContext(
            player_id, asked.address, TRANSPORT, asked.direct, None, posted=True
        )
        # As on a connection: the answer is made before the effects of the request are performed.
        with router.people.turn:
            answer = router.answer(context, attrs.evolve(envelope, id=RequestId(0)))
            if isinstance(answer, Refusal):
                raise RequestError(Code(answer.code), answer.sentence, answer.details)
            assert isinstance(answer, ResultEnvelope)  # `Answers.posted_answer` defers nothing
            value = {"result": plain(answer.result), "after": answer.after}
            router.answered(player_id, envelope.request, len(encoded(value)))
            return Reply(200, value)

    def events(self, asked: ApiCall) -> forms.EventPage:
        """Return the events of a session behind a number."""
        session, after = self._session(asked), EventNumber(asked.number("after"))
        found = self._leases.events(session, after, asked.number("limit"))
        events = tuple(forms.Numbered(e.number, e.event.name, _fields(e.event)) for e in found)
        page = forms.EventPage(
            events, session.stream.last, bool(events) and events[0].number > after + 1
        )
        self._router.replayed(session.player_id, len(encoded(page)) if events else 0)
        return page

    def _session(self, asked: ApiCall) -> Session:
        if not asked.token:
            sentence = f"this needs Authorization: Bearer TOKEN; POST {BASE}/session gives one"
            raise RequestError(Code.TOKEN_UNKNOWN, sentence)
        return self._leases.attend(spoken.decode_token(asked.token), asked.address)

    def _viewer(self, asked: ApiCall) -> PlayerId:
        """Return the player whose token a request brought; "" for a stranger."""
        return self._session(asked).player_id if asked.token else PlayerId("")


def _fields(event: object) -> dict[str, Any]:
    fields: dict[str, Any] = plain(event)
    return fields


def _signed_in(session: Session, token: str, *, resumed: bool) -> forms.SignedIn:
    return forms.SignedIn(
        token, session.player_id, session.name, resumed, session.stream.last, LEASE_S
    )
