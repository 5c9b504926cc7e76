"""The map check finds each fault it knows of, at its place, and nothing in good maps."""

from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

from gameserver.game.checking.maps import check_map, check_tile_map
from gameserver.game.maps.mapfault import Severity
from gameserver.game.maps.tiled import load_maps
from gameserver.game.maps.tilemap import TILE, MapObject, ObjectKind, TileMap
from gameserver.testing.maps import map_from_rows

MAPS = Path(__file__).parents[3] / "maps"

ROWS = (
    "####################",
    "#..................#",
    "#..................#",
    "#......#....#......#",
    "#......#....#......#",
    "#..................#",
    "#..................#",
    "####################",
)


def placed(number: int, kind: str, tx: int, ty: int, team: int = 0, name: str = "") -> MapObject:
    middle = TILE // 2
    x, y = tx * TILE + middle, ty * TILE + middle
    return MapObject(number, ObjectKind(kind), name, team, x, y)


OBJECTS = (
    placed(1, "spawn", 1, 1, 1),
    placed(2, "spawn", 18, 6, 2),
    placed(3, "flag", 2, 4, 1),
    placed(4, "flag", 17, 3, 2),
    placed(5, "pickup", 9, 3, name="health"),
)

GOOD = map_from_rows(*ROWS, objects=OBJECTS, modes=("dm", "tdm", "ctf"), max_players=2)


def told(tile_map: TileMap) -> list[str]:
    return [f"{fault.severity}: {fault}" for fault in check_tile_map(tile_map, "x")]


def with_objects(*objects: MapObject, without: Sequence[int] = ()) -> TileMap:
    replaced = {item.id for item in objects} | set(without)
    kept = [item for item in GOOD.objects if item.id not in replaced]
    return attrs.evolve(GOOD, objects=(*kept, *objects))


def with_rows(*rows: str) -> TileMap:
    return attrs.evolve(map_from_rows(*rows), objects=OBJECTS, modes=GOOD.modes, max_players=2)


def test_a_valid_map_has_no_faults() -> None:
    assert told(GOOD) == []


@pytest.mark.parametrize(
    ("tile_map", "said"),
    [
        (
            with_rows(ROWS[0], "." + ROWS[1][1:], *ROWS[2:6], ROWS[6][:-1] + "=", ROWS[7]),
            ["error: x, walls, tile 0,1: the border", "error: x, walls, tile 19,6: the border",
             "warning: x, walls: the map is not the same"],
        ),
        (
            with_rows(ROWS[0], "." + ROWS[1][1:], *ROWS[2:6], ROWS[6][:-1] + ".", ROWS[7]),
            ["error: x, walls, tile 0,1: the border", "error: x, walls, tile 19,6: the border"],
        ),
        (attrs.evolve(GOOD, modes=("race",)), [
            "warning: x, map property modes: mode 'race'",
            "warning: x, objects, object 3: the map does not declare mode ctf",
            "warning: x, objects, object 4: the map does not declare mode ctf",
        ]),
        (attrs.evolve(GOOD, objects=(), modes=("dm",)), ["error: x, objects: there is no spawn"]),
        (attrs.evolve(GOOD, max_players=4), [
            "warning: x, objects: 2 spawns are too few for 4 players",
            "warning: x, objects: team 1 has too few spawns",
            "warning: x, objects: team 2 has too few spawns",
        ]),
        (with_objects(placed(2, "spawn", 18, 6, 3)), [
            "error: x, objects, object 2: there is no team 3",
            "error: x, objects: team 2 has no spawn, as tdm needs",
        ]),
        (with_objects(without=[4]), ["error: x, objects: mode ctf needs a flag of team 2"]),
        (with_objects(placed(6, "flag", 16, 1, 2)), [
            "error: x, objects, object 6: team 2 has a flag already",
        ]),
        (with_objects(placed(6, "flag", 16, 1, 0)), [
            "error: x, objects, object 6: a flag belongs to team 1 or 2",
        ]),
        (with_objects(placed(5, "pickup", 9, 3)), [
            "error: x, objects, object 5: a pickup needs a name",
        ]),
        (with_objects(placed(5, "pickup", 9, 3, name="cake")), [
            "warning: x, objects, object 5: pickup 'cake' is not one of",
        ]),
        (with_objects(placed(5, "pickup", 7, 3, name="health")), [
            "error: x, objects, object 5: this pickup is in a wall",
        ]),
        (with_objects(MapObject(5, ObjectKind.PICKUP, "health", 0, 6 * TILE + 400, 3 * TILE)), [
            "error: x, objects, object 5: this pickup is in a wall or too near one",
        ]),
        (with_objects(placed(7, "spawn", 14, 3, 1)), [
            "warning: x, objects, object 7: this spawn is only 3 tiles from the enemy's flag",
        ]),
        (with_rows(*ROWS[:2], "#..=...............#", *ROWS[3:]), [
            "warning: x, walls: the map is not the same for both teams",
        ]),
    ],
)  # fmt: skip
def test_each_fault_is_reported_at_its_place(tile_map: TileMap, said: list[str]) -> None:
    found = told(tile_map)
    assert len(found) == len(said)
    for line, start in zip(found, said, strict=True):
        assert line.startswith(start)


