"""One request to ``/api/v1``, checked: its parameters, its token, its JSON.

Law: what is wrong in a request is a `RequestError` or `ProtocolError`, before anything acts.
"""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from gameserver.errors import Code, RequestError
from gameserver.protocol.limits import CLIENT_DEPTH
from gameserver.protocol.shape import FROM_CLIENT, MessageT, structure
from gameserver.protocol.socketio.jsontext import parse

NOT_POSTED: Final = frozenset(
    {
        "match.enter",
        "match.desync",
        "match.replay",
        "match.view",
        "namespace.join",
        "namespace.emit",
        "namespace.leave",
        "namespace.ack",
    }
)
"""Requests that are only for a connection, which gets the snapshots and events they are about."""

LARGEST: Final = 2**53 - 1


@attrs.frozen
class Parameter:
    """One parameter of a query."""

    name: str
    summary: str
    default: int | bool | str
    """Its type is the parameter's type."""
    most: int = 64
    """Largest number, or most characters of a text."""

    def read(self, text: str) -> int | bool | str:
        """Return a value.

        Raises:
            RequestError: ``bad_params``.
        """
        if isinstance(self.default, bool):
            if text not in ("true", "false", "1", "0"):
                raise self._wrong("true or false")
            return text in ("true", "1")
        if isinstance(self.default, int):
            if not (text.isascii() and text.isdigit() and len(text) < 17):
                raise self._wrong("a whole number")
            if int(text) > self.most:
                raise self._wrong(f"at most {self.most}")
            return int(text)
        if len(text) > self.most:
            raise self._wrong(f"at most {self.most} characters")
        return text

    def _wrong(self, wanted: str) -> RequestError:
        return RequestError(Code.BAD_PARAMS, f"{self.name} must be {wanted}")


@attrs.frozen
class ApiCall:
    """A request for one operation."""

    path: Mapping[str, str]
    """Values of the parts of the path."""
    query: Mapping[str, int | bool | str]
    """All parameters of the operation."""
    token: str
    """The token of ``Authorization: Bearer``; empty without one."""
    body: bytes
    address: str
    host: str
    """The Host header."""
    direct: bool
    """Whether no browser's script and no proxy sent it."""

    def number(self, name: str) -> int:
        """Return a parameter that is a number."""
        value = self.query[name]
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        """Return a parameter that is a text."""
        value = self.query[name]
        assert isinstance(value, str)
        return value

    def fields(self) -> dict[str, Any]:
        """Return the body, which must be a JSON object; an empty body is an empty one.

        Raises:
            ProtocolError: It is none.
            RequestError: It is none.
        """
        if not self.body.strip():
            return {}
        found = parse(self.body.decode("utf-8", "replace"), CLIENT_DEPTH + 1)
        if not isinstance(found, dict):
            raise RequestError(Code.BAD_PARAMS, "the body must be a JSON object")
        return found

    def form(self, cls: type[MessageT]) -> MessageT:
        """Return the body as a form.

        Raises:
            ProtocolError: It is none.
            RequestError: It is none.
        """
        return structure(FROM_CLIENT, self.fields(), cls, "the body")


def bearer(authorization: str) -> str:
    """Return the token of an Authorization header; empty if it has none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
