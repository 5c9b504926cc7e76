"""Invariants that hold in every tick, for all inputs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gameserver.arena.entities import Fighter, Flag, FlagState, Rocket
from gameserver.arena.options import ArenaCommand
from gameserver.arena.tuning import DASH_SPEED, MAX_HEALTH, RADIUS
from gameserver.game.fixed import length
from gameserver.game.geometry.collide import overlaps
from gameserver.game.maps.tilemap import ObjectKind
from gameserver.game.rng import Rng
from gameserver.game.schema.dump import world_hash
from tests.arena.field import GAME, ROOM, Field, a_map, thing

ROWS = (
    *ROOM[:4],
    "#....#.....==.....#....#",
    "#....#....#==#....#....#",
    *ROOM[6:9],
    "#.#####..........#####.#",
    *ROOM[10:],
)
MAP = a_map(
    thing(10, ObjectKind.FLAG, 3, 7, "", team=1),
    thing(11, ObjectKind.FLAG, 20, 7, "", team=2),
    *(
        thing(12 + i, ObjectKind.PICKUP, 8 + 2 * i, 11, kind)
        for i, kind in enumerate(("health", "ammo", "rockets", "haste"))
    ),
    rows=ROWS,
)
MODES = st.sampled_from(["dm", "tdm", "ctf"])


def random_command(rng: Rng) -> ArenaCommand:
    return ArenaCommand(
        move=rng.below(9),
        aim=rng.below(1024),
        fire=rng.below(2),
        rocket=rng.chance(1, 6),
        dash=rng.chance(1, 6),
        view=rng.below(160),
    )


class Watched:
    """A match of random keys, whose fighters stand close, so that much happens."""

    def __init__(self, mode: str, seed: int, friendly_fire: bool) -> None:
        self.field = Field(4, MAP, mode=mode, friendly_fire=friendly_fire, score_limit=0)
        self.rng = Rng.seeded(seed)
        self.held = {seat: random_command(self.rng) for seat in range(4)}
        for seat in range(4):
            self.field.put(seat, 9 + 2 * seat, 7)
        self.points = self.read_points()

    def read_points(self) -> list[int]:
        board, fighters = self.field.board, self.field.world.all(Fighter)
        columns = [(f.score, f.kills, f.deaths, f.captures) for f in fighters]
        return [board.team1, board.team2, *(value for row in columns for value in row)]

    def step(self) -> None:
        for seat in self.held:
            # Keys are held for a while, as by people; otherwise nobody gets anywhere.
            self.held[seat] = (
                random_command(self.rng) if self.rng.chance(1, 8) else self.held[seat].repeated()
            )
        before = {f.owner: (f.x, f.y, f.alive) for f in self.field.world.all(Fighter)}
        self.field.step(self.held)
        for fighter in self.field.world.all(Fighter):
            self.check(fighter, before[fighter.owner])
        points = self.read_points()
        assert all(now >= then for now, then in zip(points, self.points, strict=True))
        self.points = points
        self.check_flags()

    def check(self, fighter: Fighter, before: tuple[int, int, bool]) -> None:
        x, y, was_alive = before
        assert not overlaps(MAP, fighter.x, fighter.y, RADIUS)
        assert fighter.alive == (fighter.hp > 0)
        assert fighter.hp <= MAX_HEALTH
        if was_alive:
            # The square's corner is the fastest that two pushes can make anybody.
            assert length(fighter.x - x, fighter.y - y) <= DASH_SPEED * 3 // 2

    def check_flags(self) -> None:
        fighters = self.field.world.all(Fighter)
        carried = {f.carrying: f.owner for f in fighters if f.carrying}
        assert len(carried) == sum(f.carrying > 0 for f in fighters)
        for flag in self.field.world.all(Flag):
            assert (flag.state == FlagState.CARRIED) == (flag.team in carried)
            assert flag.carrier == carried.get(flag.team, -1)
        for fighter in fighters:
            assert not (
                fighter.carrying and (fighter.carrying == fighter.team or not fighter.alive)
            )


@settings(max_examples=12, deadline=None)
@given(MODES, st.integers(0, 2**32), st.booleans())
def test_walls_health_scores_and_flags_keep_their_invariants(
    mode: str, seed: int, friendly_fire: bool
) -> None:
    watched = Watched(mode, seed, friendly_fire)
    for _ in range(240):
        watched.step()


def test_random_commands_cause_all_kinds_of_events() -> None:
    watched = Watched("ctf", 5, friendly_fire=True)
    for _ in range(1500):
        watched.step()
    kinds = {type(event).__name__ for event in watched.field.happened}
    assert kinds >= {"Shot", "Hit", "Hurt", "Launched", "Exploded", "Killed", "Dashed", "Spawned"}


@settings(max_examples=4, deadline=None)
@given(MODES, st.integers(0, 2**32))
def test_the_same_commands_give_the_same_world_twice(mode: str, seed: int) -> None:
    hashes = []
    for _ in range(2):
        watched = Watched(mode, seed, friendly_fire=False)
        for _ in range(150):
            watched.step()
        hashes.append(world_hash(GAME, watched.field.world))
    assert hashes[0] == hashes[1]


def test_rockets_leave_nothing_behind() -> None:
    watched = Watched("dm", 8, friendly_fire=False)
    for _ in range(300):
        watched.step()
    watched.field.steps(80)
    assert watched.field.world.all(Rocket) == []
