"""Examples of answers and bodies, for the description of ``/api/v1``."""

from collections.abc import Mapping
from typing import Any, Final

from gameserver.ids import EventNumber, LobbyId, MatchId, PlayerId, Seat, Tick
from gameserver.messages.lobby import (
    LobbyConfig,
    LobbyState,
    LobbySummary,
    Member,
    Phase,
    ResultLine,
)
from gameserver.service.played import PlayedMatch
from gameserver.service.rest import forms
from gameserver.service.rest.replies import plain

_LOBBY: Final = LobbyId("lxhr45bqjsiz3u")
_MATCH: Final = MatchId("mydicfut5xof4e")
_NORA: Final = PlayerId("pnmmkfnk2p64sc")
_OPTIONS: Final[Mapping[str, int | bool | str]] = {"mode": "dm", "score_limit": 15}

_SUMMARY: Final = LobbySummary(
    _LOBBY, "Nora's game", "Nora", Phase.IN_MATCH, "courtyard", "dm", 1, 4, 0, False, False, True
)
_STATE: Final = LobbyState(
    lobby_id=_LOBBY,
    revision=4,
    phase=Phase.IN_MATCH,
    host=_NORA,
    config=LobbyConfig("Nora's game", "courtyard", 4, bots=1, options=_OPTIONS),
    invite_code="",
    locked=False,
    teams=0,
    members=(
        Member(_NORA, "Nora", Seat(0)),
        Member(PlayerId(""), "Pixel", Seat(1), bot=True),
    ),
    match_id=_MATCH,
)
_PLAYED: Final = PlayedMatch(
    _MATCH, 1_764_200_000_000, "Courtyard", "dm", 240.0, ("Nora",), 1, "finished", "Nora", ()
)
_SCORES: Final = forms.Scores(
    _MATCH,
    Tick(900),
    False,
    "Nora",
    (),
    (
        ResultLine("Nora", _NORA, Seat(0), 0, 3, True, {"kills": 3, "deaths": 1}),
        ResultLine("Pixel", PlayerId(""), Seat(1), 0, 1, False, {"kills": 1}, bot=True),
    ),
)

ANSWERS: Final[Mapping[str, Any]] = {
    name: plain(value)
    for name, value in {
        "lobbies": forms.LobbyPage((_SUMMARY,), 1, 0, None),
        "lobby": forms.LobbyView(_SUMMARY, _STATE),
        "matches": forms.MatchPage(
            (forms.MatchLine(_MATCH, _LOBBY, "Nora's game", "courtyard", "dm", Tick(900), 1, 1),),
            1,
            0,
            None,
        ),
        "replays": forms.ReplayList((_MATCH,), (_PLAYED,), given=True),
        "match": forms.MatchReport(
            match_id=_MATCH,
            lobby_id=_LOBBY,
            phase="running",
            game="arena",
            map="courtyard",
            options=_OPTIONS,
            tick=Tick(900),
            tick_rate=30,
            elapsed_s=30.0,
            time_left_s=213.0,
            players=(
                forms.Seated(Seat(0), _NORA, "Nora", 0, False, True),
                forms.Seated(Seat(1), PlayerId(""), "Pixel", 0, True, True),
            ),
            scores=_SCORES,
            result=None,
        ),
        "scores": _SCORES,
        "health": forms.Health("ok"),
        "ready": forms.Health("ok"),
        "connections": forms.ConnectionCounts(
            open=3,
            by_transport={"websocket": 2, "rest": 1},
            players=3,
            sessions=4,
            opened={"websocket": 7, "rest": 1},
            closed={"goodbye": 4, "lost": 1},
            by_lobby=(forms.LobbyConnections(_LOBBY, 2, 1),),
            by_namespace=(forms.NamespaceConnections("/guild", 2, 1, 1),),
            by_room=(forms.RoomConnections("/guild", "great hall", 2, 0),),
        ),
        "sign_in": forms.SignedIn(
            "8a0XxsGg9BIzuLn6JVilAA", _NORA, "Nora", False, EventNumber(0), 60.0
        ),
        "events": forms.EventPage(
            (forms.Numbered(EventNumber(8), "session.renamed", {"player_name": "Nora"}),),
            EventNumber(8),
            False,
        ),
    }.items()
}
"""By name of the operation."""

BODIES: Final[Mapping[str, Any]] = {
    "sign_in": {"name": "Nora"},
    "lobby.create": {"config": {"title": "Nora's game", "map": "courtyard", "size": 4, "bots": 3}},
    "lobby.join": {"code": "S8GJ9F"},
    "lobby.ready": {"ready": True},
    "chat.send": {"channel": "lobby", "text": "hello"},
    "session.rename": {"player_name": "Nora"},
}
"""By name of the operation, or of the request."""
