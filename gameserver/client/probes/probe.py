"""One session over one road: round trips, bursts, and cuts.

Law: the session keeps below every limit of a server with default settings, and where the server
still says ``rate_limited``, it waits as long as it is told.
"""

import random
import secrets
from typing import Any, Final

import attrs
import trio

from gameserver.client.probes.connection import Connection, Heard, ProbeRequest
from gameserver.client.probes.meter import Meter
from gameserver.errors import ConnectionLostError
from gameserver.text import shown

PATIENCE_S: Final = 10.0
"""Longest wait for anything."""

RENAMES: Final = 4
"""Events of one cut: a session may rename itself five times at once."""

CUT_BYTES: Final = 200
"""A cut happens within this many bytes of what comes: among the events, or in HTTP's header."""

TRIES: Final = 5
"""Attempts to resume after a cut."""

CLOCK_S: Final = 1e-6
"""Shortest time that is taken for one; a clock may stand still between two readings."""

AGAIN_S: Final = 0.1
"""Pause between two of them."""


@attrs.frozen
class Cut:
    """What a cut did.

    Attributes:
        back_s: From the cut until the session answers again and all missed events are there.
        lost: Events that never came.
        doubled: Events that came again.
    """

    back_s: float
    lost: int
    doubled: int


class Probe:
    """A session that reconnects over its road.

    Attributes:
        meter: Counts its bytes and messages.
        refusals: Answers that said ``rate_limited``.
    """

    def __init__(self, connection: Connection, meter: Meter) -> None:
        """Use a connection that is not open yet."""
        self.meter = meter
        self.refusals: int = 0
        self._connection = connection
        self._token = ""
        self._last_event = 0
        self._lost = self._doubled = 0
        self._next = 1
        self._open: dict[int, ProbeRequest] = {}
        self._answers: dict[int, dict[str, Any]] = {}

    async def sign_in(self) -> None:
        """Sign in as a new guest.

        Raises:
            ConnectionLostError: The server cannot be reached on this road, or refuses; the
                sentence says why.
        """
        await self._enter(self._connection, {"name": f"Probe {secrets.token_hex(4)}"})

    async def round_trip(self) -> float:
        """Ask for the server's name and figures; return the seconds until the answer.

        Raises:
            ConnectionLostError: The connection was lost.
        """
        while True:
            began = trio.current_time()
            (number,) = await self._say(1)
            answer = await self._answer(number)
            if not (wait_s := _told_to_wait(answer)):
                return trio.current_time() - began
            self.refusals += 1
            await trio.sleep(wait_s)

    async def burst(self, size: int) -> float:
        """Ask so many times at once; return the messages per second, answers not counted.

        Raises:
            ConnectionLostError: The connection was lost.
        """
        began = trio.current_time()
        for number in await self._say(size):
            if wait_s := _told_to_wait(await self._answer(number)):
                self.refusals += 1
                await trio.sleep(wait_s)
        return size / max(trio.current_time() - began, CLOCK_S)

    async def confirm(self) -> None:
        """Tell the server what has come."""
        await self._connection.confirm(self._last_event, self._next - 1)

    async def cut(self, draws: random.Random) -> Cut:
        """Cut the connection while events come, and go on.

        Raises:
            ConnectionLostError: The session did not come back.
        """
        self._lost = self._doubled = 0
        aim = self._last_event + RENAMES
        names = [f"Probe {secrets.token_hex(4)}" for _ in range(RENAMES)]
        self.meter.cut_after(draws.randint(1, CUT_BYTES))
        await self._ask([("session.rename", {"player_name": name}) for name in names])
        while self._last_event + self._lost < aim:
            await self._hear()
        if self.meter.cut_at is None:
            self.meter.cut()
        await self.round_trip()
        assert self.meter.cut_at is not None
        return Cut(trio.current_time() - self.meter.cut_at, self._lost, self._doubled)

    async def sign_out(self) -> None:
        """End the session, so that the server does not keep it."""
        with trio.move_on_after(1):
            try:
                (number,) = await self._ask([("session.sign_out", {})])
                while number not in self._answers:
                    self._note(await self._connection.hear())
            except ConnectionLostError:
                pass
        self._connection.close()

    # --- inside -----------------------------------------------------------------------------------

    async def _enter(self, connection: Connection, auth: dict[str, Any]) -> dict[str, Any]:
        with trio.move_on_after(PATIENCE_S):
            await connection.open(auth)
            heard = await connection.hear()
            if heard.name == "welcome":
                self._token = str(heard.fields.get("token", ""))
                return heard.fields
            said = heard.fields.get("error", heard.fields)
            sentence = said.get("sentence", "") if isinstance(said, dict) else ""
            raise ConnectionLostError(f"the server refuses: {shown(str(sentence), 120)}")
        raise ConnectionLostError(f"no welcome came within {PATIENCE_S:g} s")

    async def _say(self, count: int) -> list[int]:
        return await self._ask([("server.info", {})] * count)

    async def _ask(self, requests: list[tuple[str, dict[str, Any]]]) -> list[int]:
        asked = [ProbeRequest(self._next + at, *request) for at, request in enumerate(requests)]
        self._next += len(asked)
        self._open |= {each.number: each for each in asked}
        await self._connection.say(asked)
        return [each.number for each in asked]

    async def _answer(self, number: int) -> dict[str, Any]:
        while number not in self._answers:
            await self._hear()
        return self._answers.pop(number)

    async def _hear(self) -> None:
        """Take the next thing that the server says; resume the session if the connection ended."""
        with trio.move_on_after(PATIENCE_S):
            try:
                self._note(await self._connection.hear())
            except ConnectionLostError:
                if self.meter.cut_at is None:
                    raise
                await self._resume()
            return
        raise ConnectionLostError(f"no answer came within {PATIENCE_S:g} s")

    def _note(self, heard: Heard) -> None:
        if heard.name == "answer":
            self._answers[heard.number] = heard.fields
            self._open.pop(heard.number, None)
        elif heard.name == "goodbye":
            raise ConnectionLostError(f"goodbye: {shown(str(heard.fields.get('sentence')), 120)}")
        elif heard.number:
            step = heard.number - self._last_event
            self._doubled += step < 1
            self._lost += max(0, step - 1)
            self._last_event = max(self._last_event, heard.number)

    async def _resume(self) -> None:
        for left in reversed(range(TRIES)):
            self._connection.close()
            self._connection = self._connection.again()
            auth = {"token": self._token, "last_event": self._last_event}
            try:
                welcome = await self._enter(self._connection, auth)
            except ConnectionLostError:
                if not left:
                    raise
                await trio.sleep(AGAIN_S)
                continue
            waiting = [each for number, each in self._open.items() if number not in self._answers]
            await self._connection.repeat(waiting, int(welcome.get("next_request", 1)))
            return


def _told_to_wait(answer: dict[str, Any]) -> float:
    """Return the seconds that a refusal says to wait; 0 for a result.

    Raises:
        ConnectionLostError: The refusal is another one.
    """
    error = answer.get("error")
    if not isinstance(error, dict):
        return 0.0
    details = error.get("details")
    wait_s = details.get("retry_after_s") if isinstance(details, dict) else None
    if isinstance(wait_s, int | float) and 0 < wait_s <= PATIENCE_S:
        return float(wait_s)
    raise ConnectionLostError(f"the server refuses: {shown(str(error.get('sentence')), 120)}")
