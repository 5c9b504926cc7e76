"""Every exception this project raises on purpose, sorted by whose fault it is.

Law: catch by fault, not by place. *Ours* is a bug: it ends the match or the test that met it.
*Theirs* is answered with its code and sentence, and serving goes on. *The world's* is retried
or resumed.

A code is stable for machines; a sentence says to a person what is wrong, where, and what to do.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

PROTOCOL_PAGE: Final = "docs/protocol.md"
"""Where the authors of clients find what a server asks for."""

NO_DETAILS: Mapping[str, object] = MappingProxyType({})


class Code(StrEnum):
    """Stable error codes of protocol version 1; meanings are listed in ``docs/protocol.md``."""

    BAD_MESSAGE = "bad_message"
    TOO_LARGE = "too_large"
    UNKNOWN_REQUEST = "unknown_request"
    BAD_PARAMS = "bad_params"
    VERSION_UNSUPPORTED = "version_unsupported"
    HELLO_EXPECTED = "hello_expected"
    RATE_LIMITED = "rate_limited"
    SERVER_FULL = "server_full"
    SERVER_BUSY = "server_busy"
    SERVER_STOPPING = "server_stopping"
    FORBIDDEN = "forbidden"
    INTERNAL = "internal"

    TOKEN_UNKNOWN = "session.token_unknown"  # noqa: S105  a code, no secret
    SESSION_REPLACED = "session.replaced"
    NAME_REFUSED = "session.name_refused"
    SESSION_KICKED = "session.kicked"
    SESSION_BANNED = "session.banned"

    LOBBY_UNKNOWN = "lobby.unknown"
    LOBBY_FULL = "lobby.full"
    LOBBY_LOCKED = "lobby.locked"
    LOBBY_LIMIT = "lobby.limit"
    LOBBY_ALREADY_IN = "lobby.already_in"
    LOBBY_NOT_IN = "lobby.not_in"
    LOBBY_WRONG_PASSWORD = "lobby.wrong_password"  # noqa: S105  a code, no secret
    LOBBY_BANNED = "lobby.banned"
    LOBBY_NOT_HOST = "lobby.not_host"
    LOBBY_WRONG_PHASE = "lobby.wrong_phase"
    LOBBY_SEAT_TAKEN = "lobby.seat_taken"
    LOBBY_BAD_OPTIONS = "lobby.bad_options"
    LOBBY_NOT_READY = "lobby.not_ready"
    PLAYER_UNKNOWN = "player.unknown"

    MATCH_UNKNOWN = "match.unknown"
    MATCH_RUNNING = "match.running"
    MATCH_NOT_KEPT = "match.not_kept"
    MATCH_NOT_RECORDED = "match.not_recorded"

    NAMESPACE_UNKNOWN = "namespace.unknown"
    NAMESPACE_NOT_IN = "namespace.not_in"
    NAMESPACE_NO_HANDLER = "namespace.no_handler"
    NAMESPACE_TIMED_OUT = "namespace.timed_out"

    CHAT_MUTED = "chat.muted"
    CHAT_TOO_LONG = "chat.too_long"
    CHAT_EMPTY = "chat.empty"
    CHAT_NO_CHANNEL = "chat.no_channel"
    CHAT_REPEATED = "chat.repeated"


class GameserverError(Exception):
    """Root of all exceptions raised on purpose by this project."""


def split_fault(
    error: BaseException,
) -> tuple[BaseException | None, BaseException | None]:
    """Divide what foreign code raised into its faults and what is not for its caller to keep.

    Foreign code may have tasks, whose exceptions come as a group.

    Returns:
        The faults, `SystemExit` included, since foreign code ends no server; a group of one is that
        one. And the rest, which must be raised again: cancellation and `KeyboardInterrupt`.
    """
    if not isinstance(error, BaseExceptionGroup):
        return (error, None) if isinstance(error, (Exception, SystemExit)) else (None, error)
    fault: BaseException | None
    fault, rest = error.split((Exception, SystemExit))
    while isinstance(fault, BaseExceptionGroup) and len(fault.exceptions) == 1:
        fault = fault.exceptions[0]
    return fault, rest


# --- ours ---------------------------------------------------------------------------------


class OurFaultError(GameserverError):
    """A bug in this server or in a game that runs on it."""


class GameFaultError(OurFaultError):
    """A game broke its contract: it raised, or its state left the declared bounds."""


class GameDefinitionError(OurFaultError):
    """A game's classes cannot be used as declared; the sentence names class and field."""


# --- theirs -------------------------------------------------------------------------------


class TheirFaultError(GameserverError):
    """Something from outside was not as it must be."""

    def __init__(
        self, code: Code, sentence: str, details: Mapping[str, object] = NO_DETAILS
    ) -> None:
        """Keep the stable ``code``, the human ``sentence`` and machine-readable ``details``."""
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.details = details


class ProtocolError(TheirFaultError):
    """Bytes that are no message of the protocol: the one exception decoding raises."""


class PacketError(ProtocolError, ValueError):
    """Text or bytes that are no packet of Engine.IO or Socket.IO, or an illegal packet."""


class RequestError(TheirFaultError):
    """A well-formed request that is refused; becomes the coded answer to it.

    In a client ``told`` is the code as the server told it: an author's namespace has codes of its
    own, such as ``guild.full``, for which ``code`` is ``internal``.
    """

    def __init__(
        self,
        code: Code,
        sentence: str,
        details: Mapping[str, object] = NO_DETAILS,
        told: str = "",
    ) -> None:
        """Keep what is refused and why; ``told`` is ``code`` unless it is given."""
        super().__init__(code, sentence, details)
        self.told: str = told or code.value


class RefusedError(GameserverError):
    """An author's namespace refuses a client or an event, with a code of its own."""

    def __init__(
        self, code: str, sentence: str, details: Mapping[str, object] = NO_DETAILS
    ) -> None:
        """Keep what the client is told; ``code`` is a short text, such as ``guild.full``."""
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.details = details


class ConfigError(GameserverError):
    """A setting is unknown or has a bad value; the sentence fits on one line."""


# --- the world's --------------------------------------------------------------------------


class WorldFaultError(GameserverError):
    """Nobody's fault: the network, a disk, a clock. Retry or resume."""


class UnreadableFileError(WorldFaultError):
    """What was named is no file that can be read; the sentence continues the file's name."""


class JournalError(WorldFaultError):
    """A match's journal cannot be read, or not be replayed; the sentence says why."""


class CannotListenError(WorldFaultError):
    """An address or port is not free, or not there yet; another attempt may succeed."""


class GameMismatchError(WorldFaultError):
    """A server plays a game that this client does not have, or cannot play."""


class ConnectionLostError(WorldFaultError):
    """The connection ended without a goodbye."""


class RequestTimedOutError(WorldFaultError):
    """No answer came in time; the request may or may not have been carried out."""


class ServerClosedError(WorldFaultError):
    """The server said goodbye; ``code`` tells why and whether coming back makes sense."""

    def __init__(self, code: Code, sentence: str, retry_after_s: float | None = None) -> None:
        """Keep why the server ended the connection; ``retry_after_s`` is None for "do not"."""
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.retry_after_s = retry_after_s