def test_unreachable_objects_are_reported() -> None:
    rows = [*ROWS]
    rows[1:7] = [row[:10] + "##" + row[12:] for row in rows[1:7]]
    found = told(with_rows(*rows))
    assert [line.split(": ")[1] for line in found] == [
        "x, objects, object 2",
        "x, objects, object 4",
    ]
    assert "this flag cannot be reached from the spawn of object 1" in found[1]


def test_a_gap_between_two_corners_is_not_passable() -> None:
    rows = [*ROWS]
    rows[1:7] = [
        row[:10] + ("#." if at % 2 else ".#") + row[12:] for at, row in enumerate(rows[1:7])
    ]
    assert any("cannot be reached" in line for line in told(with_rows(*rows)))


def test_every_open_tile_of_the_border_is_reported_once() -> None:
    found = told(map_from_rows("....", ".##.", "....", modes=("dm",)))
    open_tiles = [line.split(", tile ")[1].split(":")[0] for line in found if ", tile " in line]
    corners_and_edges = [f"{x},{y}" for y in (0, 2) for x in range(4)]
    assert open_tiles == [*corners_and_edges, "0,1", "3,1"]


@pytest.mark.parametrize(
    ("teams", "most", "said"),
    [
        ((1, 2), 2, []),
        ((1, 1, 2, 2), 4, []),
        ((1, 2, 0, 0), 6, ["4 spawns are too few for 6 players"]),
        ((1, 2, 0), 4, ["3 spawns are too few for 4 players"]),
        ((1, 1, 1, 2), 4, ["team 2 has too few spawns for half of 4 players"]),
        ((1, 1, 1, 2, 0), 4, []),
        ((1, 1, 1, 2, 0), 5, ["team 2 has too few spawns for half of 5 players"]),
    ],
)
def test_each_team_needs_spawns_for_half_of_the_players(
    teams: tuple[int, ...], most: int, said: list[str]
) -> None:
    places = [(1, 1), (1, 6), (2, 1), (2, 6), (3, 1)]
    spawns = [
        placed(number, "spawn", *(place if team != 2 else (19 - place[0], place[1])), team)
        for number, (team, place) in enumerate(zip(teams, places, strict=False), 10)
    ]
    tile_map = attrs.evolve(GOOD, objects=tuple(spawns), modes=("tdm",), max_players=most)
    found = told(tile_map)
    assert [line.split(": ")[2].split(" (")[0] for line in found] == said


@pytest.mark.parametrize(
    ("team", "flag_team", "tiles", "near"),
    [
        (1, 2, 11, True),
        (1, 2, 12, False),
        (2, 1, 11, True),
        (2, 2, 3, False),
        (0, 2, 3, False),
    ],
)
def test_a_spawn_is_too_near_to_a_flag_of_the_enemy_below_twelve_tiles(
    team: int, flag_team: int, tiles: int, near: bool
) -> None:
    objects = (
        placed(1, "spawn", 1, 1, 3 - team if team else 1),
        placed(2, "spawn", 3, 6, team),
        placed(3, "flag", 3 + tiles, 6, flag_team),
    )
    tile_map = attrs.evolve(GOOD, objects=objects, modes=("dm",))
    found = [line for line in told(tile_map) if "enemy's flag" in line and "object 2" in line]
    assert len(found) == near
    if near:
        assert f"this spawn is only {tiles} tiles from the enemy's flag" in found[0]


def test_walls_may_be_mirrored_or_turned_half_around() -> None:
    for walls, same in (
        (["#..#", "=..="], True),
        (["=..#", "=..#"], True),
        (["=..#", "#..="], True),
        (["=..#", "#..#"], False),
    ):
        tile_map = attrs.evolve(map_from_rows("####", *walls, "####"), modes=("tdm",))
        assert any("not the same for both teams" in line for line in told(tile_map)) is not same
        alone = attrs.evolve(tile_map, modes=("dm",))
        assert not any("not the same for both teams" in line for line in told(alone))


def test_errors_come_before_warnings() -> None:
    tile_map = attrs.evolve(with_objects(without=[4]), max_players=9)
    severities = [fault.severity for fault in check_tile_map(tile_map, "x")]
    assert severities == [Severity.ERROR] + [Severity.WARNING] * 3


def test_an_unreadable_file_is_reported_as_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "broken.tmj"
    path.write_text("{")
    (fault,) = check_map(path)
    assert str(fault).startswith("broken.tmj: is not JSON")


SHIPPED = sorted(MAPS.glob("*.tmj"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_maps_have_no_faults_and_no_warnings(path: Path) -> None:
    assert check_map(path) == []


def test_shipped_maps_serve_every_mode_more_than_once() -> None:
    maps = load_maps(MAPS)
    assert len(maps) >= 4
    for mode in ("dm", "tdm", "ctf"):
        assert sum(mode in tile_map.modes for tile_map in maps.values()) >= 2
