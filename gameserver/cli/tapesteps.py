"""Print a client's tape tick by tick: what came, what it changed, what was sent."""

from collections.abc import Mapping

from gameserver.cli.output import outside, when
from gameserver.cli.replaysteps import print_entity, print_line, values_of
from gameserver.client.play.tapefile import StoredTape, TapeStep, steps_of
from gameserver.errors import JournalError
from gameserver.game.entity import Entity
from gameserver.game.game import Game
from gameserver.game.schema.table import table_of
from gameserver.ids import EntityId
from gameserver.messages.match import MatchEntered, MatchHappened
from gameserver.messages.wire import PROTOCOL_VERSION, Input, Seen, Shift, Snapshot, Steer


def print_tape(tape: StoredTape, game: Game, at: int, ticks: int) -> None:
    """Print the world that the client saw at tick ``at``, and what followed for some ticks.

    Raises:
        JournalError: It is of another game.
    """
    if tape.header["game"] != game.name:
        raise JournalError(f"it is a tape of {tape.header['game']}, not of {game.name}")
    _print_head(tape)
    shown: int | None = None
    """The tick whose world was printed whole."""
    for step in steps_of(tape, game):
        if isinstance(step.entry, Snapshot):
            if step.entry.tick < at or step.reading is None or step.reading.confirmed is None:
                continue
            if shown is not None and step.entry.tick > shown + ticks:
                return
            _print_snapshot(step, tape, whole=shown is None)
            shown = step.entry.tick if shown is None else shown
        elif shown is not None:
            print_line(f"  [dim]+{step.at_ms / 1000:.3f} s[/] {outside(_words(step, game))}")


def _print_head(tape: StoredTape) -> None:
    header = tape.header
    ticks = [entry.tick for _, entry in tape.entries if isinstance(entry, Snapshot)]
    first, last = (min(ticks), max(ticks)) if ticks else (0, 0)
    words = (
        f"tape of match {header['match']}, {header['game']} on {header['map']}"
        f" ({header['map_digest'][:12]}), seat {header['seat']}, written"
        f" {when(header['written_ms'])} UTC by client {header['client']}"
        f" (protocol {PROTOCOL_VERSION}.{header['protocol']}); ticks {first} to {last}"
    )
    print_line(outside(words))


def _print_snapshot(step: TapeStep, tape: StoredTape, *, whole: bool) -> None:
    snapshot, reading = step.entry, step.reading
    assert isinstance(snapshot, Snapshot)
    assert reading is not None
    assert reading.confirmed is not None
    size = sum(len(part.body) for part in snapshot.sections)
    numbers = ", ".join(f"{p.number}{'k' if p.keyframe else ''}" for p in snapshot.sections)
    print_line(
        f"[bold]tick {snapshot.tick}[/] [dim]+{step.at_ms / 1000:.3f} s, {size} bytes,"
        f" sections {numbers or 'none'}[/]"
    )
    for desync in reading.desyncs:
        words = f"section {desync.section}: {desync.computed} instead of {desync.expected}"
        print_line(f"  [red]checksum[/] {words}")
    after = reading.confirmed.entities
    if whole:
        for entity in after.values():
            print_entity(entity)
    else:
        _print_changes(step.before, after)
    for event in reading.events:
        print_line(f"  [dim]event[/] {outside(str(event))}")
    for each in tape.divergences:
        if each.tick == snapshot.tick:
            words = f"{each.entity} {each.ident} {each.field}: {each.predicted}, was {each.true}"
            print_line(f"  [yellow]predicted[/] {outside(words)} ({outside(each.explained)})")


def _print_changes(before: Mapping[EntityId, Entity], after: Mapping[EntityId, Entity]) -> None:
    for number in sorted({*before, *after}):
        old, new = before.get(number), after.get(number)
        if old is new:
            continue
        named = f"{type(new or old).__name__} {number}"
        if type(old) is not type(new):
            print_line(f"  {outside(named)}: {'gone' if new is None else 'new'}")
            continue
        assert old is not None  # else both were, and the same
        assert new is not None
        was, became = values_of(old), values_of(new)
        for name, value in became.items():
            if was[name] != value:
                print_line(f"  {outside(f'{named} {name}: {was[name]!r} -> {value!r}')}")


def _words(step: TapeStep, game: Game) -> str:
    match step.entry:
        case Input() as sent:
            names = ("view", *(field.name for field in game.command.fields()))
            pairs = zip(names, (sent.view, *sent.row), strict=False)
            told = " ".join(f"{name}={value}" for name, value in pairs)
            return f"sent input {sent.seq} for tick {sent.tick}, seen {sent.seen}: {told}"
        case Seen(tick):
            return f"sent seen {tick}"
        case Steer(tick, ticks):
            return f"steer at tick {tick}: {ticks:+} ticks"
        case Shift(tick, ticks):
            return f"shift from tick {tick} on: {ticks} periods later"
        case MatchHappened() as happened:
            tables = table_of(game).events
            known = 0 <= happened.event < len(tables)
            name = tables[happened.event].event.__name__ if known else happened.event
            return f"event of tick {happened.tick}: {name} {happened.fields}"
        case MatchEntered() as entered:
            return f"entered at tick {entered.tick}, seat {entered.seat}, epoch {entered.epoch}"
        case float() as seconds:
            return f"round trip {seconds * 1000:.1f} ms"
    return ""
