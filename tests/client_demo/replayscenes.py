"""The scenes of recorded matches: the list, and a replay."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from client_demo.gallery import NAMES, fight
from client_demo.recordings import ReplayRow
from client_demo.screens.replay import ReplayScreen
from client_demo.screens.replays import ReplaysScreen
from client_demo.views.matchview import MatchView
from client_demo.views.replay import ReplaysView, ReplayView
from gameserver.game.maps.tilemap import TileMap
from tests.client_demo.sceneparts import Draw, ignore

_ROWS = tuple(
    ReplayRow(
        Path(f"{n}.journal.zst"),
        began_ms=1_780_000_000_000 - n * 5_400_000,
        map=("Foundry", "Canal", "Crossfire", "Courtyard")[n % 4],
        mode=("dm", "ctf", "tdm")[n % 3],
        players=NAMES[n % 5 : n % 5 + n % 7 + 1],
        bots=n % 4,
        seconds=217.0 + 61 * n,
        result=("Marie won", "Teal won, 12 : 9", "cut off", "draw, 3 : 3", "abandoned")[n % 5],
    )
    for n in range(14)
)


def scenes(maps: Mapping[str, TileMap]) -> Iterator[tuple[str, Draw]]:
    """Yield every scene."""
    folder = "/srv/mara/arena/data"
    yield "replays", _listed(ReplaysView(folder, _ROWS), "2.journal.zst")
    wide = attrs.evolve(_ROWS[3], players=(NAMES[15],) * 9, result=f"{NAMES[15]} won, 112 : 109")
    fault = "The code of arena or of this program has changed since the match of version 0.9.0;"
    fault += " replay it with that version."
    rows = (wide, ReplayRow(Path("20260101T101112-abcdefghijkl.journal.zst"), fault))
    yield "replays-broken", _listed(ReplaysView(folder, rows), rows[1].path.name)
    yield "replays-reading", _listed(ReplaysView(folder, _ROWS[:2], reading=True))
    yield "replays-none", _listed(ReplaysView(folder))
    view = ReplayView(
        _watched(maps["canal"], "ctf", 8), 4210.0, 0, 9000, 30, tuple(range(0, 4300, 120)),
        speed=0.25,
    )  # fmt: skip
    yield "replay", _played(view)
    words = "From tick 3600 on, this differs from the recorded match."
    crowd = attrs.evolve(
        view, match=_watched(maps["foundry"], "dm", 16), holes=((5000, 5600),), playing=False,
        seeks=True, notice=words,
    )  # fmt: skip
    yield "replay-crowd", _played(crowd)


def _watched(tile_map: TileMap, mode: str, players: int) -> MatchView:
    view = fight(tile_map, mode, players)
    fighters = tuple(attrs.evolve(each, own=False) for each in view.fighters)
    scores = tuple(attrs.evolve(each, own=False) for each in view.scores)
    return attrs.evolve(view, own=None, fighters=fighters, scores=scores, chat=())


def _listed(view: ReplaysView, chosen: str = "") -> Draw:
    screen = ReplaysScreen(chosen)
    return lambda ui: screen.draw(ui, view, ignore)


def _played(view: ReplayView) -> Draw:
    screen = ReplayScreen()
    return lambda ui: screen.draw(ui, view, ignore)
