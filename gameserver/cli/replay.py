"""``gameserver replay``: list, describe, verify and export the journals of matches."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from gameserver.cli.groups import NearestGroup
from gameserver.cli.output import err, out, outside, show, when
from gameserver.cli.replayfilm import check_folder, film
from gameserver.cli.replaysteps import print_steps
from gameserver.cli.tapesteps import print_tape
from gameserver.client.play.tapefile import MOST_FILE as MOST_TAPE
from gameserver.client.play.tapefile import StoredTape, is_tape, read_tape
from gameserver.commandline import Exact, Number, WholeNumber
from gameserver.errors import GameserverError, JournalError, UnreadableFileError
from gameserver.files import read_file
from gameserver.game.game import Game
from gameserver.game.loading.games import installed_games, load_game
from gameserver.store.clientview import first_of_view, is_view, read_view
from gameserver.store.clip import clip
from gameserver.store.difference import PlaybackDifference, first_of_one, first_of_two
from gameserver.store.disk import CLOSED, OPEN
from gameserver.store.playback import Playback
from gameserver.store.reading import Contents, StoredMatch, contents, journals_in, read_journal
from gameserver.store.salvage import Damage
from gameserver.store.verify import Verified, verify
from gameserver.text import quoted

FOLDER: Final = "matches"
"""Folder of the journals in the folder that ``gameserver serve --data`` names."""

CLOCK_S: Final = 1e-9
"""Shortest time that is taken for one; a clock may stand still between two readings."""


def build() -> click.Group:
    """Return the command group ``replay``."""
    group = NearestGroup("replay", help="Work with the journals that a server keeps of matches.")
    for command in (_list, _info, _verify, _export, _diff, _clip, _step, _film):
        group.add_command(command)
    return group


_game = click.option(
    "--game",
    default="",
    envvar="GAMESERVER_GAME",
    help="The game as module:Class, unless it is installed. Its module is imported.",
)

_paths = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False)
)


@click.command("list", cls=Exact)
@_paths
def _list(paths: tuple[Path, ...]) -> None:
    """List journals, oldest first; of a folder, such as that of --data, all in it."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for column in ("began (UTC)", "match", "game", "map", "seats", "bots", "length", "end"):
        table.add_column(column, no_wrap=True)
    broken = 0
    for path in _journals(paths):
        try:
            match = _read(path)
            table.add_row(*map(outside, _row(match, contents(match))))
        except GameserverError as error:
            broken += 1
            err.print(f"[red]✗[/] {outside(str(error))}", soft_wrap=True)
    if table.row_count:
        show(table)
    sys.exit(1 if broken else 0)


def _row(match: StoredMatch, found: Contents) -> tuple[str, ...]:
    header = match.header
    bots = sum(player.bot for player in header.players)
    return (
        when(header.began_ms),
        header.match_id,
        header.game,
        header.map_name,
        str(len(header.players)),
        str(bots or ""),
        _length(found.ticks, header.tick_rate),
        "damaged" if match.damaged else found.end.reason if found.end else "cut off",
    )


@click.command("info", cls=Exact)
@click.argument("path", type=click.Path(path_type=Path, readable=False))
def _info(path: Path) -> None:
    """Describe one journal: the match, its players, its options and its result."""
    match = _read(path)
    header, found = match.header, contents(match)
    table = Table(box=None, padding=(0, 2), show_header=False)
    hole = f", {found.left_out} ticks left out" if found.left_out else ""
    rows = {
        "match": header.match_id,
        "began": f"{when(header.began_ms)} UTC",
        "game": f"{header.game} ({header.spec}), server {header.server}",
        "map": header.map_name,
        "options": ", ".join(f"{name}={value}" for name, value in header.options.items()),
        "length": f"{_length(found.ticks, header.tick_rate)} ({found.ticks} ticks{hole})",
        "hashes": str(found.hashes),
        "end": found.end.reason if found.end else _cut_off(match, found),
        **({"damaged": _damages(match)} if match.damaged else {}),
    }
    for name, value in rows.items():
        table.add_row(f"[dim]{name}[/]", outside(value))
    show(table)
    _show_players(match, found)


def _cut_off(match: StoredMatch, found: Contents) -> str:
    if match.damages and not match.damages[-1].passed:
        return f"damaged: {match.torn} bytes behind tick {found.ticks} cannot be read"
    return "cut off: the server ended before the match"


def _damages(match: StoredMatch) -> str:
    return "; ".join(map(_damage, match.damages))


def _damage(damage: Damage) -> str:
    lost = f"ticks {damage.first} to {damage.last} are lost" if damage.ticks else "no tick is lost"
    return f"bytes {damage.begin} to {damage.end} have changed, {lost}"


