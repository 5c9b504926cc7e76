"""The answers of ``/api/v1/admin``.

Law: whoever comes here has the right that the operation needs (`gameserver.service.admin.road`).
"""

from collections.abc import Callable

import attrs

from gameserver import __version__
from gameserver.errors import Code, RequestError
from gameserver.rooms.state.audit import PlayerReport
from gameserver.service.admin import forms
from gameserver.service.admin.acting import OperatorActs
from gameserver.service.admin.credentials import ConsoleSession, Credentials
from gameserver.service.admin.reading import OperatorReader, Part
from gameserver.service.admin.rights import MAY, Principal, Role
from gameserver.service.admin.sampling import Sampler
from gameserver.service.rest.asking import ApiCall
from gameserver.service.rest.replies import Body


@attrs.frozen
class WithCookie:
    """An answer that sets a cookie."""

    value: object
    cookie: str
    """Value of ``Set-Cookie``."""


@attrs.frozen
class AdminCall(ApiCall):
    """A request for one operation, and who asks."""

    principal: Principal
    """Without a role's rights for the operation that signs in."""
    encrypted: bool
    """Whether a browser asks that has opened the console by ``https``."""


@attrs.frozen
class AdminApi:
    """Answers the operations of `gameserver.service.admin.operations`."""

    credentials: Credentials
    reader: OperatorReader
    acts: OperatorActs
    sampler: Sampler
    server: str
    """Name of the server."""
    started_at_ms: int
    drain_s: float
    """How long a drain lets matches go on."""
    saves_matches: Callable[[], bool]
    """Tells whether matches that run at the end go on in the next process."""
    document: Body
    """The description of the operations."""

    # --- who asks ---------------------------------------------------------------------------------

    def sign_in(self, asked: AdminCall) -> WithCookie:
        """Exchange the secret for a cookie."""
        form = asked.form(forms.ConsoleSignIn)
        session, cookie = self.credentials.sign_in(
            form.secret, form.name, asked.address, secure=asked.encrypted
        )
        return WithCookie(self._me(Principal(session.name, Role.OPERATOR), session), cookie)

    def sign_out(self, asked: AdminCall) -> WithCookie:
        """End the session of the cookie."""
        gone = self.credentials.sign_out(asked.principal)
        return WithCookie(self._me(asked.principal, None), gone)

    def me(self, asked: AdminCall) -> forms.Me:
        """Tell who asks."""
        return self._me(asked.principal, None, self.credentials.csrf_of(asked.principal))

    def _me(self, who: Principal, session: ConsoleSession | None, csrf: str = "") -> forms.Me:
        reader = self.reader
        return forms.Me(
            name=who.name,
            role=who.role,
            rights=tuple(sorted(MAY[who.role])),
            csrf=session.csrf if session is not None else csrf,
            server=self.server,
            version=__version__,
            game=reader.game.title,
            started_at_ms=self.started_at_ms,
            now_ms=reader.runtime.wall_ms(),
            draining=self.acts.ending(),
            drain_s=self.drain_s,
            saves_matches=self.saves_matches(),
        )

    def openapi(self, _asked: AdminCall) -> Body:
        """Return the description for programs."""
        return self.document

    # --- what there is ----------------------------------------------------------------------------

    def figures(self, _asked: AdminCall) -> forms.Figures:
        """Return the figures of this moment."""
        return self.reader.figures()

    def samples(self, asked: AdminCall) -> forms.SampleSeries:
        """Return the samples behind a number."""
        return self.sampler.since(asked.number("after"))

    def sessions(self, asked: AdminCall) -> forms.SessionPage:
        """Return a part of the sessions."""
        return self.reader.sessions(_part(asked))

    def session(self, asked: AdminCall) -> forms.SessionLine:
        """Return one session."""
        return self.reader.session(asked.path["player"])

    def lobbies(self, asked: AdminCall) -> forms.LobbyLinePage:
        """Return a part of the lobbies."""
        return self.reader.lobbies(_part(asked))

    def lobby(self, asked: AdminCall) -> forms.LobbyInside:
        """Return one lobby."""
        return self.reader.lobby(asked.path["lobby"])

    def chat(self, _asked: AdminCall) -> forms.GlobalLines:
        """Return the chat of all players."""
        return self.reader.chat()

    def matches(self, asked: AdminCall) -> forms.MatchRowPage:
        """Return a part of the running matches."""
        return self.reader.matches_page(_part(asked))

    def match(self, asked: AdminCall) -> forms.MatchInside:
        """Return one running match."""
        return self.reader.match(asked.path["match"])

    def picture(self, asked: AdminCall) -> forms.MatchPicture:
        """Return the present moment of a running match."""
        return self.reader.picture(asked.path["match"])

    def sanctions(self, asked: AdminCall) -> forms.SanctionPage:
        """Return a part of the bans and mutes."""
        return self.reader.sanctions(_part(asked))

    def audit(self, asked: AdminCall) -> forms.AuditPage:
        """Return a part of what operators did."""
        return self.reader.audit(_part(asked))

    def reports(self, asked: AdminCall) -> forms.ReportPage:
        """Return a part of the players' reports."""
        return self.reader.reports(_part(asked))

    def report(self, asked: AdminCall) -> PlayerReport:
        """Return one report with the chat around it."""
        return self.reader.report(_number(asked))

    # --- what is done -----------------------------------------------------------------------------

    def kick(self, asked: AdminCall) -> forms.Acted:
        """End a session."""
        return self.acts.kick(asked.principal, asked.path["player"], asked.form(forms.WithReason))

    def rename(self, asked: AdminCall) -> forms.Acted:
        """Rename a player."""
        return self.acts.rename(asked.principal, asked.path["player"], asked.form(forms.NewName))

    def impose(self, asked: AdminCall) -> forms.Acted:
        """Ban or mute."""
        return self.acts.impose(asked.principal, asked.address, asked.form(forms.NewSanction))

    def lift(self, asked: AdminCall) -> forms.Acted:
        """End a ban or mute."""
        return self.acts.lift(asked.principal, _number(asked), asked.form(forms.WithReason))

    def close_lobby(self, asked: AdminCall) -> forms.Acted:
        """Close a lobby."""
        form = asked.form(forms.WithReason)
        return self.acts.close_lobby(asked.principal, asked.path["lobby"], form)

    def settle(self, asked: AdminCall) -> forms.Acted:
        """Settle a report."""
        return self.acts.settle(asked.principal, _number(asked), asked.form(forms.WithReason))

    def broadcast(self, asked: AdminCall) -> forms.Acted:
        """Tell all players a text."""
        return self.acts.tell_all(asked.principal, asked.form(forms.NewText))

    def drain(self, asked: AdminCall) -> forms.Acted:
        """Let the server end."""
        return self.acts.let_end(asked.principal, asked.form(forms.NewDrain))


def _part(asked: ApiCall) -> Part:
    return Part(asked.text("text"), asked.number("offset"), asked.number("limit"))


def _number(asked: ApiCall) -> int:
    """Return the number in a path.

    Raises:
        RequestError: ``bad_params``.
    """
    text = asked.path["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise RequestError(Code.BAD_PARAMS, "the number in the path must be a whole number")
    return int(text)
