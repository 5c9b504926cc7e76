"""Save sessions, lobbies and chat: every call into the hall is recorded and committed in groups.

Law: what a player is told was committed before (`gameserver.service.gate`). A disk that refuses or
falls behind does not stop the server: then players are told at once, the operator is warned, and
what was decided meanwhile would be lost with the process. As soon as the disk takes data again, a
dump of the present state begins a new log.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import trio

from gameserver.rooms import calls
from gameserver.rooms.calls import Call, Moment
from gameserver.rooms.dump import dump
from gameserver.rooms.hall import Hall
from gameserver.rooms.packed import PackedClasses
from gameserver.service.background import CopyFailedError, computed
from gameserver.service.gate import Gate
from gameserver.service.logging.logs import get_logger
from gameserver.service.runtime import Runtime
from gameserver.store.people.database import PeopleFile, pack_dump
from gameserver.store.people.records import check_of, pack_call
from gameserver.store.people.writer import PeopleWriter

log: Final = get_logger()

LOOK_S: Final = 0.05
"""Time between two looks at the writer."""

QUIET_S: Final = 0.25
"""Longest time until calls are committed for which nobody waits: each commit has its price."""

SLOW_S: Final = 0.5
"""Longest time for which messages wait for a commit."""

RETRY_S: Final = 5.0
"""Time between two attempts to begin a new log after a fault."""

DUMP_CALLS: Final = 50_000
"""Calls behind the newest dump at which a new dump is made: they are replayed in some seconds."""

DUMP_BYTES: Final = 32 << 20
"""Bytes of such calls at which one is made as well: a client that sends its longest messages again
and again does not fill the disk (47)."""

_QUIET: Final = frozenset(
    {
        calls.Acked,
        calls.Answered,
        calls.Charge,
        calls.HandOut,
        calls.Happened,
        calls.Measured,
        calls.Received,
        calls.RefuseMatches,
        calls.Replayed,
        calls.ShowLobbies,
    }
)
"""Calls that decide nothing of which players are told, and events of running matches: those must
not come behind the snapshots of their ticks, and for matches the journal counts. A session that
resumes goes on behind the events that its client has (`EventStream.come_back`)."""


class Saving:
    """Records the calls of one server, and lets its messages out.

    Attributes:
        gate: Every message about a decision passes it.
    """

    def __init__(
        self,
        gate: Gate,
        runtime: Runtime,
        released: Callable[[], None],
    ) -> None:
        """Save nothing until `begin`.

        Args:
            gate: Holds the messages of the connections.
            runtime: Clocks, and whether threads may be used.
            released: Called after messages have passed the gate, to send them.
        """
        self.gate: Gate = gate
        self._runtime = runtime
        self._released = released
        self._hall: Hall | None = None
        self._writer: PeopleWriter | None = None
        self._begun = trio.Event()
        """Set by the first `begin`: without a store nothing is to be looked at."""
        self._path: Path
        """Of the file; set by `begin`."""
        self._classes = PackedClasses()
        self._number = 0
        """Number of the newest call."""
        self._dumped = 0
        """Number of the last call before the newest dump."""
        self._bytes = 0
        """Bytes of the calls behind it."""
        self._fault = ""
        """The fault of which the operator was told last."""
        self._slow_since = 0.0
        """When the gate was first seen to hold without a commit since; 0.0 if it is not."""
        self._committed = 0
        self._urgent = False
        """Whether players wait for what was not handed to the writer yet."""

    @property
    def active(self) -> bool:
        """Whether calls are recorded."""
        return self._writer is not None

    @property
    def file(self) -> PeopleFile | None:
        """The file that is written; None if nothing is recorded."""
        return self._writer.file if self._writer is not None else None

    @property
    def _is_long(self) -> bool:
        return self._number - self._dumped >= DUMP_CALLS or self._bytes >= DUMP_BYTES

    def begin(self, file: PeopleFile, hall: Hall, number: int, about: Mapping[str, Any]) -> None:
        """Record all further calls, behind a dump of the present state.

        Args:
            file: Belongs to this object from now on.
            hall: The hall, between two calls.
            number: Number of the last call that it has taken.
            about: Facts that a replay needs, such as the rules.

        Raises:
            sqlite3.Error, OSError: The dump cannot be written.
        """
        state = pack_dump(dump(hall))
        file.start_over(number, state, self._runtime.wall_ms())
        file.note(about)
        self._hall, self._path = hall, file.path
        self._number = self._dumped = self._committed = number
        token = trio.lowlevel.current_trio_token()
        told = self._told
        if self._runtime.threads:

            def told(number: int) -> None:
                with suppress(trio.RunFinishedError):
                    token.run_sync_soon(self._told, number)

        self._writer = PeopleWriter(file, told, self._runtime.worker)
        self.gate.decide(number)
        self.gate.close(number)
        self._begun.set()

    # --- recording --------------------------------------------------------------------------

    def record(
        self, moment: Moment, call: Call[object], tokens: list[bytes], outcome: object, effects: int
    ) -> None:
        """Record a call that was made; `flush` has it committed.

        Args:
            moment: Its moment.
            call: The call.
            tokens: Hashes of the resume tokens that it has issued.
            outcome: Its answer, or the exception that it raised.
            effects: Number of its effects.
        """
        writer = self._writer
        if writer is None:
            return
        self._number += 1
        if writer.fault:
            return
        known = len(self._classes.rows)
        try:
            record = pack_call(moment, call, tokens, check_of(outcome, effects), self._classes)
        except Exception:  # a bug of ours: this call cannot be replayed, so the log must begin anew
            log.exception("call not recorded", call=type(call).__name__)
            writer.fault = f"a {type(call).__name__} cannot be recorded"
            return
        fresh = [(at, *self._classes.rows[at]) for at in range(known, len(self._classes.rows))]
        writer.put(self._number, record, fresh)
        self._bytes += len(record)
        if type(call) not in _QUIET:
            self._urgent = True
            self.gate.decide(self._number)

    def flush(self) -> None:
        """Have the calls of a turn committed together, if players wait for it."""
        if self._urgent and self._writer is not None:
            self._urgent = False
            self._writer.flush()

    async def saved(self) -> None:
        """Wait until all decisions up to now are committed, or cannot be."""
        await self.gate.wait()

    def _told(self, number: int) -> None:
        # A dump is older than the calls that were committed while it was made.
        number = self._committed = max(number, self._committed)
        self._slow_since = 0.0
        if self._fault:
            if self._writer is None or self._writer.fault:
                return
            log.info("people saved again", file=str(self._path))
            self._fault = ""
        self.gate.committed(number)
        self._released()

    # --- meanwhile --------------------------------------------------------------------------

    async def run(self) -> None:
        """Watch the writer, and shorten the log from time to time."""
        await self._begun.wait()
        retry_at = quiet_at = 0.0
        while True:
            await trio.sleep(LOOK_S)
            writer = self._writer
            if writer is None:
                continue
            now = self._runtime.now()
            if now >= quiet_at:
                quiet_at = now + QUIET_S
                writer.flush()
            if writer.fault and not self._fault:
                self._warn(writer.fault)
                retry_at = now + RETRY_S
            elif writer.fault and now >= retry_at:
                retry_at = now + RETRY_S
                self._renew(writer)
            elif self.gate.holds and not self._fault:
                self._look_at_pace(now)
            if not self._fault and self._is_long:
                await self._shorten(writer)

    def _warn(self, fault: str) -> None:
        """Tell the operator, and the players what waits."""
        self._fault = fault
        log.warning("people not saved", fault=fault, file=str(self._path))
        self.gate.open()
        self._released()

    def _look_at_pace(self, now: float) -> None:
        """Let messages out if the disk has not committed for `SLOW_S`."""
        if not self._slow_since:
            self._slow_since = now
        elif now - self._slow_since > SLOW_S:
            self._warn(f"no commit for {now - self._slow_since:.1f} s")

    def _renew(self, writer: PeopleWriter) -> None:
        """Try to begin a new log with a dump of the present state."""
        assert self._hall is not None
        self._classes = PackedClasses()
        self._dumped, self._bytes = self._number, 0
        writer.renew(self._number, pack_dump(dump(self._hall)), self._runtime.wall_ms())

    async def _shorten(self, writer: PeopleWriter) -> None:
        """Write a dump, made in a copy of the process, and drop the calls before it."""
        number, hall = self._number, self._hall
        assert hall is not None

        def packed() -> bytes:
            return pack_dump(dump(hall))

        self._dumped, self._bytes = number, 0
        try:
            state = await computed(packed) if self._runtime.threads else packed()
        except (OSError, CopyFailedError) as error:
            log.warning("log of people not shortened", fault=str(error))
            return
        writer.put_dump(number, state, self._runtime.wall_ms())

    async def close(self) -> None:
        """Write a dump of the last state; the calls before it are dropped. No calls follow."""
        writer, hall = self._writer, self._hall
        if writer is None or hall is None:
            return
        self._writer = None
        self.gate.open()
        self._released()
        writer.put_dump(self._number, pack_dump(dump(hall)), self._runtime.wall_ms())
        if self._runtime.threads:
            await trio.to_thread.run_sync(writer.close)
        else:
            writer.close()

    def abandon(self) -> None:
        """End without a dump, as the end of the process would; without effect behind `close`."""
        writer, self._writer = self._writer, None
        if writer is not None:
            self.gate.open()
            writer.abandon()


def note_unsent(error: Exception) -> None:
    """Log that a message behind the gate was lost by a bug of ours."""
    log.error("message not sent", exc_info=error)
