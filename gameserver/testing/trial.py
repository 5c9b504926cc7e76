"""Play trial matches of a game, to find faults that its author may not have thought of.

Law: a trial plays a real match with real clients (:class:`MatchStepper`), whose commands are
random, and with the game's bots; one player leaves, one joins late. The journal is then replayed in
two other processes with other hash seeds; the world's hash must be the same after every tick.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import attrs

from gameserver.client.link.conditions import Conditions
from gameserver.client.play.replica import MatchReplica
from gameserver.errors import GameFaultError
from gameserver.game.checking.found import Found, shown
from gameserver.game.checking.modes import LOWEST, settings
from gameserver.game.command import Command, CommandField, CommandKind
from gameserver.game.game import Game
from gameserver.game.guard import teams_of
from gameserver.game.loading.frames import own_place
from gameserver.game.maps.mapfault import Fault
from gameserver.game.maps.tilemap import TileMap
from gameserver.game.rng import Rng
from gameserver.ids import Seat
from gameserver.match.journal import Journal
from gameserver.testing.determinism import ReplayOrder, checkpoints, dump_at, pack, replay_elsewhere
from gameserver.testing.difference import difference
from gameserver.testing.stepper import MatchStepper
from gameserver.testing.unchanging import Unchanging
from gameserver.testing.watchdog import PATIENCE_S, Watchdog, watched

LAG_MS: Final = 100
JITTER_MS: Final = 20
MOST_PLAYERS: Final = 6
HOLD_FRAMES: Final = 12
"""Frames for which a random player holds the same command."""
HASH_SEEDS: Final = (1, 4242)
HEAVY: Final = 0.5
"""Part of the time between two ticks above which a step gets a warning: a server runs many
matches."""

NOT_PURE: Final = (
    "look for a set or dict in another order, hash(), id(), random, a clock, or state outside the "
    "world"
)

Progress = Callable[[int], None]
"""Called with the number of ticks done since the last call."""


@attrs.frozen
class Plan:
    """One match of a trial."""

    label: str
    options: Any
    tile_map: TileMap
    ticks: int
    bot_level: str


@attrs.frozen
class Played:
    """The result of one match of a trial."""

    plan: Plan
    faults: tuple[Fault, ...]
    ticks: int = 0
    ended: bool = False
    """Whether the game ended the match by an outcome."""
    step_ms: float = 0.0
    """Mean duration of a step, with hashing the world, without encoding snapshots."""
    tally: str = ""
    """World hash at the end, the same in all processes; empty if the match had a fault."""


def plans(game: Game, maps: list[TileMap], ticks: int, found: Found) -> Iterator[Plan]:
    """Yield the matches to play, one for each of `gameserver.game.checking.modes.settings`.

    Options that fit no map are a fault.
    """
    for number, (label, values) in enumerate(settings(game)):
        options = game.options(**values)
        try:
            fitting = [m for m in maps if game.map_fits(options, m.modes)]
        except (Exception, SystemExit) as error:  # an author's method
            found.error(f"{type(game).__name__}.map_fits", f"raised {shown(error)} with {label}")
            continue
        if fitting:
            whole = number == 0 or label == LOWEST  # with the shortest time limit it may end
            level = game.bot_levels[number % len(game.bot_levels)] if game.bot_levels else ""
            yield Plan(label, options, fitting[0], ticks if whole else max(1, ticks // 4), level)
        else:
            names = ", ".join(m.name for m in maps) or "none"
            found.error(f"{type(game).__name__}.map_fits", f"no map fits {label}; maps: {names}")


def play(
    game: Game,
    spec: str,
    plan: Plan,
    seed: int,
    progress: Progress,
    patience_s: float = PATIENCE_S,
) -> Played:
    """Play one match of a trial, and replay it in other processes."""
    found, before = Found(), _state(game)
    try:
        with watched(f"{type(game).__name__} in a match with {plan.label}", patience_s) as dog:
            run = _match(game, plan, seed, found, progress, dog)
    except GameFaultError as error:
        run = None
        _add_fault(found, game, plan, error)
    after = _state(game)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            message = f"changed during a match, from {before.get(name)} to {after.get(name)}"
            found.error(name, message, "all state of a match belongs in the world's entities")
    if run is None or run.journal is None or found.faults:
        return Played(plan, tuple(found.faults))
    began = time.perf_counter()
    hashes = checkpoints(run.journal, game, plan.tile_map, restore=False, every=1)
    step_ms = 1000 * (time.perf_counter() - began) / len(hashes)
    _compare(found, game, spec, plan, run.journal, hashes)
    if step_ms > HEAVY * 1000 / game.tick_rate:
        budget = f"{1000 / game.tick_rate:.1f} ms"
        place = f"{type(game).__name__}.step"
        found.warn(place, f"takes {step_ms:.1f} ms of the {budget} between two ticks")
    ended = run.match.tick().outcome is not None
    return Played(plan, tuple(found.faults), len(hashes), ended, step_ms, hashes[-1])


def _match(
    game: Game, plan: Plan, seed: int, found: Found, progress: Progress, dog: Watchdog
) -> MatchStepper | None:
    """Play one match; return None if the game's code raised on a client.

    Raises:
        GameFaultError: The game's code raised, or broke a rule, on the server.
    """
    people = min(2, game.seats[1])
    bots = min(game.seats[1], MOST_PLAYERS) - people if game.bot_levels else 0
    stepper = MatchStepper(
        game,
        plan.tile_map,
        seats=people,
        bots=bots,
        options=plan.options,
        seed=seed,
        teams=teams_of(game, plan.options),
        recorded=True,
        bot_level=plan.bot_level,
    )
    rng = Rng.seeded(seed, 1)
    for number in range(people):
        line = Conditions(lag_ms=LAG_MS, jitter_ms=JITTER_MS, seed=number + 1)
        stepper.enter(Seat(number), line).plays(_presses(game, rng.fork(number)))
    last, once = stepper.players[-1], Unchanging()
    for tick in range(plan.ticks):
        if tick == plan.ticks // 3 and people + bots > 1:
            stepper.match.leave(last.seat)
        if tick == plan.ticks // 2 and people + bots > 1:
            stepper.match.join(attrs.evolve(last, name="Late"))
        try:
            report = stepper.run(1)
        except GameFaultError:
            raise
        except Exception as error:  # a match reports what the server's side raised: a client raised
            place = f"{type(game).__name__}.predict"
            message = f"raised {shown(error)} on a client at tick {tick} with {plan.label}"
            found.error(place, message, f"it may read only what its player receives{_line(error)}")
            return None
        progress(1)
        dog.again()
        once.look(found, stepper.match.world)
        if report.fault is not None:
            raise report.fault
        if report.outcome is not None:
            break
    desyncs = sum(client.replica.stats.desyncs for client in stepper.clients.values())
    if desyncs:
        found.error(type(game).__name__, f"clients lost the world {desyncs} times ({plan.label})")
    return stepper


def _presses(game: Game, rng: Rng) -> Callable[[MatchReplica], Command]:
    """Return a player with random commands, each held for `HOLD_FRAMES`."""
    fields = game.command.fields()
    left, held = 0, game.command()

    def press(_replica: MatchReplica) -> Command:
        nonlocal left, held
        if left == 0:
            left, held = HOLD_FRAMES, game.command.from_row(tuple(_any(rng, f) for f in fields))
        left -= 1
        return held

    return press


def _any(rng: Rng, field: CommandField) -> int:
    """Return a random value of a field: in half of all cases one of its bounds."""
    if field.kind is CommandKind.EDGE or rng.chance(1, 2):
        return rng.choice((field.lo, field.hi))
    return rng.between(field.lo, field.hi)


def _compare(
    found: Found, game: Game, spec: str, plan: Plan, journal: Journal, hashes: list[str]
) -> None:
    """Replay in two other processes, in one of them with dump and restore at every tick."""
    packed = [
        pack(journal, spec, plan.tile_map, ask=ReplayOrder(restore, 1)) for restore in (False, True)
    ]
    try:
        with ThreadPoolExecutor(len(HASH_SEEDS)) as pool:
            replays = list(pool.map(_elsewhere, packed, HASH_SEEDS))
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode(errors="replace").strip().splitlines() or ["nothing"]
        message = f"a recorded match could not be played again elsewhere: {words[-1]:.200}"
        found.error(type(game).__name__, message)
        return
    for replay, hash_seed in zip(replays, HASH_SEEDS, strict=True):
        pairs = enumerate(zip(hashes, replay, strict=True), start=1)
        tick = next((tick for tick, (one, other) in pairs if one != other), 0)
        if tick:
            ask = ReplayOrder(dump=tick)
            other = _elsewhere(pack(journal, spec, plan.tile_map, ask=ask), hash_seed)
            here = dump_at(journal, game, plan.tile_map, tick)
            what = difference(game, here, bytes.fromhex(other[0])) or "it is not the same each time"
            message = f"two runs with the same seed differ at tick {tick} ({plan.label}): {what}"
            found.error(type(game).__name__, message, NOT_PURE)
            return


def _elsewhere(packed: bytes, hash_seed: int) -> list[str]:
    return replay_elsewhere(packed, sys.executable, hash_seed)


def _add_fault(found: Found, game: Game, plan: Plan, error: GameFaultError) -> None:
    place = own_place(error.__cause__ or error)
    at = f'File "{place[0]}", line {place[1]}' if place else ""
    found.error(type(game).__name__, f"{error} ({plan.label})", at)


def _line(error: BaseException) -> str:
    place = own_place(error)
    return f"; {Path(place[0]).name}, line {place[1]}" if place else ""


def _state(game: Game) -> dict[str, str]:
    """Return the values outside worlds that a game could change: those of its class and module."""
    name, module = type(game).__name__, sys.modules.get(type(game).__module__)
    held = {f"{name}.{key}": value for key, value in getattr(game, "__dict__", {}).items()}
    for cls in type(game).__mro__[: type(game).__mro__.index(Game)]:
        held |= {f"{name}.{key}": value for key, value in vars(cls).items()}
    held |= {f"{module.__name__}.{key}": v for key, v in vars(module).items()} if module else {}
    plain = (int, float, str, bytes, tuple, list, dict, set, bytearray, type(None))
    return {
        key: shown(value)
        for key, value in held.items()
        if isinstance(value, plain) and "__" not in key
    }
