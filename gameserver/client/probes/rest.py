"""Probe of ``/api/v1``: a POST for each request, and events that are asked for.

Law: a request whose response was cut is said again; what a probe asks may be done twice.
"""

import json
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

import trio

from gameserver.client.link.address import Address
from gameserver.client.probes.connection import Connection, Heard, ProbeRequest
from gameserver.client.probes.http import HttpCaller
from gameserver.client.probes.meter import Meter

BASE: Final = "/api/v1"
JSON: Final = "application/json"
QUIET: Final = "server.info"
"""The request after which no events are expected, and so none are asked for."""


class OverRest(Connection):
    """Plain requests, one after the other on one connection."""

    road = "rest"

    def __init__(self, address: Address, meter: Meter, nursery: trio.Nursery) -> None:
        """Prepare; nothing is asked before `open`."""
        super().__init__(address, meter, nursery)
        self._waiting: deque[ProbeRequest] = deque()
        self._wake = trio.Event()

    async def open(self, auth: dict[str, Any]) -> None:
        """Sign in, or ask for the events that were missed."""
        self._token, self._last = str(auth.get("token", "")), int(auth.get("last_event", 0))
        self._name = auth.get("name", "")
        self._start(self._talk)
        await trio.lowlevel.checkpoint()

    async def say(self, asked: Sequence[ProbeRequest]) -> None:
        """Say requests, one after the other."""
        self._waiting += asked
        await trio.lowlevel.checkpoint()
        self._wake.set()

    async def confirm(self, event: int, answer: int) -> None:
        """Say nothing: the next question for events confirms."""

    async def _talk(self) -> None:
        caller = HttpCaller(self._address, self._meter.open_stream)
        try:
            if not self._token:
                content = json.dumps({"name": self._name}).encode()
                found = json.loads(await caller.call("POST", f"{BASE}/session", content, JSON))
                self._token, self._last = str(found["token"]), int(found["last_event"])
                self._tell(Heard("welcome", {"token": self._token}))
            else:
                self._tell(Heard("welcome", {"token": self._token}))
                await self._ask_events(caller)
            while True:
                await self._wake.wait()
                self._wake = trio.Event()
                await self._say_waiting(caller)
        finally:
            await caller.aclose()

    async def _say_waiting(self, caller: HttpCaller) -> None:
        quiet = True
        while self._waiting:
            each = self._waiting[0]
            quiet = quiet and each.name == QUIET
            content = json.dumps(each.fields, separators=(",", ":")).encode()
            path = f"{BASE}/requests/{each.name}"
            found = await caller.call("POST", path, content, JSON, self._authorized)
            self._meter.message(len(content))
            self._meter.message(len(found))
            self._waiting.popleft()
            self._tell(Heard("answer", json.loads(found), each.number))
        if not quiet:
            await self._ask_events(caller)

    async def _ask_events(self, caller: HttpCaller) -> None:
        path = f"{BASE}/events?after={self._last}"
        found = json.loads(await caller.call("GET", path, headers=self._authorized))
        for each in found["events"]:
            self._last = int(each["number"])
            self._tell(Heard(str(each["name"]), each["fields"], self._last))

    @property
    def _authorized(self) -> list[tuple[str, str]]:
        return [("authorization", f"Bearer {self._token}")]
