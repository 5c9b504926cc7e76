"""The operations of ``/api/v1/admin``: the one table that routes, rights and description come from.

Law: an operation without a right of its own line is one that nobody may use; only `OPEN` names the
sign-in, which needs the secret itself.
"""

from collections.abc import Callable
from typing import Any, Final

import attrs

from gameserver.errors import Code
from gameserver.rooms.state.audit import PlayerReport
from gameserver.service.admin import forms
from gameserver.service.admin.api import AdminApi
from gameserver.service.admin.rights import Right
from gameserver.service.rest.asking import LARGEST, Parameter
from gameserver.service.rest.operations import Document, Operation

BASE: Final = "/api/v1/admin"

OPEN: Final = "console_sign_in"
"""Name of the one operation that is asked for without a credential."""

PART: Final = (
    Parameter("text", "Part of a name, title, address or id.", ""),
    Parameter("offset", "How many to pass over.", 0, 100_000),
    Parameter("limit", "Most in one answer.", 50, 200),
)


@attrs.frozen(kw_only=True)
class AdminOperation(Operation):
    """An operation that needs a right."""

    right: Right | None
    """None: every principal may."""


def _reads(
    path: str,
    name: str,
    summary: str,
    gives: type,
    answer: Callable[..., Any],
    *,
    right: Right = Right.LOOK,
    query: tuple[Parameter, ...] = (),
    refusals: tuple[Code, ...] = (),
) -> AdminOperation:
    return AdminOperation(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        gives=gives,
        answer=answer,
        query=query,
        token="console",  # noqa: S106  a kind, no secret
        refusals=(Code.TOKEN_UNKNOWN, Code.FORBIDDEN, *refusals),
        right=right,
    )


def _acts(
    path: str,
    name: str,
    summary: str,
    takes: type,
    answer: Callable[..., Any],
    *,
    right: Right = Right.MODERATE,
    refusals: tuple[Code, ...] = (),
) -> AdminOperation:
    return AdminOperation(
        method="POST",
        path=path,
        name=name,
        summary=summary,
        gives=forms.Acted,
        answer=answer,
        takes=takes,
        token="console",  # noqa: S106
        refusals=(Code.BAD_PARAMS, Code.TOKEN_UNKNOWN, Code.FORBIDDEN, *refusals),
        right=right,
    )


