"""What ``gameserver admin`` prints for people: tables in the terminal.

Law: names, titles and chat are the players' own words: they are printed literally.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table

from gameserver.cli.output import outside, when
from gameserver.durations import duration

IDS: Final = frozenset({"player", "match", "lobby id", "no."})
"""Columns that are never broken into lines, since they are copied into commands."""

JsonRow = Mapping[str, Any]
TableColumn = tuple[str, Callable[[JsonRow], object]]


def table(
    rows: Sequence[JsonRow], columns: Sequence[TableColumn], page: Mapping[str, Any]
) -> Table:
    """Return rows as a table whose caption tells how many there are in all."""
    total = page["total"]
    shown = f"{len(rows)} of {total}" if len(rows) < total else f"{total} in all"
    made = Table(box=SIMPLE, padding=(0, 1), pad_edge=False, caption=shown, caption_justify="left")
    for name, _ in columns:
        made.add_column(name, overflow="fold", no_wrap=name in IDS)
    for row in rows:
        made.add_row(*(outside(_words(value(row))) for _, value in columns))
    return made


def _words(value: object) -> str:
    match value:
        case None | "":
            return "-"
        case True:
            return "yes"
        case False:
            return ""
    return str(value)


def _state(row: JsonRow) -> str:
    words = [word for word in ("banned", "muted", "playing") if row[word]]
    return ", ".join(words if row["connected"] else [*words, "away"])


def sessions(page: Mapping[str, Any]) -> Table:
    """Return the table of sessions."""
    columns: list[TableColumn] = [
        ("player", lambda row: row["player_id"]),
        ("name", lambda row: row["name"]),
        ("address", lambda row: row["address"] or "loopback"),
        ("by", lambda row: row["transport"]),
        ("ms", lambda row: row["round_trip_ms"]),
        ("lobby", lambda row: row["lobby_title"]),
        ("", _state),
    ]
    return table(page["sessions"], columns, page)


def lobbies(page: Mapping[str, Any]) -> Table:
    """Return the table of lobbies."""
    columns: list[TableColumn] = [
        ("lobby id", lambda row: row["summary"]["lobby_id"]),
        ("title", lambda row: row["summary"]["title"]),
        ("host", lambda row: row["summary"]["host_name"]),
        ("phase", lambda row: row["summary"]["phase"]),
        ("map", lambda row: row["summary"]["map"]),
        ("people", lambda row: f"{row['summary']['players']}/{row['summary']['size']}"),
        ("who", lambda row: row["visibility"]),
        ("match", lambda row: row["match_id"]),
    ]
    return table(page["lobbies"], columns, page)


def lobby(inside: Mapping[str, Any]) -> RenderableType:
    """Return one lobby with its members and its chat."""
    members: list[TableColumn] = [
        ("player", lambda row: row["player_id"] or "bot"),
        ("name", lambda row: row["name"]),
        ("seat", lambda row: row["seat"] if row["seat"] >= 0 else "watches"),
        ("connected", lambda row: row["connected"]),
    ]
    found = inside["members"]
    head = lobbies({"lobbies": [inside["lobby"]], "total": 1})
    head.caption = None
    return Group(head, table(found, members, {"total": len(found)}), chat(inside["chat"]))


def chat(lines: Sequence[JsonRow]) -> Table:
    """Return lines of chat.

    The server's own lines are told by their channel: a player may have any name, but no empty one.
    """
    columns: list[TableColumn] = [
        ("at (UTC)", lambda row: when(row["at_ms"])),
        ("channel", lambda row: row["channel"] if row["sender"] else f"{row['channel']}, server"),
        ("who", lambda row: row["sender_name"]),
        ("says", lambda row: row["text"]),
    ]
    return table(lines, columns, {"total": len(lines)})


def matches(page: Mapping[str, Any]) -> Table:
    """Return the table of matches."""
    columns: list[TableColumn] = [
        ("match", lambda row: row["match_id"]),
        ("lobby", lambda row: row["title"]),
        ("map", lambda row: row["map"]),
        ("for", lambda row: duration(row["elapsed_s"])),
        ("people", lambda row: row["players"]),
        ("bots", lambda row: row["bots"]),
        ("viewers", lambda row: row["viewers"]),
        ("tick ms", lambda row: f"{row['tick_ms']:.2f}"),
        ("late ms", lambda row: f"{row['latest_ms']:.0f}"),
    ]
    return table(page["matches"], columns, page)


def match(inside: Mapping[str, Any]) -> RenderableType:
    """Return one match with its standings."""
    lines = inside["scores"]["lines"]
    columns: list[TableColumn] = [
        ("seat", lambda row: row["seat"]),
        ("name", lambda row: row["name"]),
        ("score", lambda row: row["score"]),
        ("bot", lambda row: row["bot"]),
    ]
    head = matches({"matches": [inside["match"]], "total": 1})
    head.caption = None
    return Group(head, table(lines, columns, {"total": len(lines)}))


def sanctions(page: Mapping[str, Any], now_ms: int) -> Table:
    """Return the table of bans and mutes; ``now_ms`` is the server's Unix time."""
    columns: list[TableColumn] = [
        ("no.", lambda row: row["number"]),
        ("", lambda row: row["kind"]),
        ("by", lambda row: row["known_by"]),
        ("whom", lambda row: row["shown"]),
        ("left", lambda row: duration((row["until_ms"] - now_ms) / 1000)),
        ("reason", lambda row: row["reason"]),
        ("operator", lambda row: row["imposed_by"]),
    ]
    return table(page["sanctions"], columns, page)


def audit(page: Mapping[str, Any]) -> Table:
    """Return the table of what operators did."""
    columns: list[TableColumn] = [
        ("at (UTC)", lambda row: when(row["at_ms"])),
        ("operator", lambda row: row["by"]),
        ("act", lambda row: row["act"]),
        ("whom", lambda row: row["target_name"] or row["target"]),
        ("details", lambda row: row["details"]),
        ("reason", lambda row: row["reason"]),
        ("sessions", lambda row: row["affected"]),
    ]
    return table(page["entries"], columns, page)


def reports(page: Mapping[str, Any]) -> Table:
    """Return the table of players' reports."""
    columns: list[TableColumn] = [
        ("no.", lambda row: row["number"]),
        ("at (UTC)", lambda row: when(row["at_ms"])),
        ("whom", lambda row: row["accused_name"]),
        ("by", lambda row: row["reporter_name"]),
        ("says", lambda row: row["text"]),
        ("lobby", lambda row: row["lobby_title"]),
        ("lines", lambda row: row["lines"]),
        ("settled by", lambda row: row["settled_by"]),
    ]
    return table(page["reports"], columns, page)
