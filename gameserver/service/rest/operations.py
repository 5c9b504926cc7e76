"""The operations of ``/api/v1``: the one table that routes and description are made from."""

from collections.abc import Callable
from typing import Any, Final

import attrs

from gameserver.errors import Code
from gameserver.service.rest import forms
from gameserver.service.rest.api import MOST_EVENTS, Api
from gameserver.service.rest.asking import LARGEST, Parameter
from gameserver.service.rest.recordings import Recording

PAGE: Final = (
    Parameter("offset", "How many to pass over.", 0, 10_000),
    Parameter("limit", "Most in one answer.", 50, 200),
)


@attrs.frozen
class Operation:
    """One method of one path."""

    method: str
    path: str
    """Below ``/api/v1``, with names in braces."""
    name: str
    summary: str
    gives: type
    """Form of its answer."""
    answer: Callable[..., Any]
    """Makes the answer of the API and the call; that with a `Recording` gets a `Wanted` as well."""
    query: tuple[Parameter, ...] = ()
    takes: type | None = None
    """Form of the body."""
    status: int = 200
    kept_s: float = 0.0
    """How long an answer without a token is good for everybody; 0 keeps none."""
    token: str = ""
    """``session`` or ``operator`` for a token that is needed, ``may`` for one that shows more."""
    refusals: tuple[Code, ...] = ()
    """Usual ones besides ``rate_limited``."""


class Document:
    """Stands for a text that is no form."""


class Requested:
    """Stands for the result of the request that a path names."""


_NO_RECORDING: Final = (
    Code.TOKEN_UNKNOWN,
    Code.FORBIDDEN,
    Code.MATCH_NOT_KEPT,
    Code.MATCH_RUNNING,
    Code.TOO_LARGE,
)

OPERATIONS: Final = (
    Operation("GET", "", "index", "Where to go from here", forms.Index, Api.index, kept_s=60.0),
    Operation(
        "GET", "/info", "info", "Server, game and protocol", forms.Info, Api.info, kept_s=1.0
    ),
    Operation(
        "GET",
        "/lobbies",
        "lobbies",
        "The list of lobbies",
        forms.LobbyPage,
        Api.lobbies,
        kept_s=1.0,
        query=(
            Parameter("text", "Part of the title or of the host's name.", ""),
            Parameter("mode", "The game's mode.", ""),
            Parameter("map", "Name of the map.", ""),
            Parameter("joinable", "Only those with a free seat.", False),
            *PAGE,
        ),
        refusals=(Code.BAD_PARAMS,),
    ),
    Operation(
        "GET",
        "/lobbies/{lobby}",
        "lobby",
        "One lobby, by id or invite code",
        forms.LobbyView,
        Api.lobby,
        kept_s=1.0,
        token="may",  # noqa: S106  a kind, no secret
        refusals=(Code.LOBBY_UNKNOWN,),
    ),
    Operation(
        "GET",
        "/matches",
        "matches",
        "Running matches of public lobbies",
        forms.MatchPage,
        Api.matches,
        kept_s=1.0,
        query=PAGE,
        refusals=(Code.BAD_PARAMS,),
    ),
    Operation(
        "GET",
        "/matches/{match}",
        "match",
        "One match: tick, players, scores, time left",
        forms.MatchReport,
        Api.match,
        kept_s=0.5,
        token="may",  # noqa: S106
        refusals=(Code.MATCH_UNKNOWN,),
    ),
    Operation(
        "GET",
        "/matches/{match}/scores",
        "scores",
        "The standings of one match",
        forms.Scores,
        Api.scores,
        kept_s=0.5,
        token="may",  # noqa: S106
        refusals=(Code.MATCH_UNKNOWN,),
    ),
    Operation(
        "GET",
        "/replays",
        "replays",
        "Matches since the server's start whose replays the session may fetch, 20 at most",
        forms.ReplayList,
        Api.replays,
        token="session",  # noqa: S106
        refusals=(Code.TOKEN_UNKNOWN,),
    ),
    Operation(
        "GET",
        "/replays/{match}",
        "replay",
        "The replay of a match in which the session had a seat, as a file",
        Recording,
        Api.replay,
        token="session",  # noqa: S106
        refusals=_NO_RECORDING,
    ),
    Operation(
        "GET",
        "/replays/{match}/film",
        "film",
        "The replay as snapshots, for clients that cannot run the game; 202 while it is made",
        Recording,
        Api.film,
        token="session",  # noqa: S106
        refusals=_NO_RECORDING,
    ),
    Operation("GET", "/health", "health", "Whether the server works", forms.Health, Api.health),
    Operation("GET", "/ready", "ready", "Whether it takes players", forms.Health, Api.health),
    Operation(
        "GET",
        "/connections",
        "connections",
        "Counts of connections",
        forms.ConnectionCounts,
        Api.connections,
        token="operator",  # noqa: S106
        refusals=(Code.FORBIDDEN,),
    ),
    Operation(
        "GET",
        "/openapi.json",
        "openapi",
        "This description",
        Document,
        Api.openapi,
        kept_s=3600.0,
    ),
    Operation(
        "GET", "/docs", "docs", "This description, to read", Document, Api.docs, kept_s=3600.0
    ),
    Operation(
        "POST",
        "/session",
        "sign_in",
        "Sign in by name, or go on by token",
        forms.SignedIn,
        Api.sign_in,
        takes=forms.SignInForm,
        status=201,
        refusals=(Code.TOKEN_UNKNOWN, Code.NAME_REFUSED, Code.SERVER_FULL, Code.SERVER_STOPPING),
    ),
    Operation(
        "POST",
        "/requests/{name}",
        "request",
        "A request of the protocol",
        Requested,
        Api.request,
        token="session",  # noqa: S106
        refusals=(Code.BAD_PARAMS, Code.TOKEN_UNKNOWN, Code.UNKNOWN_REQUEST),
    ),
    Operation(
        "GET",
        "/events",
        "events",
        "Events of the session behind a number",
        forms.EventPage,
        Api.events,
        query=(
            Parameter("after", "Number of the last event that came; 0 for none.", 0, LARGEST),
            Parameter("limit", "Most in one answer.", MOST_EVENTS, MOST_EVENTS),
        ),
        token="session",  # noqa: S106
        refusals=(Code.TOKEN_UNKNOWN,),
    ),
)
