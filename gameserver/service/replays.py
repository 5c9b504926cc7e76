"""Hand the journals of matches that are over to those who had a seat in them, page by page.

Law: no file is read on the loop. One page is read at a time, in a thread, for whoever asked first;
a session has one page on its way. What pages cost is charged when they are sent: to the session,
its address and everybody together (threat 37).

Only players get a replay: it shows the whole world, also what a spectator never saw, and its
journal proves who had a seat. Who had one may hand the file on.
"""

from collections.abc import Callable
from typing import Final, TypeVar

import attrs
import trio

from gameserver.errors import Code, JournalError, RequestError, UnreadableFileError
from gameserver.ids import MatchId, PlayerId, RequestId, Seat
from gameserver.messages.base import Result
from gameserver.messages.match import GetReplay, ReplayPage, ReportDesync, SendView
from gameserver.messages.wire import Later, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.rooms.limits.budgets import BudgetTable
from gameserver.service.connections import Connections
from gameserver.service.films import Films
from gameserver.service.journals import Journals
from gameserver.service.logging.logs import get_logger
from gameserver.service.middleware import RequestContext
from gameserver.service.overload.work import Work
from gameserver.service.people import People
from gameserver.service.played import PlayedMatch
from gameserver.service.runtime import Runtime
from gameserver.store.disk import OPEN
from gameserver.store.replayfile import PAGE_BYTES, ReplayShare, ReplayShelf
from gameserver.transports import subscriber

log: Final = get_logger()

MOST_WAITING: Final = 64
"""Requests that wait for the reading thread (8). When full: refused, and may be sent again."""

RETRY_S: Final = 1.0

FETCHED_S: Final = 3.0
"""Seconds behind a request in which a client asks for the next page: some round trips."""

NOT_KEPT: Final = "this server keeps no replay of this match, or not any more"

_EVERYBODY: Final = "everybody"

ReadT = TypeVar("ReadT")


@attrs.frozen
class _Job:
    player_id: PlayerId
    epoch: int | None
    address: str
    request_id: RequestId
    request: GetReplay


