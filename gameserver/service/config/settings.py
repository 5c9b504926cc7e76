"""The settings of a server: one attrs class with type, bounds, default and help of each.

Law: every default is right for a first run on one machine. Sources of values and their order are in
:mod:`gameserver.service.config.sources`, checks of values in
:mod:`gameserver.service.config.values`.
"""

from enum import StrEnum
from typing import Any, Final

import attrs
import typed_settings as ts

from gameserver.messages.wire import HEARTBEAT_S

ENV_PREFIX: Final = "GAMESERVER_"
CONFIG_VARIABLE: Final = "GAMESERVER_CONFIG"
DEFAULT_FILE: Final = "gameserver.toml"
SECTION: Final = "gameserver"
"""Name of the table in the settings file."""

BOTH_FAMILIES: Final = "::"
"""Address to listen on for every address of the machine, IPv6 and IPv4."""


class LogFormat(StrEnum):
    """Format of the log."""

    PRETTY = "pretty"
    """For people at a terminal."""
    JSON = "json"
    """For machines: one JSON object per line."""


class LogLevel(StrEnum):
    """Lowest level of the log lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Compression(StrEnum):
    """What is compressed on WebSockets."""

    OFF = "off"
    LARGE = "large"
    """Large answers without secrets."""


class ReplayAccess(StrEnum):
    """Who gets the journal of a match that is over."""

    SEATED = "seated"
    """Those who had a seat in it."""
    NOBODY = "nobody"


class Conformance(StrEnum):
    """What is on the port for tests of conformance."""

    OFF = "off"
    ECHO = "echo"
    """A WebSocket that sends everything back, with limits that are not fit for the public."""


class Holds(StrEnum):
    """Kind of a text setting; the value completes the sentence "must be ..."."""

    HOST = "an address or host name"
    DOMAIN = "the name of a host"
    ORIGIN = "a web origin"
    FOLDER = "a folder"
    STORE = "a folder or the name of a new one"
    FILE = "a file"
    TOKEN = "a token"  # noqa: S105  a kind, no secret
    SECRET = "a secret"  # noqa: S105
    LINE = "a line of text"
    WORDS = "a text"


@attrs.frozen
class InBounds:
    """An attrs validator with inclusive bounds; ``nan`` is always out of bounds."""

    lo: float
    hi: float

    def __call__(self, _instance: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
        """Check a value.

        Raises:
            ValueError: The value is out of bounds.
        """
        if not self.lo <= value <= self.hi:
            message = f"{attribute.name} must be from {self.lo:g} to {self.hi:g}, not {value:g}"
            raise ValueError(message)


def _holds(kind: Holds, most: int = 4096) -> dict[str, Any]:
    return {"holds": kind, "most": most}


@ts.settings(frozen=True)
class Settings:
    """All settings of an operator; ``gameserver serve --help`` lists them."""

    host: list[str] = ts.option(
        factory=lambda: ["127.0.0.1"],
        help="Address to listen on, several by repeating it: 0.0.0.0 for all of IPv4, :: for all"
        " of IPv6 and IPv4.",
        metadata=_holds(Holds.HOST, 261),
    )
    port: int = ts.option(
        default=7777, help="Port to listen on; 0 picks a free one.", validator=InBounds(0, 65535)
    )
    game: str = ts.option(
        default="arena",
        help="Name of an installed game, or module:Class.",
        metadata=_holds(Holds.LINE),
    )
    maps: str = ts.option(
        default="",
        help="Folder of maps; empty for the maps that come with the program.",
        metadata=_holds(Holds.FOLDER),
    )
    name: str = ts.option(
        default="gameserver",
        help="Name of this server, shown to players.",
        metadata=_holds(Holds.LINE, 64),
    )
    message: str = ts.option(
        default="", help="Message of the day.", metadata=_holds(Holds.WORDS, 500)
    )
    max_connections: int = ts.option(
        default=4096, help="Connections in all.", validator=InBounds(1, 100_000)
    )
    max_per_address: int = ts.option(
        default=256,
        help="Connections from one address (or IPv6 /64); loopback is exempt.",
        validator=InBounds(1, 100_000),
    )
    max_matches: int = ts.option(
        default=512, help="Matches at the same time.", validator=InBounds(1, 10_000)
    )
    tls_cert: str = ts.option(
        default="",
        help="Certificate chain (PEM) to speak TLS with (wss://); needs --tls-key.",
        metadata=_holds(Holds.FILE),
    )
    tls_key: str = ts.option(
        default="",
        help="The certificate's key (PEM), without a password.",
        metadata=_holds(Holds.FILE),
    )
    allow_origin: list[str] = ts.option(
        factory=list,
        help="Web origin that may connect besides the server's own, such as https://example.org.",
        metadata=_holds(Holds.ORIGIN, 300),
    )
    trusted_proxies: int = ts.option(
        default=0,
        help="Proxies of your own in front of this server, whose X-Forwarded-For is believed.",
        validator=InBounds(0, 16),
    )
    domain: list[str] = ts.option(
        factory=list,
        help="Name under which web pages reach this server, such as play.example, besides the"
        " addresses that it listens on.",
        metadata=_holds(Holds.DOMAIN, 261),
    )
    middleware: list[str] = ts.option(
        factory=list,
        help="Middleware around every request, as module:function; the first is outermost.",
        metadata=_holds(Holds.LINE, 300),
    )
    mount: list[str] = ts.option(
        factory=list,
        help="ASGI application on the game's port, as /path=module:object.",
        metadata=_holds(Holds.LINE, 300),
    )
    namespaces: list[str] = ts.option(
        factory=list,
        help="Namespace of own events, as module:Class.",
        metadata=_holds(Holds.LINE, 300),
    )
    compression: Compression = ts.option(
        default=Compression.OFF,
        help="Compress maps and lists of lobbies for WebSockets that offer it, or nothing.",
    )
    conformance: Conformance = ts.option(
        default=Conformance.OFF,
        help="For tests only: an echo at /echo for suites of WebSocket conformance.",
    )
    resume_grace_s: float = ts.option(
        default=60.0,
        help="How long a dropped player's seat is held, in seconds.",
        validator=InBounds(1, 3600),
    )
    heartbeat_s: float = ts.option(
        default=HEARTBEAT_S,
        help="A connection that is silent for twice this time is closed.",
        validator=InBounds(0.5, 60),
    )
    stop_after_s: float = ts.option(
        default=4.0, help="Longest orderly stop, in seconds.", validator=InBounds(0.5, 600)
    )
    spectator_delay_s: float = ts.option(
        default=0.0,
        help="By how much later spectators see a match, in seconds; world streams are off then.",
        validator=InBounds(0, 120),
    )
    drain_s: float = ts.option(
        default=0.0,
        help="How long SIGTERM lets running matches go on before the stop, in seconds; a second one"
        " stops at once.",
        validator=InBounds(0, 86_400),
    )
    stats_token: str = ts.secret(
        default="",
        help="Token to read the server's statistics; if empty, only this machine may read them.",
        click={"show_default": False},  # it would be a row of asterisks, also for an empty one
        metadata=_holds(Holds.TOKEN, 256),
    )
    console_secret: str = ts.secret(
        default="",
        help="Secret of the operator's console at /console and of gameserver admin, 16 characters"
        " or more; if empty, there is no console.",
        click={"show_default": False},
        metadata=_holds(Holds.SECRET, 256),
    )
    console_port: int = ts.option(
        default=0,
        help="Port of the console alone; 0 has it on the game's port.",
        validator=InBounds(0, 65535),
    )
    data: str = ts.option(
        default="",
        help="Folder for what is kept, such as journals of matches; if empty, nothing is kept.",
        metadata=_holds(Holds.STORE),
    )
    keep_matches: int = ts.option(
        default=1000,
        help="Journals of matches that are kept, the newest; 0 is no limit.",
        validator=InBounds(0, 10_000_000),
    )
    keep_days: float = ts.option(
        default=30.0,
        help="How long journals of matches are kept, in days; 0 is no limit.",
        validator=InBounds(0, 36_500),
    )
    replays: ReplayAccess = ts.option(
        default=ReplayAccess.SEATED,
        help="Who may fetch the journal of a match that is over: those who had a seat, or nobody.",
    )
    seed: int = ts.option(
        default=0,
        help="Seed of all matches, to repeat a run; 0 takes fresh entropy.",
        validator=InBounds(0, 2**53),
    )
    log_level: LogLevel = ts.option(
        default=LogLevel.INFO, help="Lowest level of the lines that are written."
    )
    log_format: LogFormat = ts.option(default=LogFormat.PRETTY, help="For people, or for machines.")

    @property
    def gives_replays(self) -> bool:
        """Whether players may have replays of their matches: journals are kept, and not for all."""
        return bool(self.data) and self.replays is ReplayAccess.SEATED