def _show_players(match: StoredMatch, found: Contents) -> None:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    if found.end is not None and found.end.outcome.standings:
        for column in ("result", "team", "score", ""):
            table.add_column(column)
        for line in found.end.outcome.standings:
            cells = (line.name, str(line.team or ""), str(line.score), "won" if line.won else "")
            table.add_row(*map(outside, cells))
    else:
        for column in ("seat", "player", "team", ""):
            table.add_column(column)
        for player in match.header.players:
            row = (str(player.seat), player.name, str(player.team or ""), "bot" * player.bot)
            table.add_row(*map(outside, row))
    show(table)


@click.command("verify", cls=Exact)
@_paths
@_game
def _verify(paths: tuple[Path, ...], game: str) -> None:
    """Replay journals and compare the world with every recorded hash.

    Ends with exit code 1 if a hash differs or a journal cannot be replayed.
    """
    named = _named(game)
    files = _journals(paths)
    wrong, replayed_s, took = 0, 0.0, time.process_time()
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("replaying", total=len(files))
        for path in files:
            try:
                match = _read(path)
                verdict = _verified(path, match, named)
            except GameserverError as error:
                wrong += 1
                out.print(f"[red]✗[/] {outside(str(error))}", soft_wrap=True)
            else:
                wrong += verdict.differs_at is not None or match.damaged
                replayed_s += verdict.ticks / match.header.tick_rate
                _show(path, match, verdict)
            progress.advance(task)
    took = max(time.process_time() - took, CLOCK_S)
    out.print(
        f"{len(files) - wrong} of {len(files)} equal; {replayed_s / 60:.1f} minutes of play"
        f" in {took:.1f} s of processor time ({replayed_s / took:.0f} x real time)",
        soft_wrap=True,
    )
    sys.exit(1 if wrong else 0)


def _verified(path: Path, match: StoredMatch, game: Game | None) -> Verified:
    try:
        return verify(match, _game_of(match, game))
    except JournalError as error:
        raise JournalError(f"{path.name}: {error}") from None


def _show(path: Path, match: StoredMatch, verdict: Verified) -> None:
    name = outside(path.name)
    if verdict.differs_at is not None:
        out.print(f"[red]✗[/] {name}: the world differs at tick {verdict.differs_at}")
        return
    if match.damaged:
        sentence = f"damaged; the {verdict.ticks} ticks that can be read are equal"
        out.print(f"[red]✗[/] {name}: {sentence}; {_damages(match)}", soft_wrap=True)
        return
    more = "" if verdict.finished else ", cut off"
    more += f", {verdict.left_out} ticks left out" if verdict.left_out else ""
    more += ", and the same fault of the game in the last" if verdict.same_fault else ""
    sentence = f"{verdict.ticks} ticks, {verdict.hashes} hashes{more}"
    out.print(f"[green]✓[/] {name}: {sentence}", soft_wrap=True)


@click.command("export", cls=Exact)
@click.argument("path", type=click.Path(path_type=Path, readable=False))
def _export(path: Path) -> None:
    """Print one journal as lines of JSON: the header without the map, then each record."""
    match = _read(path)
    head = attrs.asdict(match.header)
    del head["map_wire"]
    out.print_json(data=head, indent=None)
    for record in match.records():
        out.print_json(data=_plain(record), indent=None, default=bytes.hex)


@click.command("diff", cls=Exact)
@click.argument("first", type=click.Path(path_type=Path, readable=False))
@click.argument("second", required=False, type=click.Path(path_type=Path, readable=False))
@click.option("--all", "whole", is_flag=True, help="Print every field that differs at that tick.")
@_game
def _diff(first: Path, second: Path | None, *, whole: bool, game: str) -> None:
    """Name the first tick, entity and field at which two recordings of one match differ.

    With one file, compare its replay with the checkpoints and hashes in it. SECOND may be what a
    client had (.view). Ends with exit code 1 if something differs.
    """
    named = _named(game)
    match = _read(first)
    found = _differences(match, second, _game_of(match, named))
    if not found:
        out.print("no difference")
        return
    for each in found if whole else found[:2]:
        out.print(outside(each.sentence()), soft_wrap=True, highlight=False)
    if len(found) > 2 and not whole:
        out.print(f"and {len(found) - 2} more; --all prints them")
    sys.exit(1)


def _differences(match: StoredMatch, second: Path | None, game: Game) -> list[PlaybackDifference]:
    if second is None:
        return first_of_one(match, game)
    if not is_view(second):
        return first_of_two(match, _read(second), game)
    with _naming(second):
        return first_of_view(match, read_view(second), game)