class Replays:
    """Answers `GetReplay`, and takes what clients had of worlds that they computed otherwise."""

    def __init__(  # noqa: D107  described by the class
        self,
        journals: Journals,
        people: People,
        connections: Connections,
        work: Work,
        runtime: Runtime,
    ) -> None:
        self._journals = journals
        self._people = people
        self._connections = connections
        self._work = work
        self._runtime = runtime
        self._shelf = ReplayShelf(journals.folder)
        self.films: Films = Films(journals, runtime)
        rules = people.hall.parts.state.rules
        most = rules.addresses
        self._budgets = (
            BudgetTable(rules.page_per_s, rules.page_burst_bytes, most),
            BudgetTable(rules.address_page_per_s, rules.address_page_burst_bytes, most),
            BudgetTable(rules.all_page_per_s, rules.all_page_burst_bytes, most),
        )
        self._waiting: dict[PlayerId, _Job] = {}
        """In the order in which they are read; the first one is being read."""
        self._wake = trio.Event()
        self._one = trio.Lock()
        self._asked_at = float("-inf")

    @property
    def fetched(self) -> bool:
        """Whether somebody fetches a replay now."""
        return bool(self._waiting) or self._runtime.now() < self._asked_at + FETCHED_S

    def ask(self, context: RequestContext, envelope: RequestEnvelope, request: GetReplay) -> Later:
        """Take a request; its answer goes over the connection that it came over.

        Raises:
            RequestError: ``match.not_recorded``, ``match.running``, ``bad_params`` or
                ``rate_limited``; the answer may be a refusal as well.
        """
        job = _Job(
            context.player_id, context.epoch, subscriber(context.address), envelope.id, request
        )
        self._check(job)
        before = self._waiting.get(job.player_id)
        busy = before is not None and before.epoch == job.epoch
        if busy or (before is None and len(self._waiting) >= MOST_WAITING):
            raise _later(RETRY_S)
        self._asked_at = self._runtime.now()
        self._waiting[job.player_id] = job  # in place of one whose connection is lost
        self._wake.set()
        return Later(envelope.id)

    def had_by(self, player_id: PlayerId) -> tuple[PlayedMatch, ...]:
        """Return the matches whose replays a player may have; see `Journals.had_by`."""
        return self._journals.had_by(player_id) if self.given else ()

    @property
    def given(self) -> bool:
        """Whether players may have replays."""
        return self._journals.shared

    def _check(self, job: _Job) -> None:
        """Check what needs no file.

        Raises:
            RequestError: See `ask`.
        """
        if not self.given:
            verb = "gives out" if self._journals.kept else "keeps"
            sentence = f"this server {verb} no replays of matches"
            raise RequestError(Code.MATCH_NOT_RECORDED, sentence)
        # The rooms are asked: a match that goes on in no journal may have an old one.
        if self._people.hall.parts.match_binding.find(job.request.match_id) is not None:
            sentence = "this match is still running; its replay can be had when it is over"
            raise RequestError(Code.MATCH_RUNNING, sentence)
        if job.request.offset < 0:
            raise RequestError(Code.BAD_PARAMS, "the offset is 0 or more")
        wait = max(
            budget.wait(key, self._runtime.now())
            for budget, key in zip(self._budgets, self._keys(job), strict=True)
        )
        if wait:
            raise _later(wait)

    async def fetch(
        self, player_id: PlayerId, address: str, match_id: MatchId, first: int, most: int
    ) -> ReplayShare:
        """Return at most so many bytes of a replay, for requests without a connection.

        Raises:
            RequestError: See `ask`; ``match.not_kept`` or ``forbidden`` as well.
        """
        return _written(await self._fetch(player_id, address, match_id, first, most))

    async def _fetch(
        self, player_id: PlayerId, address: str, match_id: MatchId, first: int, most: int
    ) -> ReplayShare | None:
        """Return what `fetch` does; None if the end of the match is not on disk yet."""
        request = GetReplay(match_id, first)
        job = _Job(player_id, None, subscriber(address), RequestId(0), request)
        self._check(job)
        self._asked_at = self._runtime.now()
        try:
            share = await self._read(job, most)
        except (JournalError, UnreadableFileError):
            raise RequestError(Code.MATCH_NOT_KEPT, NOT_KEPT) from None
        if share is not None:
            self._charge(job, len(share.data))
        return share

    async def fetch_film(
        self, player_id: PlayerId, address: str, match_id: MatchId, first: int, most: int
    ) -> ReplayShare | None:
        """Return a part of a replay's film, as `fetch` does of its journal.

        It is None while the film, or the journal's end, is being written.

        Raises:
            RequestError: See `fetch` and `Films.of`.
        """
        journal = await self._fetch(player_id, address, match_id, 0, 0)
        if journal is None:
            return None
        film = await self.films.of(journal.file, subscriber(address))
        if film is None:
            return None
        job = _Job(player_id, None, subscriber(address), RequestId(0), GetReplay(match_id, first))
        try:
            share = await self._threaded(job, lambda: ReplayShare(film, film.page(first, most)))
        except UnreadableFileError:
            self.films.forget(film)
            raise _later(RETRY_S) from None
        self._charge(job, len(share.data))
        return share

    def want_view(self, player_id: PlayerId, seat: Seat, name: str, report: ReportDesync) -> int:
        """Ask for what a client had whose report was kept under a name; return the most bytes."""
        views = self._journals.views
        return views.expect(player_id, seat, name, report) if views is not None else 0

    def take_view(self, player_id: PlayerId, part: SendView) -> Result:
        """Take a part of what a client had.

        Raises:
            RequestError: ``bad_params``: it is not wanted.
        """
        views = self._journals.views
        if views is None:
            raise RequestError(Code.BAD_PARAMS, "no view is wanted")
        views.take(player_id, part)
        return Result()

    def _keys(self, job: _Job) -> tuple[str, str, str]:
        return job.player_id, job.address, _EVERYBODY

    async def run(self) -> None:
        """Read what is asked for, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake = trio.Event()
            while self._waiting:
                job = next(iter(self._waiting.values()))
                answer = await self._answer(job)
                if self._waiting.get(job.player_id) is job:
                    del self._waiting[job.player_id]
                self._deliver(job, answer)

    async def _answer(self, job: _Job) -> ResultEnvelope | Refusal:
        try:
            page = await self._page(job)
        except RequestError as error:
            return Refusal(job.request_id, error.code, error.sentence, error.details)
        except (JournalError, UnreadableFileError):
            return Refusal(job.request_id, Code.MATCH_NOT_KEPT, NOT_KEPT)
        except Exception:
            log.exception("replay failed", match=job.request.match_id)
            sentence = "the server met a fault with this request"
            return Refusal(job.request_id, Code.INTERNAL, sentence)
        return ResultEnvelope(job.request_id, page)

    async def _page(self, job: _Job) -> ReplayPage:
        """Return the page that is asked for.

        Raises:
            RequestError, JournalError, UnreadableFileError: There is none for this player.
        """
        share = _written(await self._read(job, PAGE_BYTES))
        file, offset = share.file, job.request.offset
        return ReplayPage(file.path.name, file.size, file.digest, offset, share.data)

    async def _read(self, job: _Job, most: int) -> ReplayShare | None:
        """Return a part of a replay; None if the end of the match is not on disk yet."""
        match_id, offset, player_id = job.request.match_id, job.request.offset, job.player_id
        path = await self._threaded(job, lambda: self._shelf.find(match_id))
        if path is None:
            raise RequestError(Code.MATCH_NOT_KEPT, NOT_KEPT)
        # A match that has just ended is compressed behind all that was to be written before.
        if path.name.endswith(OPEN):
            settled = await self._journals.settle()
            if not settled or self._journals.is_closing(match_id):
                return None
        return await self._threaded(
            job, lambda: self._shelf.page(match_id, player_id, offset, most)
        )

    async def _threaded(self, job: _Job, read: Callable[[], ReadT]) -> ReadT:
        """Return what a function reads in a thread; its processor time is charged."""
        took = [0.0]

        def measured() -> ReadT:
            began = self._runtime.thread_s()
            try:
                return read()
            finally:
                took[0] = self._runtime.thread_s() - began

        try:
            if self._runtime.threads:
                async with self._one:  # the shelf is for one thread at a time
                    return await trio.to_thread.run_sync(
                        measured, abandon_on_cancel=job.epoch is not None
                    )
            await trio.lowlevel.checkpoint()
            return measured()
        finally:
            line = self._connections.line(job.player_id)
            own = line.own if line is not None else None
            self._work.spent(job.address, own or self._work.budget(), took[0])

    def _deliver(self, job: _Job, answer: ResultEnvelope | Refusal) -> None:
        """Send an answer, unless the connection of its request is gone."""
        line = self._connections.line(job.player_id)
        if line is None or line.epoch != job.epoch:
            return  # who resumes asks again
        placed = attrs.evolve(answer, after=self._people.hall.last_event(job.player_id))
        with self._people.turn:
            sent_bytes = self._connections.send(job.player_id, placed)
        self._charge(job, sent_bytes)

    def _charge(self, job: _Job, sent_bytes: int) -> None:
        for budget, key in zip(self._budgets, self._keys(job), strict=True):
            budget.spend(key, sent_bytes, self._runtime.now())


def _written(share: ReplayShare | None) -> ReplayShare:
    """Return a part of a replay.

    Raises:
        RequestError: It is not on disk yet.
    """
    if share is None:
        raise _later(RETRY_S, "the end of the match is not on disk yet")
    return share


def _later(wait_s: float, why: str = "too many replays are asked for") -> RequestError:
    sentence = f"{why}; try again in {wait_s:.1f} s"
    return RequestError(Code.RATE_LIMITED, sentence, {"retry_after_s": wait_s})
