"""The rules of flags: taking, dropping, returning and capturing them."""

from gameserver.arena.entities import Board, Fighter, Flag, FlagState, MatchPhase
from gameserver.arena.events import FlagCaptured, FlagDropped, FlagReturned, FlagTaken
from gameserver.arena.tuning import CAPTURE_POINTS, FLAG_REACH, FLAG_RETURNS, RETURN_POINTS
from gameserver.game import World
from gameserver.game.maps.tilemap import ObjectKind
from gameserver.ids import Seat


def place(world: World) -> None:
    """Put each team's flag on its stand."""
    for item in world.map.of_kind(ObjectKind.FLAG):
        world.spawn(Flag(team=item.team, x=item.x, y=item.y, home_x=item.x, home_y=item.y))


def play(world: World) -> None:
    """Let fighters take, return and capture flags, and return flags that lay too long.

    Before play begins, nothing happens.
    """
    if world.one(Board).phase != MatchPhase.PLAY:
        return
    for flag in world.all(Flag):
        if flag.state == FlagState.CARRIED:
            _carry(world, flag)
        elif flag.state == FlagState.DROPPED and world.tick >= flag.returns:
            _go_home(world, flag, Seat(-1))
    for fighter in world.all(Fighter):
        if fighter.alive:
            _touch(world, fighter)


def drop(world: World, fighter: Fighter) -> None:
    """Drop the flag that a fighter carries, at its place; do nothing if it carries none."""
    for flag in world.all(Flag):
        if flag.state == FlagState.CARRIED and flag.carrier == fighter.owner:
            flag.state, flag.carrier = FlagState.DROPPED, -1
            flag.x, flag.y = fighter.x, fighter.y
            flag.returns = world.tick + FLAG_RETURNS
            world.emit(FlagDropped(fighter.owner, flag.team))
    fighter.carrying = 0


def _carry(world: World, flag: Flag) -> None:
    carrier = world.owned(Seat(flag.carrier), Fighter)
    if carrier is not None:
        flag.x, flag.y = carrier.x, carrier.y


def _touch(world: World, fighter: Fighter) -> None:
    for flag in world.all(Flag):
        dx, dy = flag.x - fighter.x, flag.y - fighter.y
        if flag.state == FlagState.CARRIED or dx * dx + dy * dy > FLAG_REACH * FLAG_REACH:
            continue
        if flag.team != fighter.team:
            _take(world, flag, fighter)
        elif flag.state == FlagState.DROPPED:
            fighter.score += RETURN_POINTS
            _go_home(world, flag, fighter.owner)
        elif fighter.carrying:
            _capture(world, fighter)


def _take(world: World, flag: Flag, fighter: Fighter) -> None:
    if fighter.carrying:
        return
    flag.state, flag.carrier = FlagState.CARRIED, fighter.owner
    fighter.carrying = flag.team
    world.emit(FlagTaken(fighter.owner, flag.team))


def _go_home(world: World, flag: Flag, seat: Seat) -> None:
    flag.state, flag.carrier = FlagState.HOME, -1
    flag.x, flag.y = flag.home_x, flag.home_y
    world.emit(FlagReturned(seat, flag.team))


def _capture(world: World, fighter: Fighter) -> None:
    board = world.one(Board)
    for flag in world.all(Flag):
        if flag.carrier == fighter.owner:
            flag.state, flag.carrier = FlagState.HOME, -1
            flag.x, flag.y = flag.home_x, flag.home_y
            world.emit(FlagCaptured(fighter.owner, flag.team))
    fighter.carrying = 0
    fighter.captures += 1
    fighter.score += CAPTURE_POINTS
    if fighter.team == 1:
        board.team1 += 1
    else:
        board.team2 += 1
