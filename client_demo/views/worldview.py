"""What a world alone tells of a `MatchView`: of a match that is played, or of a replay.

Law: Arena's entities are only read. World units become pixels here and in `cuemaker` only.
"""

from collections.abc import Collection, Mapping
from typing import Final

from client_demo.views import matchview as shown
from client_demo.views.cuemaker import shown_name
from gameserver.arena import entities as arena
from gameserver.arena import rules, tuning
from gameserver.arena.options import ArenaOptions
from gameserver.client import Drawn
from gameserver.game.fixed import SUB
from gameserver.game.world import World
from gameserver.ids import NO_SEAT, Seat

TICKS: Final = tuning.TICK_RATE


def fighters_of(drawn: Collection[Drawn]) -> dict[Seat, Drawn]:
    """Return the drawn fighters by seat."""
    return {each.entity.owner: each for each in drawn if isinstance(each.entity, arena.Fighter)}


def world_view(
    world: World,
    drawn: Collection[Drawn],
    tick: float,
    seat: Seat,
    *,
    away: Collection[Seat] = (),
    silent: Collection[Seat] = (),
) -> shown.MatchView:
    """Return the field, the clock and the scores of a world; all else has its default.

    Args:
        world: The world of the last whole tick.
        drawn: Its entities with their drawn positions.
        tick: The drawn tick, with its fraction.
        seat: The player's own seat; `NO_SEAT` for a spectator.
        away: Seats without a connection.
        silent: Connected seats from which the server receives nothing.
    """
    board, options = world.one(arena.Board), world.options
    fighters = fighters_of(drawn)
    own = fighters.get(seat)
    warmup = board.phase == arena.MatchPhase.WARMUP
    over = board.phase == arena.MatchPhase.OVER
    quiet = {*away, *silent}
    return shown.MatchView(
        map=world.map,
        mode=options.mode,
        fighters=tuple(
            _fighter(each, own=each is own, silent=where in quiet)
            for where, each in fighters.items()
        ),
        rockets=tuple(_rocket(d) for d in drawn if isinstance(d.entity, arena.Rocket)),
        pickups=tuple(_pickup(d) for d in drawn if isinstance(d.entity, arena.Pickup)),
        flags=tuple(_flag(d, fighters) for d in drawn if isinstance(d.entity, arena.Flag)),
        clock_s=_clock(board, tick, options),
        overtime=board.overtime,
        starts_in_s=max(0.0, (board.phase_ends - tick) / TICKS) if warmup else None,
        ending=_ending(world, seat) if over else None,
        team_scores=(board.team1, board.team2) if options.mode != "dm" else (),
        score_limit=board.score_limit,
        scores=_scores(fighters, seat, away, silent),
    )


def _scores(
    fighters: Mapping[Seat, Drawn], seat: Seat, away: Collection[Seat], silent: Collection[Seat]
) -> tuple[shown.ScoreLine, ...]:
    lines = [
        shown.ScoreLine(
            seat=f.owner,
            name=shown_name(f.name),
            team=f.team,
            score=f.score,
            kills=f.kills,
            deaths=f.deaths,
            bot=f.bot,
            connected=f.owner not in away,
            silent=f.owner in silent,
            own=f.owner == seat,
        )
        for drawn in fighters.values()
        if isinstance(f := drawn.entity, arena.Fighter)
    ]
    return tuple(sorted(lines, key=lambda line: (-line.score, line.deaths, line.seat)))


def place_in_pixels(drawn: Drawn | None) -> tuple[float, float] | None:
    """Return the drawn place in pixels of the map; None without an entity."""
    return (drawn.x / SUB, drawn.y / SUB) if drawn is not None else None


def _clock(board: arena.Board, tick: float, options: ArenaOptions) -> float | None:
    """Return the seconds left to play; None if the match has no time limit, or is over."""
    if board.phase == arena.MatchPhase.WARMUP:
        limit = rules.time_limit(options)
        return limit / TICKS if limit else None
    if board.phase == arena.MatchPhase.OVER or not board.phase_ends:
        return None
    return max(0.0, (board.phase_ends - tick) / TICKS)


def _ending(world: World, me: Seat) -> shown.Ending:
    outcome = rules.standings(world)
    winners = [line for line in outcome.standings if line.won]
    teams = bool(outcome.team_scores)
    first = winners[0] if winners else None
    plays = any(line.seat == me for line in outcome.standings)
    return shown.Ending(
        winner=shown_name(first.name) if first is not None and not teams else "",
        team=first.team if first is not None and teams else 0,
        seat=first.seat if first is not None else NO_SEAT,
        won=any(line.seat == me for line in winners) if plays and winners else None,
        scores=outcome.team_scores or tuple(line.score for line in outcome.standings[:2]),
    )


def _fighter(drawn: Drawn, *, own: bool, silent: bool) -> shown.FighterView:
    fighter = drawn.entity
    assert isinstance(fighter, arena.Fighter)
    return shown.FighterView(
        seat=fighter.owner,
        name=shown_name(fighter.name),
        team=fighter.team,
        x=drawn.x / SUB,
        y=drawn.y / SUB,
        aim=round(drawn.angle) % 1024,
        hp=fighter.hp,
        max_hp=tuning.HEALTH,
        alive=fighter.alive,
        dashing=fighter.dashing,
        shielded=fighter.shielded,
        carrying=fighter.carrying,
        own=own,
        silent=silent and not fighter.bot,
    )


def _rocket(drawn: Drawn) -> shown.RocketView:
    rocket = drawn.entity
    assert isinstance(rocket, arena.Rocket)
    x, y = drawn.x / SUB, drawn.y / SUB
    return shown.RocketView(rocket.id, x, y, rocket.angle, rocket.team, rocket.owner)


def _pickup(drawn: Drawn) -> shown.PickupView:
    pickup = drawn.entity
    assert isinstance(pickup, arena.Pickup)
    x, y = drawn.x / SUB, drawn.y / SUB
    return shown.PickupView(pickup.id, x, y, pickup.kind, there=pickup.ready)


def _flag(drawn: Drawn, fighters: Mapping[Seat, Drawn]) -> shown.FlagView:
    flag = drawn.entity
    assert isinstance(flag, arena.Flag)
    carried = flag.state == arena.FlagState.CARRIED
    carrier = fighters.get(Seat(flag.carrier)) if carried else None
    place = carrier if carrier is not None else drawn
    return shown.FlagView(
        team=flag.team,
        x=place.x / SUB,
        y=place.y / SUB,
        home_x=flag.home_x / SUB,
        home_y=flag.home_y / SUB,
        carrier=carrier.entity.owner if carrier is not None else None,
        dropped=flag.state == arena.FlagState.DROPPED,
    )
