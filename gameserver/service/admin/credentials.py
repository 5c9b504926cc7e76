"""Secrets, cookies and tokens against cross-site requests: who is behind a request.

Law: nothing is decided by a comparison that takes as long as its texts agree. Wrong secrets make an
address slow, also loopback, and never deaf: many may share it, and somebody who guesses must not
keep the operator out. Right and wrong secrets are then as slow as each other (`SLOW_S`), so a
connection learns of one guess in that time, and who does not wait learns nothing.

The number of secrets that wait is bounded by the connections alone. A secret beyond a lower bound
would have to be answered at once: uncompared, which lets guessers keep the operator out, or
compared, which tells them of guesses as fast as they can send. Who fills an address's connections
needs no secrets for it anyway; against that the console has its own port (`console-port`).

The secret is never kept by a browser: the form exchanges it for a cookie that scripts cannot read
and other sites cannot send. Cookies have too many bits to be guessed, and are never slowed. A
request with the cookie that changes something needs the session's token in a header as well.

Source: threats 23 and 31 of docs/security.md; OWASP's cheat sheets on session management and on
cross-site request forgery (synchronizer token), and its page "Slow Down Online Guessing Attacks
with Device Cookies" on lock-outs as an attack.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

import attrs

from gameserver.errors import Code, RequestError
from gameserver.rooms.limits.buckets import BucketTable
from gameserver.rooms.sessions.names import clean_text
from gameserver.service.admin.rights import Principal, Role
from gameserver.service.rest.asking import bearer
from gameserver.transports import subscriber
from gameserver.transports.http.headers import HeaderFields

COOKIE: Final = "gameserver-console"
CSRF_HEADER: Final = b"x-csrf-token"
NAME_HEADER: Final = b"x-operator"
"""Names who asks with a secret, for the audit log."""

NAME_CHARS: Final = 24
USUAL_NAME: Final = "operator"

GUESSES: Final = 5
"""Wrong secrets of one address that are answered at once (23)."""
GUESSES_PER_S: Final = 0.1
SLOW_S: Final = 2.0
"""Delay of each answer to a secret from an address that has used up its `GUESSES` (23)."""
ADDRESSES: Final = 10_000

SESSION_S: Final = 12 * 3600.0
"""How long a sign-in holds: a long day."""
SESSIONS: Final = 32
"""Most browsers that are signed in. When full: the one that signed in first is signed out."""

TOKEN_BYTES: Final = 32

UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@attrs.frozen
class ConsoleSession:
    """One browser that is signed in."""

    name: str
    csrf: str = attrs.field(repr=False)
    until: float


class Credentials:
    """Knows the secrets of one server, and the browsers that are signed in."""

    def __init__(
        self,
        secret: str,
        stats_token: str,
        now: Callable[[], float],
        entropy: Callable[[int], bytes],
    ) -> None:
        """Begin with nobody signed in.

        Args:
            secret: The operator's secret.
            stats_token: The token of readers of the figures; "" if there is none.
            now: A clock in seconds.
            entropy: Returns random bytes.
        """
        self._secret = _digest(secret)
        self._stats_token = _digest(stats_token) if stats_token else None
        self._now = now
        self._entropy = entropy
        self._guesses = BucketTable(GUESSES_PER_S, GUESSES, ADDRESSES)
        self._sessions: dict[str, ConsoleSession] = {}
        """By digest of the cookie's value."""

    def change_secret(self, secret: str) -> bool:
        """Take another secret in place of the present one; return whether it is another one.

        All browsers are signed out, since the present one may be changed for having got out.
        """
        digest = _digest(secret)
        if compare_digest(digest, self._secret):
            return False
        self._secret = digest
        self._sessions.clear()
        return True

    def slow_s(self, address: str) -> float:
        """Return how long to wait before a secret from an address is compared.

        Without a wait the comparison must follow before any other task runs, or many tasks
        would pass with the last of the `GUESSES`.
        """
        return SLOW_S if self._guesses.wait(_guesser(address), self._now()) else 0.0

    def signed_in(self, headers: HeaderFields) -> str:
        """Return the key of the session whose cookie a request has; "" without one."""
        key, session = self._session(headers)
        return key if session is not None else ""

    def principal(self, method: str, headers: HeaderFields, address: str) -> Principal:
        """Return who is behind a request.

        Raises:
            RequestError: Nobody.
        """
        shown = shown_secret(headers)
        if shown:
            return self._by_secret(shown, headers, address)
        key, session = self._session(headers)
        if session is None:
            sentence = "this needs Authorization: Bearer SECRET, or a sign-in at the console"
            raise RequestError(Code.TOKEN_UNKNOWN, sentence)
        if method in UNSAFE:
            token = (headers.only(CSRF_HEADER) or b"").decode("latin-1")
            if not compare_digest(token.encode(), session.csrf.encode()):
                sentence = "the request has not the token of this sign-in; load the console again"
                raise RequestError(Code.FORBIDDEN, sentence)
        return Principal(session.name, Role.OPERATOR, key)

    def _by_secret(self, shown: str, headers: HeaderFields, address: str) -> Principal:
        given = (headers.only(NAME_HEADER) or b"").decode("utf-8", "replace")
        digest = _digest(shown)
        # Both are compared in any case, so that the time tells nothing.
        is_operator = compare_digest(digest, self._secret)
        is_reader = self._stats_token is not None and compare_digest(digest, self._stats_token)
        if not (is_operator or is_reader):
            raise self._wrong(address)
        return Principal(named(given), Role.OPERATOR if is_operator else Role.READER)

    def sign_in(
        self, secret: str, name: str, address: str, *, secure: bool
    ) -> tuple[ConsoleSession, str]:
        """Exchange the secret for a session; return it, and the value of ``Set-Cookie``.

        A ``secure`` cookie is sent by TLS alone.

        Raises:
            RequestError: The secret is wrong.
        """
        if not compare_digest(_digest(secret), self._secret):
            raise self._wrong(address)
        now = self._now()
        for key in [key for key, each in self._sessions.items() if each.until <= now]:
            del self._sessions[key]
        value = self._entropy(TOKEN_BYTES).hex()
        session = ConsoleSession(named(name), self._entropy(TOKEN_BYTES).hex(), now + SESSION_S)
        self._sessions[_digest(value).hex()] = session
        if len(self._sessions) > SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return session, _cookie(value, round(SESSION_S), secure=secure)

    def sign_out(self, principal: Principal) -> str:
        """End a session; return the value of ``Set-Cookie`` that makes a browser forget it."""
        self._sessions.pop(principal.session, None)
        return _cookie("", 0, secure=False)

    def csrf_of(self, principal: Principal) -> str:
        """Return the token that changing requests of this session need; "" without a session."""
        session = self._sessions.get(principal.session)
        return session.csrf if session is not None else ""

    def _session(self, headers: HeaderFields) -> tuple[str, ConsoleSession | None]:
        value = _cookies(headers).get(COOKIE, "")
        if not value:
            return "", None
        key = _digest(value).hex()  # looked up by digest: the time tells nothing of the value
        session = self._sessions.get(key)
        if session is not None and session.until <= self._now():
            del self._sessions[key]
            session = None
        return key, session

    def _wrong(self, address: str) -> RequestError:
        self._guesses.take(_guesser(address), self._now())
        return RequestError(Code.TOKEN_UNKNOWN, "this is not the secret of this server's console")


def shown_secret(headers: HeaderFields) -> str:
    """Return the secret of a request's ``Authorization``; "" without one."""
    return bearer((headers.only(b"authorization") or b"").decode("latin-1"))


def _cookie(value: str, age_s: int, *, secure: bool) -> str:
    more = "; Secure" if secure else ""
    path = "/api/v1/admin"
    return f"{COOKIE}={value}; Path={path}; Max-Age={age_s}; HttpOnly; SameSite=Strict{more}"


def named(given: str) -> str:
    """Return a name for the audit log."""
    return clean_text(given[: 8 * NAME_CHARS])[:NAME_CHARS].strip() or USUAL_NAME


def _guesser(address: str) -> str:
    """Return the key under which wrong secrets are counted: loopback has one, too."""
    return subscriber(address) or "loopback"


def _digest(secret: str) -> bytes:
    """Return a digest of a secret, so that comparisons tell nothing of its length either."""
    return blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def _cookies(headers: HeaderFields) -> Mapping[str, str]:
    line = (headers.only(b"cookie") or b"").decode("latin-1")
    pairs = (part.strip().partition("=") for part in line.split(";")[:64])
    return {name: value for name, _, value in pairs}
