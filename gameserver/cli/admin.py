"""``gameserver admin``: what the operator's console does, as commands.

Law: every command asks the server's REST API with the operator's secret, so it may do what the
console may, and what it does is in the same audit log.
"""

import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import click
from rich.console import RenderableType

from gameserver.cli import admintables as tables
from gameserver.cli.adminasking import MOST_LINES, AdminAsker, part
from gameserver.cli.groups import NearestGroup
from gameserver.cli.interrupts import run_interruptible
from gameserver.cli.output import out, outside, say, show, to_json
from gameserver.commandline import Exact, WholeNumber, shown

RunAdmin = Callable[..., None]
AdminView = Callable[[Any], RenderableType]

_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_TIME: Final = re.compile(r"(\d{1,9})\s*([a-z]*)")
LONGEST_S: Final = 10 * 366 * 86_400

BY: Final = ("session", "address", "name")

_ADDRESS: Final = re.compile(r"[0-9a-fA-F]*[.:/][0-9a-fA-F.:/]*")
"""What is meant as an address or network, be it a wrong one; all else names a player."""


class Duration(click.FloatRange):
    """A time such as ``90s``, ``30m``, ``12h`` or ``7d``, in seconds."""

    name = "time"

    def __init__(self) -> None:
        """Take times from one second on."""
        super().__init__(1, LONGEST_S)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Convert and check.

        Raises:
            click.BadParameter: It is no time, or too long.
        """
        if isinstance(value, float):
            return value
        found = _TIME.fullmatch(str(value).strip().lower())
        unit = _UNITS.get(found[2] or "s") if found else None
        seconds = float(found[1]) * unit if found and unit else 0.0
        if not 1 <= seconds <= LONGEST_S:
            self.fail(f"must be a time such as 30m, 12h or 7d, not {shown(value)}", param, ctx)
        return seconds


def build() -> click.Group:
    """Return the command group ``admin``."""
    group = NearestGroup("admin", help="See and do what the operator's console does.")
    for command in COMMANDS:
        group.add_command(command)
    return group


def _asks(command: RunAdmin) -> RunAdmin:
    """Add the options that every command has; the command gets an asker in their place."""

    def run(url: str, secret: str, name: str, as_json: bool, **others: Any) -> None:
        if not secret and sys.stdin is not None and sys.stdin.isatty():
            secret = click.prompt("console-secret", hide_input=True, default="", err=True)
        command(AdminAsker.of(url, secret, name), as_json, **others)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(run)
    run = click.option(
        "--as", "name", default="", help="Your name in the audit log. [default: operator]"
    )(run)
    run = click.option(
        "--secret",
        default="",
        envvar="GAMESERVER_CONSOLE_SECRET",
        show_envvar=True,
        help="The server's console-secret; a variable is better, others can see flags.",
    )(run)
    return click.option(
        "--url",
        default="ws://127.0.0.1:7777",
        show_default=True,
        help="Server, or its console-port.",
    )(run)


_reason: Final = click.option(
    "--reason", default="", help="Why; the player is told, and the audit log keeps it."
)
_text: Final = click.option(
    "--find",
    "text",
    default="",
    help="Show those with this text in a name, title, address or id.",
)
_player: Final = click.argument("player")


def _show(
    asker: AdminAsker, as_json: bool, path: str, view: AdminView, query: Mapping[str, object]
) -> None:
    async def ask() -> Any:
        return await asker.get(path, query)

    found = run_interruptible(ask)
    if as_json:
        say(to_json(found))
    elif found is not None:
        show(view(found))


def _page(asker: AdminAsker, as_json: bool, path: str, view: AdminView, text: str = "") -> None:
    _show(asker, as_json, path, view, {"text": text[:64], "limit": MOST_LINES})


def _do(as_json: bool, act: Callable[[], Awaitable[Any]]) -> None:
    """Have an act done, and tell how it was written down."""
    found = run_interruptible(act)
    if found is None:
        return
    if as_json:
        say(to_json(found))
        return
    entry = found["entry"]
    whom = entry["target_name"] or entry["target"]
    words = [entry["act"], whom, entry["details"]]
    told = " · ".join(outside(word) for word in words if word)
    count = f"{entry['affected']} session" + ("s" if entry["affected"] != 1 else "")
    out.print(f"[green]✓[/] {told} [dim]({count})[/]", highlight=False, soft_wrap=True)
    if found["warning"]:
        out.print(f"[yellow]![/] {outside(found['warning'])}", highlight=False, soft_wrap=True)


# --- what there is --------------------------------------------------------------------------------


@click.command("sessions", cls=Exact)
@_text
@_asks
def _sessions(asker: AdminAsker, as_json: bool, text: str) -> None:
    """List sessions."""
    _page(asker, as_json, "/sessions", tables.sessions, text)


@click.command("lobbies", cls=Exact)
@_text
@_asks
def _lobbies(asker: AdminAsker, as_json: bool, text: str) -> None:
    """List lobbies, unlisted ones included."""
    _page(asker, as_json, "/lobbies", tables.lobbies, text)


@click.command("lobby", cls=Exact)
@click.argument("lobby")
@_asks
def _lobby(asker: AdminAsker, as_json: bool, lobby: str) -> None:
    """Show the members and the chat of the lobby with the id LOBBY."""
    _show(asker, as_json, f"/lobbies/{part(lobby)}", tables.lobby, {})


@click.command("chat", cls=Exact)
@_asks
def _chat(asker: AdminAsker, as_json: bool) -> None:
    """Show the last lines of the channel of all players."""
    _show(asker, as_json, "/chat", lambda found: tables.chat(found["lines"]), {})


@click.command("matches", cls=Exact)
@_text
@_asks
def _matches(asker: AdminAsker, as_json: bool, text: str) -> None:
    """List running matches."""
    _page(asker, as_json, "/matches", tables.matches, text)


@click.command("match", cls=Exact)
@click.argument("match")
@_asks
def _match(asker: AdminAsker, as_json: bool, match: str) -> None:
    """Show the standings of the match with the id MATCH."""
    _show(asker, as_json, f"/matches/{part(match)}", tables.match, {})


@click.command("bans", cls=Exact)
@_text
@_asks
def _bans(asker: AdminAsker, as_json: bool, text: str) -> None:
    """List bans and mutes that hold."""

    async def ask() -> Any:
        now_ms = (await asker.get("/me"))["now_ms"]
        page = await asker.get("/sanctions", {"text": text[:64], "limit": MOST_LINES})
        return page, now_ms

    found = run_interruptible(ask)
    if found is None:
        return
    if as_json:
        say(to_json(found[0]))
    else:
        show(tables.sanctions(*found))


@click.command("audit", cls=Exact)
@_text
@_asks
def _audit(asker: AdminAsker, as_json: bool, text: str) -> None:
    """List what operators did, the newest first."""
    _page(asker, as_json, "/audit", tables.audit, text)


@click.command("reports", cls=Exact)
@_text
@_asks
def _reports(asker: AdminAsker, as_json: bool, text: str) -> None:
    """List what players reported, the newest first."""
    _page(asker, as_json, "/reports", tables.reports, text)


@click.command("report", cls=Exact)
@click.argument("number", type=WholeNumber(1, 2**53))
@_asks
def _report(asker: AdminAsker, as_json: bool, number: int) -> None:
    """Show the chat around report NUMBER."""
    _show(asker, as_json, f"/reports/{number}", lambda found: tables.chat(found["lines"]), {})


# --- what is done ---------------------------------------------------------------------------------


@click.command("kick", cls=Exact)
@_player
@_reason
@_asks
def _kick(asker: AdminAsker, as_json: bool, player: str, reason: str) -> None:
    """End the session of PLAYER (a name or id), who may sign in again."""

    async def act() -> Any:
        found = part(await asker.player(player))
        return await asker.act(f"/sessions/{found}/kick", reason=reason)

    _do(as_json, act)


def _impose(kind: str, what: str) -> click.Command:
    @click.command(kind, cls=Exact, help=what)
    @click.argument("whom")
    @click.option(
        "--by",
        "known_by",
        type=click.Choice(BY),
        default="session",
        show_default=True,
        help="What it holds for: the session of a player, a player's address (or WHOM is an address"
        " or network), or a name.",
    )
    @click.option(
        "--for",
        "seconds",
        type=Duration(),
        default="1h",
        show_default=True,
        help="How long, such as 30m, 12h or 7d.",
    )
    @_reason
    @_asks
    def command(
        asker: AdminAsker, as_json: bool, whom: str, known_by: str, seconds: float, reason: str
    ) -> None:
        async def act() -> Any:
            is_player = known_by == "session"
            if known_by == "address":
                is_player = not _ADDRESS.fullmatch(whom)
            value = await asker.player(whom) if is_player else whom
            return await asker.act(
                "/sanctions",
                kind=kind,
                known_by=known_by,
                value=value,
                seconds=seconds,
                reason=reason,
            )

        _do(as_json, act)

    return command


@click.command("unban", cls=Exact)
@click.argument("number", type=WholeNumber(1, 2**53))
@_reason
@_asks
def _unban(asker: AdminAsker, as_json: bool, number: int, reason: str) -> None:
    """End the ban or mute NUMBER (see bans) before its time."""
    _do(as_json, partial(asker.act, f"/sanctions/{number}/lift", reason=reason))


@click.command("rename", cls=Exact)
@_player
@click.argument("name_given", metavar="NAME")
@_reason
@_asks
def _rename(asker: AdminAsker, as_json: bool, player: str, name_given: str, reason: str) -> None:
    """Give PLAYER (a name or id) another NAME."""

    async def act() -> Any:
        found = part(await asker.player(player))
        return await asker.act(f"/sessions/{found}/rename", name=name_given, reason=reason)

    _do(as_json, act)


@click.command("close", cls=Exact)
@click.argument("lobby")
@_reason
@_asks
def _close(asker: AdminAsker, as_json: bool, lobby: str, reason: str) -> None:
    """Put everybody out of the lobby with the id LOBBY."""
    _do(as_json, partial(asker.act, f"/lobbies/{part(lobby)}/close", reason=reason))


@click.command("broadcast", cls=Exact)
@click.argument("text")
@_reason
@_asks
def _broadcast(asker: AdminAsker, as_json: bool, text: str, reason: str) -> None:
    """Show all players TEXT."""
    _do(as_json, partial(asker.act, "/broadcast", text=text, reason=reason))


@click.command("settle", cls=Exact)
@click.argument("number", type=WholeNumber(1, 2**53))
@_reason
@_asks
def _settle(asker: AdminAsker, as_json: bool, number: int, reason: str) -> None:
    """Note that report NUMBER was dealt with."""
    _do(as_json, partial(asker.act, f"/reports/{number}/settle", reason=reason))


@click.command("drain", cls=Exact)
@click.option("--now", is_flag=True, help="Stop at once instead of waiting for the matches.")
@_reason
@_asks
def _drain(asker: AdminAsker, as_json: bool, now: bool, reason: str) -> None:
    """Let the server end behind its matches, after its drain-s at the latest: at once if 0.

    A server that drains already takes --now alone.
    """
    _do(as_json, partial(asker.act, "/drain", now=now, reason=reason))


COMMANDS: Final = (
    _sessions,
    _lobbies,
    _lobby,
    _chat,
    _matches,
    _match,
    _reports,
    _report,
    _bans,
    _audit,
    _kick,
    _impose(
        "ban",
        "Keep WHOM from the server for a time: a player (name or id), or what --by says.",
    ),
    _impose("mute", "Keep WHOM from every chat for a time: a player, or what --by says."),
    _unban,
    _rename,
    _close,
    _broadcast,
    _settle,
    _drain,
)
