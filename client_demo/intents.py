"""Intents: what a player wants, as screens emit it.

Law: a request to the server is emitted as the protocol's request itself; only intents that concern
the client alone have a class here.
"""

from pathlib import Path

import attrs

from gameserver.ids import MatchId
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
    """Show the form of a new lobby; with ``config``, that of the lobby whose host the player is."""

    config: LobbyConfig | None = None


@attrs.frozen
class CloseForm:
    """Leave the form without a request."""


@attrs.frozen
class FillForm:
    """Set all fields of the open form."""

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
    """Copy a text to the clipboard."""

    text: str


@attrs.frozen
class WatchMatch:
    """Show the running match again, after the player has left it for the room."""


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
    """The state of the controls. ``rocket`` and ``dash`` are true in the frame of the press."""

    move: int = 0
    """0 none, 1 east, then clockwise to 8 north-east."""
    aim: int = 0
    """0..1023, clockwise from east."""
    fire: bool = False
    rocket: bool = False
    dash: bool = False


@attrs.frozen
class PointAt:
    """Move the pointer to where a player with this aim would have it; for the autopilot."""

    aim: int
    """0..1023, clockwise from east."""


@attrs.frozen
class SavePicture:
    """Save the picture in the window as a PNG file."""

    path: Path


@attrs.frozen
class ReplayIntent:
    """What concerns the recorded matches on this computer."""


@attrs.frozen
class OpenReplays(ReplayIntent):
    """Show the list of recorded matches, read anew."""


@attrs.frozen
class CloseReplays(ReplayIntent):
    """Leave the replay for the list, or the list for the first screen."""


@attrs.frozen
class WatchReplay(ReplayIntent):
    """Watch a recorded match."""

    path: Path


@attrs.frozen
class FetchReplay(ReplayIntent):
    """Fetch the replay of a match from the server."""

    match_id: MatchId
    watch: bool = False
    """Whether to watch it then; else the player is told where it is."""


@attrs.frozen
class SteerReplay(ReplayIntent):
    """What is to be done with the replay on the screen: the fields that are set."""

    toggle: bool = False
    """Play or pause."""
    to: int | None = None
    """The tick to show."""
    seconds: int = 0
    """Go by so many seconds."""
    ticks: int = 0
    """Pause, and go by so many ticks."""
    faster: int = 0
    """1 for the next higher speed, -1 for the next lower one."""


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
    | ReplayIntent
    | Request
)