@click.command("clip", cls=Exact)
@click.argument("path", type=click.Path(path_type=Path, readable=False))
@click.option(
    "--last",
    default=30.0,
    show_default=True,
    type=Number(1, 3600),
    help="Seconds to keep, counted from the end.",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path, readable=False),
    help="The file to write.  [default: the journal's name with .clip, in this folder]",
)
@_game
def _clip(path: Path, last: float, to: Path | None, game: str) -> None:
    """Write the last seconds of a match, which may still run, into a journal of its own."""
    if to is not None:
        check_folder(to)
    named = _named(game)
    match = _read(path)
    data = clip(match, _game_of(match, named), last)
    stem = path.name.removesuffix(CLOSED).removesuffix(OPEN)
    target = to or Path(f"{stem}.clip{OPEN}")
    try:
        target.write_bytes(data)
    except OSError as error:
        raise UnreadableFileError(f"{target} cannot be written: {error.strerror}") from None
    out.print(f"{outside(str(target))}: {len(data) // 1024 + 1} KiB", soft_wrap=True)


@click.command("step", cls=Exact)
@click.argument("path", type=click.Path(path_type=Path, readable=False))
@click.option("--at", default=0, show_default=True, type=WholeNumber(0, 2**53), help="First tick.")
@click.option("--ticks", default=1, show_default=True, type=WholeNumber(1, 100_000))
@_game
def _step(path: Path, at: int, ticks: int, game: str) -> None:
    """Print the world of a tick, then the commands of each further tick and what they changed.

    PATH is a journal, or a tape: what a client has saved of its last half minute.
    """
    named = _named(game)
    tape = _tape(path)
    if tape is not None:
        print_tape(tape, named or _installed(tape.header["game"]), at, ticks)
        return
    match = _read(path)
    played = _game_of(match, named)
    print_steps(Playback(match, played), played, at, ticks)


@click.command("film", cls=Exact)
@click.argument("path", type=click.Path(path_type=Path, readable=False))
@click.option("--to", required=True, type=click.Path(path_type=Path, readable=False))
@_game
def _film(path: Path, to: Path, game: str) -> None:
    """Write a match as snapshots, which the browser client plays, into a file."""
    check_folder(to)
    named = _named(game)
    size = film(path, _game_of(_read(path), named), to)
    out.print(f"{outside(str(to))}: {size // 1024 + 1} KiB", soft_wrap=True)


def _tape(path: Path) -> StoredTape | None:
    """Return the tape in a file; None if it holds something else."""
    try:
        data = read_file(path, MOST_TAPE)
    except UnreadableFileError:
        return None  # a journal may be larger, and says itself what is wrong
    with _naming(path):
        return read_tape(data) if is_tape(data) else None


def _plain(record: Any) -> dict[str, Any]:
    kind = type(record).__name__.lower().removesuffix("record")
    plain = attrs.asdict(record)
    if isinstance(plain.get("dump"), bytes):
        plain["dump"] = len(plain["dump"])
    return {"kind": kind, **plain}


def _read(path: Path) -> StoredMatch:
    with _naming(path):
        return read_journal(path)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let errors about a file begin with its name."""
    try:
        yield
    except UnreadableFileError as error:
        raise UnreadableFileError(f"{path} {error}") from None
    except JournalError as error:
        raise JournalError(f"{path}: {error}") from None


def _named(game: str) -> Game | None:
    return load_game(game) if game else None


def _game_of(match: StoredMatch, named: Game | None) -> Game:
    """Return the game of a journal: what the operator named, or an installed one of its name.

    The module that a journal names is never imported: that would run code by the word of a file.

    Raises:
        JournalError: The game is not installed, and none was named.
    """
    if named is not None:
        return named
    header = match.header
    trust = f"it says that this is {quoted(header.spec)}: if you trust that module, "
    return _installed(header.game, trust)


def _installed(name: str, trust: str = "") -> Game:
    if name not in installed_games():
        raise JournalError(
            f"its game, {quoted(name)}, is not installed; {trust}name it with --game"
        )
    return load_game(name)


def _journals(paths: tuple[Path, ...]) -> list[Path]:
    found = [each for path in paths for each in _journals_at(path)]
    if not found:
        raise UnreadableFileError("there is no journal (.journal, .journal.zst) at the given paths")
    return found


def _journals_at(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    yield from journals_in(path / FOLDER if (path / FOLDER).is_dir() else path)


def _length(ticks: int, rate: int) -> str:
    seconds = ticks // rate
    return f"{seconds // 60}:{seconds % 60:02}"
