"""Ask the operator's side of a server, for ``gameserver admin``.

Law: the secret is sent in a header and nowhere else, is never printed, and where it would pass a
network unencrypted, the operator is told.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import attrs
import h11
import trio

from gameserver.cli.output import err
from gameserver.client.link import streams
from gameserver.client.link.address import Address
from gameserver.client.link.refusals import cause_of
from gameserver.client.probes.http import HttpCaller
from gameserver.errors import ConfigError, ConnectionLostError, GameserverError
from gameserver.transports import is_loopback

BASE: Final = "/api/v1/admin"
ANSWER_S: Final = 10.0
MOST_LINES: Final = 200
"""Lines of one part of a list."""


class NotOneError(GameserverError):
    """A name stands for no player, or for several."""


@attrs.frozen
class AdminAsker:
    """Asks one server with one secret."""

    address: Address
    secret: str = attrs.field(repr=False)
    name: str
    """For the audit log; "" for the usual one."""

    @classmethod
    def of(cls, url: str, secret: str, name: str) -> "AdminAsker":
        """Return one for an address as a person types it.

        Raises:
            ConfigError: The address is none, or there is no secret.
        """
        address = Address.parse(url)
        if not secret:
            raise ConfigError(
                "the server's console-secret is needed: set GAMESERVER_CONSOLE_SECRET, or use"
                " --secret"
            )
        if not (secret.isascii() and secret.isprintable()):
            raise ConfigError("a console-secret has ASCII characters alone")
        if not address.tls and not (address.host == "localhost" or is_loopback(address.host)):
            err.print(
                "[yellow]warning:[/] the secret passes the network unencrypted; use wss:// or a"
                " tunnel",
                highlight=False,
                soft_wrap=True,
            )
        return cls(address, secret, name)

    async def get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        """Return what a GET answers.

        Raises:
            ConnectionLostError: The server refuses, or is not reached.
        """
        asked = f"?{urlencode({k: v for k, v in query.items() if v != ''})}" if query else ""
        return await self._call("GET", f"{BASE}{path}{asked}", b"")

    async def act(self, path: str, **fields: object) -> Any:
        """Have an act done, and return how it was written down.

        Raises:
            ConnectionLostError: The server refuses, or is not reached.
        """
        return await self._call("POST", f"{BASE}{path}", json.dumps(fields).encode())

    async def _call(self, method: str, target: str, body: bytes) -> Any:
        there = self.address.host_header
        headers = [("authorization", f"Bearer {self.secret}")]
        if self.name:
            headers.append(("x-operator", self.name.encode("ascii", "replace").decode()))
        caller = HttpCaller(self.address, streams.open_stream)
        try:
            with trio.fail_after(ANSWER_S):
                found = await caller.call(method, target, body, "application/json", headers)
            return json.loads(found)
        except trio.TooSlowError:
            raise ConnectionLostError(f"{there} did not answer within {ANSWER_S:g} s") from None
        except OSError as error:
            cause = cause_of(error, self.address)
            raise ConnectionLostError(f"cannot reach {there}: {cause}") from None
        except (trio.BrokenResourceError, h11.ProtocolError, ValueError):
            raise ConnectionLostError(f"{there} answers, but not as a gameserver") from None
        finally:
            await caller.aclose()

    async def player(self, named: str) -> str:
        """Return the id of a player, who is named by id or by name.

        Raises:
            NotOneError: No session has the name, or several do.
            ConnectionLostError: The server refuses, or is not reached.
        """
        page = await self.get("/sessions", {"text": named[:64], "limit": MOST_LINES})
        found, wanted = page["sessions"], named.casefold()
        # A part of a name is no name: whoever is meant by it is not clear enough for an act.
        # A player may call himself by the id of another one: then neither is meant clearly enough.
        exact = [each for each in found if named in (each["player_id"], each["name"])]
        exact = exact or [each for each in found if each["name"].casefold() == wanted]
        if len(exact) == 1:
            return str(exact[0]["player_id"])
        if not found:
            raise NotOneError(f"there is no session of the name or id {named!r:.80}")
        names = ", ".join(f"{each['name']} ({each['player_id']})" for each in found[:8])
        raise NotOneError(f"{named!r:.80} may be {names}; give the whole name or the id")


def part(text: str) -> str:
    """Return a text as a part of a path."""
    return quote(text, safe="")
