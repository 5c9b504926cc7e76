"""Points, phases and results: when play begins, which player or team leads, when it is over."""

from gameserver.arena.damage import Death
from gameserver.arena.entities import Board, Fighter, MatchPhase
from gameserver.arena.options import ArenaOptions, Mode
from gameserver.arena.tuning import (
    AFTERMATH_TICKS,
    KILL_POINTS,
    LONGEST_TICKS,
    OVERTIME_TICKS,
    TICK_RATE,
    WARMUP_TICKS,
)
from gameserver.game import Outcome, Standing, World

TEAM_NAMES = {1: "Teal", 2: "Amber"}


def set_up(world: World) -> None:
    """Spawn the board."""
    options: ArenaOptions = world.options
    world.spawn(Board(phase_ends=world.tick + WARMUP_TICKS, score_limit=options.score_limit))


def count_deaths(world: World, deaths: list[Death]) -> None:
    """Give points for kills: to the killer, and in team deathmatch to the team."""
    board = world.one(Board)
    for victim, killer in deaths:
        foe = victim is not killer and (not victim.team or victim.team != killer.team)
        if board.phase != MatchPhase.PLAY or not foe:
            continue
        killer.kills += 1
        killer.score += KILL_POINTS
        if world.options.mode == Mode.TEAM_DEATHMATCH:
            if killer.team == 1:
                board.team1 += KILL_POINTS
            else:
                board.team2 += KILL_POINTS


def advance_phase(world: World) -> None:
    """Move from warm-up to play to over."""
    board = world.one(Board)
    match board.phase:
        case MatchPhase.WARMUP if world.tick >= board.phase_ends:
            board.phase = MatchPhase.PLAY
            board.phase_ends = world.tick + limit if (limit := time_limit(world.options)) else 0
        case MatchPhase.PLAY:
            _look_for_an_end(world, board)


def time_limit(options: ArenaOptions) -> int:
    """Return the length of play in ticks; 0 if only the score ends it."""
    if options.time_limit_s:
        return options.time_limit_s * TICK_RATE
    return 0 if options.score_limit else LONGEST_TICKS


def _look_for_an_end(world: World, board: Board) -> None:
    best, second = _best_two(world, board)
    reached = bool(board.score_limit) and best >= board.score_limit
    time_is_up = bool(board.phase_ends) and world.tick >= board.phase_ends
    level = best == second
    if (reached or time_is_up) and level and not board.overtime:
        board.overtime, board.phase_ends = True, world.tick + OVERTIME_TICKS
    elif time_is_up or (not level and (reached or board.overtime)):
        board.phase, board.phase_ends = MatchPhase.OVER, world.tick + AFTERMATH_TICKS


def _best_two(world: World, board: Board) -> tuple[int, int]:
    if world.options.mode != Mode.DEATHMATCH:
        return max(board.team1, board.team2), min(board.team1, board.team2)
    scores = sorted((fighter.score for fighter in world.all(Fighter)), reverse=True)
    # A single player cannot draw with anybody.
    return (scores[0] if scores else 0), (scores[1] if len(scores) > 1 else -1)


def is_over(world: World) -> bool:
    """Tell whether the results may be shown."""
    board = world.one(Board)
    return board.phase == MatchPhase.OVER and world.tick >= board.phase_ends


def time_left(world: World) -> int | None:
    """Return the ticks until play ends at the latest, overtime aside; None without a limit."""
    board, limit = world.one(Board), time_limit(world.options)
    if board.phase == MatchPhase.WARMUP:
        return board.phase_ends - world.tick + limit if limit else None
    if board.phase == MatchPhase.PLAY:
        return board.phase_ends - world.tick if board.phase_ends else None
    return 0


def standings(world: World) -> Outcome:
    """Return the present results, best first.

    The score alone decides who has won, as it decides whether there is overtime; fewer deaths come
    first in the table among the same scores.
    """
    board = world.one(Board)
    teams = world.options.mode != Mode.DEATHMATCH
    fighters = sorted(world.all(Fighter), key=lambda f: (-f.score, f.deaths, f.owner))
    leading = _leading_team(board) if teams else 0
    alone = bool(fighters) and _leads_alone(fighters)
    lines = tuple(
        Standing(
            seat=fighter.owner,
            name=fighter.name,
            team=fighter.team,
            score=fighter.score,
            stats={
                "kills": fighter.kills,
                "deaths": fighter.deaths,
                **({"captures": fighter.captures} if _has_flags(world) else {}),
            },
            won=fighter.team == leading if teams else alone and fighter is fighters[0],
        )
        for fighter in fighters
    )
    if teams:
        return Outcome(lines, TEAM_NAMES.get(leading, ""), (board.team1, board.team2))
    return Outcome(lines, fighters[0].name if alone else "")


def _has_flags(world: World) -> bool:
    return bool(world.options.mode == Mode.CAPTURE_THE_FLAG)


def _leading_team(board: Board) -> int:
    if board.team1 == board.team2:
        return -1
    return 1 if board.team1 > board.team2 else 2


def _leads_alone(fighters: list[Fighter]) -> bool:
    return len(fighters) == 1 or fighters[0].score > fighters[1].score
