"""One who asks ``/api/v1``, over connections of a server's memory net."""

import json
from typing import Any

import attrs

from tests.service.peers import Running
from tests.transports.polling.poller import Caller, post


@attrs.frozen
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> tuple[int, str]:
        """Status and error code of a problem."""
        assert self.headers["content-type"] == "application/problem+json"
        assert self.value["status"] == self.status
        return self.status, self.value["code"]


@attrs.define
class Asker:
    """Asks from one address, with or without a token."""

    running: Running
    address: str = ""
    token: str = ""

    async def call(
        self, method: str, path: str, body: Any = None, base: str = "/api/v1", **headers: str
    ) -> Answer:
        caller = Caller(self.running.whole.connect(self.address).client)
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        if not isinstance(body, bytes):
            body = b"" if body is None else json.dumps(body).encode()
        encoded = [line.encode() for line in lines]
        request = post(body, *encoded, path=(base + path).encode("latin-1"), method=method.encode())
        async with caller.stream:
            if method == "HEAD":
                await caller.stream.send_all(request)
                data = bytes(await caller.stream.receive_some())
                head, _, rest = data.partition(b"\r\n\r\n")
                assert not rest
                lines = head.decode().split("\r\n")
                pairs = [line.partition(": ") for line in lines[1:]]
                return Answer(int(lines[0].split()[1]), {k.lower(): v for k, _, v in pairs}, b"")
            return Answer(*await caller.call(request))

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.call("GET", path, **headers)

    async def sign_in(self, name: str = "Nora") -> Any:
        answer = await self.call("POST", "/session", {"name": name})
        assert answer.status == 201, answer
        self.token = answer.value["token"]
        return answer.value

    async def ask(self, name: str, **fields: Any) -> Answer:
        return await self.call("POST", f"/requests/{name}", fields)

    async def done(self, name: str, **fields: Any) -> Any:
        """Ask, and return the result."""
        answer = await self.ask(name, **fields)
        assert answer.status == 200, answer
        return answer.value["result"]

    async def events(self, after: int = 0) -> Any:
        answer = await self.get(f"/events?after={after}")
        assert answer.status == 200, answer
        return answer.value
