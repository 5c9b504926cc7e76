"""A small map as Tiled would save it, to be spoilt."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gameserver.game.maps.mapfault import Fault, MapError
from gameserver.game.maps.tiled import load_map

Json = dict[str, Any]
WIDTH, HEIGHT = 10, 8
CLASSES = ["floor", "grass", "wall", "crate", "lava"]
FLOOR, GRASS, WALL, CRATE, LAVA = range(1, 6)


def tileset() -> Json:
    tiles = [{"id": number, "type": name} for number, name in enumerate(CLASSES)]
    return {
        "columns": 5, "image": "t.png", "imageheight": 32, "imagewidth": 160, "margin": 0,
        "name": "t", "spacing": 0, "tilecount": 5, "tileheight": 32, "tilewidth": 32,
        "tiles": tiles, "type": "tileset", "version": "1.10", "tiledversion": "1.10.2",
    }  # fmt: skip


def tile_layer(number: int, name: str, data: list[int]) -> Json:
    return {
        "data": data, "height": HEIGHT, "id": number, "name": name, "opacity": 1,
        "type": "tilelayer", "visible": True, "width": WIDTH, "x": 0, "y": 0,
    }  # fmt: skip


def placed(number: int, class_name: str, x: float, y: float, **more: Any) -> Json:
    place = {
        "height": 0, "id": number, "name": "", "point": True, "rotation": 0,
        "type": class_name, "visible": True, "width": 0, "x": x, "y": y,
    }  # fmt: skip
    return place | more


def team(number: Any) -> list[Json]:
    return [{"name": "team", "type": "int", "value": number}]


def document() -> Json:
    walls = [0] * (WIDTH * HEIGHT)
    walls[:WIDTH] = [WALL] * WIDTH
    walls[WIDTH + 3] = CRATE
    objects = [
        placed(1, "spawn", 48, 80.5, properties=team(2)),
        placed(2, "pickup", 96, 96, name="health", point=False, width=32, height=32),
    ]
    return {
        "compressionlevel": -1, "height": HEIGHT, "infinite": False,
        "layers": [
            tile_layer(1, "ground", [FLOOR] * (WIDTH * HEIGHT - 1) + [GRASS]),
            tile_layer(2, "walls", walls),
            {"draworder": "topdown", "id": 3, "name": "objects", "objects": objects, "opacity": 1,
             "type": "objectgroup", "visible": True, "x": 0, "y": 0},
        ],
        "nextlayerid": 4, "nextobjectid": 3, "orientation": "orthogonal",
        "properties": [
            {"name": "title", "type": "string", "value": "The Yard"},
            {"name": "modes", "type": "string", "value": "dm, tdm"},
            {"name": "min_players", "type": "int", "value": 2},
            {"name": "max_players", "type": "int", "value": 8},
        ],
        "renderorder": "right-down", "tiledversion": "1.10.2", "tileheight": 32, "tilewidth": 32,
        "tilesets": [{"firstgid": 1} | tileset()], "type": "map", "version": "1.10",
        "width": WIDTH,
    }  # fmt: skip


def save(folder: Path, content: Json, name: str = "yard.tmj") -> Path:
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def faults_of(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(MapError) as caught:
        load_map(path)
    return caught.value.faults


def changed(*keys: Any, to: Any) -> Callable[[Json], None]:
    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        content[keys[-1]] = to

    return change