ADMIN_OPERATIONS: Final = (
    AdminOperation(
        method="POST",
        path="/sign-in",
        name=OPEN,
        summary="Exchange the secret for a cookie",
        gives=forms.Me,
        answer=AdminApi.sign_in,
        takes=forms.ConsoleSignIn,
        refusals=(Code.BAD_PARAMS, Code.TOKEN_UNKNOWN),
        right=None,
    ),
    AdminOperation(
        method="POST",
        path="/sign-out",
        name="console_sign_out",
        summary="End the cookie's session",
        gives=forms.Me,
        answer=AdminApi.sign_out,
        takes=forms.WithReason,
        token="console",  # noqa: S106
        refusals=(Code.TOKEN_UNKNOWN, Code.FORBIDDEN),
        right=None,
    ),
    AdminOperation(
        method="GET",
        path="/me",
        name="console_me",
        summary="Who asks, and of which server",
        gives=forms.Me,
        answer=AdminApi.me,
        token="console",  # noqa: S106
        refusals=(Code.TOKEN_UNKNOWN,),
        right=None,
    ),
    _reads(
        "/openapi.json",
        "console_openapi",
        "This description",
        Document,
        AdminApi.openapi,
    ),
    _reads(
        "/figures",
        "console_figures",
        "The server's figures",
        forms.Figures,
        AdminApi.figures,
        right=Right.FIGURES,
    ),
    _reads(
        "/samples",
        "console_samples",
        "Figures of the last minutes, for charts",
        forms.SampleSeries,
        AdminApi.samples,
        right=Right.FIGURES,
        query=(Parameter("after", "The last answer's next; 0 for all.", 0, LARGEST),),
    ),
    _reads(
        "/sessions",
        "console_sessions",
        "Sessions",
        forms.SessionPage,
        AdminApi.sessions,
        query=PART,
        refusals=(Code.BAD_PARAMS,),
    ),
    _reads(
        "/sessions/{player}",
        "console_session",
        "One session",
        forms.SessionLine,
        AdminApi.session,
        refusals=(Code.PLAYER_UNKNOWN,),
    ),
    _reads(
        "/lobbies",
        "console_lobbies",
        "Lobbies, unlisted ones included",
        forms.LobbyLinePage,
        AdminApi.lobbies,
        query=PART,
        refusals=(Code.BAD_PARAMS,),
    ),
    _reads(
        "/lobbies/{lobby}",
        "console_lobby",
        "One lobby with its members and chat",
        forms.LobbyInside,
        AdminApi.lobby,
        refusals=(Code.LOBBY_UNKNOWN,),
    ),
    _reads(
        "/chat",
        "console_chat",
        "The chat of all players",
        forms.GlobalLines,
        AdminApi.chat,
    ),
    _reads(
        "/matches",
        "console_matches",
        "Running matches",
        forms.MatchRowPage,
        AdminApi.matches,
        query=PART,
        refusals=(Code.BAD_PARAMS,),
    ),
    _reads(
        "/matches/{match}",
        "console_match",
        "One running match with its standings",
        forms.MatchInside,
        AdminApi.match,
        refusals=(Code.MATCH_UNKNOWN,),
    ),
    _reads(
        "/matches/{match}/view",
        "console_picture",
        "One running match from above",
        forms.MatchPicture,
        AdminApi.picture,
        refusals=(Code.MATCH_UNKNOWN,),
    ),
    _reads(
        "/sanctions",
        "console_sanctions",
        "Bans and mutes that hold",
        forms.SanctionPage,
        AdminApi.sanctions,
        query=PART,
        refusals=(Code.BAD_PARAMS,),
    ),
    _reads(
        "/audit",
        "console_audit",
        "What operators did",
        forms.AuditPage,
        AdminApi.audit,
        query=PART,
        refusals=(Code.BAD_PARAMS,),
    ),
    _reads(
        "/reports",
        "console_reports",
        "Reports of players",
        forms.ReportPage,
        AdminApi.reports,
        query=PART,
        refusals=(Code.BAD_PARAMS,),
    ),
    _reads(
        "/reports/{number}",
        "console_report",
        "One report with the chat around it",
        PlayerReport,
        AdminApi.report,
        refusals=(Code.BAD_PARAMS,),
    ),
    _acts(
        "/sessions/{player}/kick",
        "console_kick",
        "End a session; the player may sign in again",
        forms.WithReason,
        AdminApi.kick,
        refusals=(Code.PLAYER_UNKNOWN,),
    ),
    _acts(
        "/sessions/{player}/rename",
        "console_rename",
        "Give a player another name",
        forms.NewName,
        AdminApi.rename,
        refusals=(Code.PLAYER_UNKNOWN, Code.NAME_REFUSED),
    ),
    _acts(
        "/sanctions",
        "console_impose",
        "Ban or mute a session, an address or network, or a name, for a time",
        forms.NewSanction,
        AdminApi.impose,
        refusals=(Code.PLAYER_UNKNOWN, Code.NAME_REFUSED, Code.SERVER_FULL),
    ),
    _acts(
        "/sanctions/{number}/lift",
        "console_lift",
        "End a ban or mute before its time",
        forms.WithReason,
        AdminApi.lift,
    ),
    _acts(
        "/lobbies/{lobby}/close",
        "console_close_lobby",
        "Put everybody out of a lobby",
        forms.WithReason,
        AdminApi.close_lobby,
        refusals=(Code.LOBBY_UNKNOWN,),
    ),
    _acts(
        "/reports/{number}/settle",
        "console_settle",
        "Note that a report was dealt with",
        forms.WithReason,
        AdminApi.settle,
    ),
    _acts(
        "/broadcast",
        "console_broadcast",
        "Show all players a text",
        forms.NewText,
        AdminApi.broadcast,
        right=Right.RUN,
        refusals=(Code.CHAT_EMPTY,),
    ),
    _acts(
        "/drain",
        "console_drain",
        "Let the server end behind its matches, or at once, also while it drains",
        forms.NewDrain,
        AdminApi.drain,
        right=Right.RUN,
        refusals=(Code.SERVER_STOPPING,),
    ),
)
