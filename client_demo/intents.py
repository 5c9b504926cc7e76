"""What a player wants, as screens emit it.

Law: whatever the server can be asked is emitted as the protocol's own request; only what concerns
this client alone has a class here.
"""

from pathlib import Path

import attrs

from gameserver.messages.base import Request
from gameserver.messages.lobby import LobbyConfig


@attrs.frozen
class Connect:
    """Sign in on a server."""

    url: str
    name: str


@attrs.frozen
class EndSession:
    """End the session and go back to the connect screen."""


@attrs.frozen
class OpenForm:
    """Show the form of a lobby: of a new one, or of the one whose host one is."""

    config: LobbyConfig | None = None


@attrs.frozen
class CloseForm:
    """Leave the form without doing anything."""


@attrs.frozen
class FillForm:
    """Choose everything in the open form at once."""

    config: LobbyConfig


@attrs.frozen
class OpenSettings:
    """Show the settings over the screen."""


@attrs.frozen
class CloseSettings:
    """Go back from the settings to the screen below."""


@attrs.frozen
class ShowNetGraph:
    """Show or hide the net graph in a match."""

    on: bool


@attrs.frozen
class CopyText:
    """Put a text where other programs can paste it from."""

    text: str


@attrs.frozen
class WatchMatch:
    """Look at the running match again, after having left it for the room."""


@attrs.frozen
class TryNow:
    """Connect again at once, instead of waiting."""


@attrs.frozen
class GiveUp:
    """Stop trying to connect again."""


@attrs.frozen
class Quit:
    """Close the client."""


@attrs.frozen
class Hold:
    """What the controls say now. ``rocket`` and ``dash`` are true in the frame of the press."""

    move: int = 0
    """0 none, 1 east, then clockwise to 8 north-east."""
    aim: int = 0
    """0..1023 from east, clockwise."""
    fire: bool = False
    rocket: bool = False
    dash: bool = False


@attrs.frozen
class PointAt:
    """Put the pointer where a player with this aim would have it."""

    aim: int
    """0..1023 from east, clockwise."""


@attrs.frozen
class SavePicture:
    """Write what the window shows into a PNG file."""

    path: Path


Intent = (
    Connect
    | EndSession
    | OpenForm
    | CloseForm
    | FillForm
    | OpenSettings
    | CloseSettings
    | ShowNetGraph
    | CopyText
    | WatchMatch
    | TryNow
    | GiveUp
    | Quit
    | Hold
    | PointAt
    | SavePicture
    | Request
)
