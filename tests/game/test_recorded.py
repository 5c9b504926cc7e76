"""What games compute with is what it was when it was recorded: places, rays, ways, draws, maps.

A journal is worth nothing, and a client in another language predicts wrong, once one of these gives
another integer. Where that is meant, ``python -m tests.game.test_recorded`` writes the new rows.

Rows: what was computed, a few numbers of it, and the digest of all.
"""

import copy
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from gameserver.game import fixed
from gameserver.game.geometry.collide import move_circle, overlaps, sweep_circle
from gameserver.game.geometry.navigation import Navigator
from gameserver.game.geometry.raycast import (
    line_of_sight,
    line_of_walk,
    raycast,
    segment_circle,
)
from gameserver.game.maps.mapfault import MapError
from gameserver.game.maps.tiled import load_map
from gameserver.game.maps.tilemap import TILE, TileMap
from gameserver.game.rng import Rng, keyed_random, murmur3_32
from gameserver.testing.maps import map_from_rows
from tests.game.maps.test_tiled_fuzz import PLACES
from tests.game.tiledfiles import changed, document, save
from tests.recorded import Recorded, counted, digest

SIDE = 12
JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2, 7, 64, 1.5, 2**40, "", "x", "wall", "spawn", [], [1], {}, {"name": 1},
)  # fmt: skip


def drawn_map(random: Random) -> TileMap:
    return map_from_rows(
        *("".join(random.choice("#=.......") for _ in range(SIDE)) for _ in range(SIDE))
    )


def of_moves(random: Random) -> Iterator[Any]:
    for _ in range(12):
        tile_map = drawn_map(random)
        for _ in range(120):
            x, y = (random.randrange(-TILE // 2, (SIDE + 1) * TILE) for _ in range(2))
            step = random.choice((40, 400, 5 * TILE))
            dx, dy = (random.choice((0, random.randint(-step, step))) for _ in range(2))
            radius, flying = random.choice((1, 100, 224, TILE // 2, 300)), random.random() < 0.5
            yield move_circle(tile_map, x, y, radius, dx, dy, flying=flying)
            yield sweep_circle(tile_map, x, y, radius, dx, dy, flying=flying)
            yield overlaps(tile_map, x, y, radius, flying=flying)


def of_rays(random: Random) -> Iterator[Any]:
    for _ in range(12):
        tile_map = drawn_map(random)
        for _ in range(150):
            x0, y0, x1, y1 = (
                random.choice((random.randrange(-9, SIDE * TILE), TILE * random.randrange(SIDE)))
                for _ in range(4)
            )
            yield raycast(tile_map, x0, y0, x1, y1)
            yield line_of_sight(tile_map, x0, y0, x1, y1), line_of_walk(tile_map, x0, y0, x1, y1)
            yield segment_circle(x0, y0, x1, y1, y0, x0, random.choice((1, 200, TILE)))


def of_ways(random: Random) -> Iterator[Any]:
    for _ in range(8):
        ways = Navigator(drawn_map(random), random.choice((100, 224)))
        for _ in range(30):
            tiles = [random.randrange(-1, SIDE + 1) for _ in range(4)]
            x, y, to_x, to_y = (tile * TILE + random.randrange(TILE) for tile in tiles)
            yield ways.next_waypoint(x, y, to_x, to_y)
            yield ways.distance((tiles[0], tiles[1]), (tiles[2], tiles[3]))
        yield len(ways.reachable((3, 3)))


def of_numbers(random: Random) -> Iterator[Any]:
    rng = Rng.seeded(random.randrange(2**32), 5)
    for n in range(400):
        a, b = random.randint(-90_000, 90_000), random.randint(-90_000, 90_000)
        part = random.randint(0, 30)
        yield rng.below(n + 1), rng.between(-n, n), rng.chance(n, 500), rng.next32()
        yield keyed_random(a & 0xFFFF, n, part), murmur3_32([n, part, abs(a)], n)
        yield fixed.sin1024(a), fixed.cos1024(a), fixed.angle_of(a, b), fixed.length(a, b)
        yield fixed.vector(a, part), fixed.scale_to(a, b, part), fixed.div_round(a, part + 1)
        yield fixed.lerp(a, b, part, 30), fixed.lerp_wrapped(a % 1024, b % 1024, part, 30, 1024)
        yield fixed.wrap_signed(a - b, 1024), fixed.clamp(a, -500, 700)
    items = list(range(20))
    rng.shuffle(items)
    yield items, rng.choice(items), rng.fork(3).dump(), rng.dump()


def of_maps(random: Random) -> Iterator[Any]:
    with TemporaryDirectory() as folder:
        for number in range(400):
            content = copy.deepcopy(document())
            for _ in range(random.choice((0, 1, 1, 1, 2))):
                with suppress(LookupError, TypeError):
                    changed(*random.choice(PLACES), to=random.choice(JUNK))(content)
            path = save(Path(folder), content, f"yard{number}.tmj")
            try:
                found = load_map(path)
            except MapError as error:
                yield [each.place.replace(folder, "") for each in error.faults]
            else:
                yield found.to_wire()


KINDS = {
    "moves": of_moves, "rays": of_rays, "ways": of_ways, "numbers": of_numbers, "maps": of_maps,
}  # fmt: skip


def computed(kind: str) -> tuple[dict[str, int], str]:
    found = list(KINDS[kind](Random(kind)))
    kinds = (f"{each}" if isinstance(each, bool) else type(each).__name__ for each in found)
    return counted(kinds), digest(found)


RECORDED = Recorded(__file__, KINDS, computed)


@RECORDED.each
def test_what_games_compute_with_is_as_it_was_recorded(row: list[Any]) -> None:
    RECORDED.compare(row)


if __name__ == "__main__":
    RECORDED.write()
