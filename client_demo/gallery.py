"""Draw pictures of all states of a match from fixed views, for review and for the documents.

Law: no server, no clock, no random numbers. The pictures are drawn by the code that draws a match.
"""

import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs
import click
import pygame

from client_demo.controls.keynames import key_name
from client_demo.hud.lesson import TEXTS, key_words
from client_demo.screens.match import MatchScreen, Shows, own_fighter
from client_demo.screens.results import ResultsScreen
from client_demo.settings_file import PlayerSettings
from client_demo.theme import BASE, COLOUR_BLIND, DEFAULT, Theme
from client_demo.views import cues
from client_demo.views.matchview import (
    Defeat,
    Ending,
    FighterView,
    FlagView,
    KillLine,
    LineView,
    MatchView,
    NetView,
    OwnView,
    PickupView,
    RocketView,
    ScoreLine,
)
from client_demo.views.screens import ChatView, ResultsView
from client_demo.widgets.ui import Ui
from client_demo.window import GameWindow
from gameserver.game.maps.shipped import shipped_maps
from gameserver.game.maps.tiled import load_maps
from gameserver.game.maps.tilemap import TILE_PX, Solid, TileMap
from gameserver.ids import LobbyId, MatchId, MessageId, PlayerId, Seat
from gameserver.messages.chat import Channel, ChatLine
from gameserver.messages.lobby import (
    LobbyConfig,
    LobbyState,
    MatchResult,
    Member,
    Phase,
    ResultLine,
)

SIZES: Final = ((1280, 720), (960, 540))
ME: Final = Seat(0)
NAMES: Final = (
    "Marie", "Aleksandra", "Bo", "Tomás", "Wei", "Kwame", "Ingrid", "Bartholomew the Third",
    "Yuki", "Omar", "Lea", "Petra", "Sam", "Noor", "Ada", "WWWWWWWWWWWWWWWWWWWWWWWW",
)  # fmt: skip
SCRIPTS: Final = (
    "Zoë", "דניאל", "สมชาย ใจดี", "محمد 7", "Мария", "さくら 🌸", "अनुष्का", "Δημήτρης 👍🏽",
)  # fmt: skip
SAID_IN_SCRIPTS: Final = ("שלום לכולם!", "ไปทางซ้ายกันเถอะ 🚩", "حظا سعيدا 2:1")
SAID: Final = (
    ("Bo", Channel.LOBBY, "good luck everybody"),
    ("Wei", Channel.TEAM, "two of them are behind the crates in the north, I go around"),
    ("Marie", Channel.TEAM, "coming"),
)


@attrs.frozen
class Picture:
    """One view, and everything else that its drawing depends on."""

    name: str
    view: MatchView | ResultsView
    shows: Shows = attrs.field(factory=Shows)
    theme: Theme = DEFAULT
    draft: str | None = None
    frames: int = 2
    pointer: tuple[int, int] = (860, 300)


def pictures(maps: Mapping[str, TileMap]) -> Iterator[Picture]:
    """Return every state of a match and its results."""
    yield from _states(maps)
    yield from _edges(maps)
    for name, players, teams, me in (
        ("results-deathmatch", 16, 0, 12), ("results-teams", 16, 2, 11), ("results-few", 4, 2, 0),
    ):  # fmt: skip
        yield Picture(name, results(players, teams, me=me))


def _states(maps: Mapping[str, TileMap]) -> Iterator[Picture]:
    keys = key_words(PlayerSettings().places, key_name)
    duel = fight(maps["foundry"], "dm", 6)
    crowd = fight(maps["foundry"], "dm", 16)
    teams = fight(maps["canal"], "tdm", 8)
    flags = fight(maps["canal"], "ctf", 8)
    yield Picture("warm-up-lesson", _warm(duel), Shows(lesson=list(TEXTS), keys=keys))
    yield Picture("deathmatch", duel)
    yield Picture("teams", teams)
    yield Picture("teams-colour-blind", teams, theme=COLOUR_BLIND)
    yield Picture("flags", _with_flags(flags, carrying=False))
    yield Picture("flags-carrying", _with_flags(flags, carrying=True))
    yield Picture("crowd-scores", crowd, Shows(scores=True))
    team_crowd = fight(maps["orchard"], "tdm", 16)
    yield Picture("team-scores", team_crowd, Shows(scores=True))
    yield Picture("chat", attrs.evolve(teams, chat_age_s=1.0), draft="where is everybody?")
    weak = OwnView(hp=22, ammo=6, rockets=0, dash=0.4, reload=0.3, haste_s=4.2)
    hurt = cues.HitCue(1, 0, 0, 40, on_me=True, away=(-190, -160))
    yield Picture("hurt", attrs.evolve(duel, own=weak, cues=(hurt,)))
    yield Picture("destroyed", _dead(duel, Defeat(NAMES[3], (0, 3), "rocket")))
    yield Picture("destroyed-by-self", _dead(duel, Defeat(NAMES[0], (0, 0), "rocket", True)))
    yield Picture("destroyed-long-name", _dead(duel, Defeat(NAMES[15], (0, 15), "rifle")))
    yield Picture("overtime", attrs.evolve(teams, overtime=True, clock_s=41.0, team_scores=(9, 9)))
    yield Picture("no-limit", attrs.evolve(duel, clock_s=None))
    yield Picture("last-seconds", attrs.evolve(duel, clock_s=7.3))
    won = Ending("", 1, won=True, scores=(12, 9))
    yield Picture("victory", attrs.evolve(teams, ending=won, clock_s=None))
    lost = Ending(NAMES[1], 0, Seat(1), won=False, scores=(14, 13))
    yield Picture("defeat", attrs.evolve(duel, ending=lost, clock_s=None))
    drawn = attrs.evolve(teams, ending=Ending("", scores=(9, 9)), team_scores=(9, 9))
    yield Picture("draw", attrs.evolve(drawn, clock_s=None))
    yield Picture("stall-mark", attrs.evolve(duel, line=LineView(0.7, stalls=True)))
    long = LineView(2.4, stalls=True, stalls_long=True)
    yield Picture("stall-banner", attrs.evolve(duel, line=long))
    for name, words in (
        ("slow-line", "Your connection is slow: 1.4 s to the server and back."),
        (
            "slowest-line",
            "Your connection is too slow for this game: 2.6 s to the server and back.",
        ),
    ):
        yield Picture(name, attrs.evolve(duel, line=LineView(trouble=words)))
    yield Picture("others-silent", _silent(duel))
    yield Picture("others-silent-scores", _silent(duel), Shows(scores=True))
    yield Picture("net-graph", attrs.evolve(duel, net=_net()), Shows(net_graph=True))
    yield Picture("spectator", _watching(teams))
    yield Picture("scripts", _in_scripts(teams), draft="ไปกันเลย 🙂 שלום")


def _edges(maps: Mapping[str, TileMap]) -> Iterator[Picture]:
    duel = fight(maps["foundry"], "dm", 6)
    for name, where in _corners(maps["foundry"]):
        yield Picture(f"edge-{name}", _moved(duel, where))
    small = fight(maps["courtyard"], "dm", 4)
    for name, where in _corners(maps["courtyard"]):
        yield Picture(f"small-map-{name}", _moved(small, where))


def fight(tile_map: TileMap, mode: str, players: int) -> MatchView:
    """Return a view of a fight with a number of players around the middle of a map."""
    teams = mode != "dm"
    middle = (tile_map.width * TILE_PX / 2, tile_map.height * TILE_PX / 2)
    fighters, scores = [], []
    for n in range(players):
        team = n % 2 + 1 if teams else 0
        at = (n * 211 % 900 - 430, n * 137 % 420 - 200) if n else (-60, 90)
        x, y = free_place(tile_map, middle[0] + at[0], middle[1] + at[1])
        fighters.append(
            FighterView(
                Seat(n), NAMES[n], team, x, y, (n * 190 + 900) % 1024, 100 - n * 37 % 90,
                own=n == 0, shielded=n == 4, dashing=n == 2,
            )
        )  # fmt: skip
        score = 11 if n == 0 else (15 - n) % 16
        bot = n % 3 == 2
        line = ScoreLine(Seat(n), NAMES[n], team, score, score, 3 + n % 5, bot, own=n == 0)
        scores.append(line)
    scores.sort(key=lambda line: (-line.score, line.deaths))
    x, y = fighters[0].x, fighters[0].y
    places = [free_place(tile_map, x - 300 + n * 190, y + 130) for n in range(4)]
    return MatchView(
        map=tile_map,
        mode=mode,
        fighters=tuple(fighters),
        rockets=(RocketView(1, x - 120, y - 60, 960, fighters[1].team, Seat(1)),),
        pickups=tuple(
            PickupView(n, *place, kind)
            for n, (place, kind) in enumerate(
                zip(places, ("health", "ammo", "rockets", "haste"), strict=True)
            )
        ),
        cues=(
            cues.ShotCue(1, x + 18, y + 4, x + 220, y - 70, fighters[0].team, ME, own=True),
            cues.Explosion(2, x - 210, y + 90),
        ),
        own=OwnView(hp=74, ammo=41, rockets=2, rocket=0.6),
        clock_s=127.0,
        team_scores=(12, 9) if teams else (),
        score_limit=15,
        scores=tuple(scores),
        kills=_kills(fighters),
        chat=tuple(
            ChatLine(MessageId(n), channel if teams else Channel.LOBBY, PlayerId(who), who, text, 0)
            for n, (who, channel, text) in enumerate(SAID)
        ),
        chat_age_s=2.0,
    )


def free_place(tile_map: TileMap, x: float, y: float) -> tuple[float, float]:
    """Return the centre of the nearest open tile, in pixels of the map."""
    tiles = [
        ((tx + 0.5) * TILE_PX, (ty + 0.5) * TILE_PX)
        for tx in range(1, tile_map.width - 1)
        for ty in range(1, tile_map.height - 1)
        if tile_map.solid_at(tx, ty) == Solid.OPEN
    ]
    return min(tiles, key=lambda tile: math.dist(tile, (x, y)))


def _kills(fighters: list[FighterView]) -> tuple[KillLine, ...]:
    pairs: tuple[tuple[int, int, str], ...] = (
        (1, 2, "rifle"),
        (3, 0, "rocket"),
        (0, 1, "rifle"),
        (2, 2, "rocket"),
    )
    if len(fighters) > 8:
        pairs = (*pairs, (15, 7, "rifle"))
    return tuple(
        KillLine(
            1.0, NAMES[a], (fighters[a].team, a), NAMES[b], (fighters[b].team, b), weapon,
            own=0 in {a, b}, by_self=a == b,
        )
        for a, b, weapon in pairs
    )  # fmt: skip


def _warm(view: MatchView) -> MatchView:
    """Return the view before its start: nobody has shot, scored or been hurt."""
    protected = OwnView(shield_s=1.1, ammo=60, rockets=2)
    fighters = tuple(
        attrs.evolve(f, hp=f.max_hp, shielded=True, dashing=False) for f in view.fighters
    )
    scores = tuple(
        attrs.evolve(s, score=0, kills=0, deaths=0)
        for s in sorted(view.scores, key=lambda s: s.seat)
    )
    return attrs.evolve(
        view, starts_in_s=2.4, clock_s=240.0, kills=(), own=protected, fighters=fighters,
        scores=scores, rockets=(), cues=(),
    )  # fmt: skip


def _in_scripts(view: MatchView) -> MatchView:
    """Return the view with names and chat lines in scripts other than the Latin one."""
    names = dict(zip(NAMES, SCRIPTS, strict=False))
    fighters = tuple(attrs.evolve(f, name=names[f.name]) for f in view.fighters)
    scores = tuple(attrs.evolve(s, name=names[s.name]) for s in view.scores)
    kills = tuple(
        attrs.evolve(k, killer=names[k.killer], victim=names[k.victim]) for k in view.kills
    )
    chat = tuple(
        attrs.evolve(line, sender_name=SCRIPTS[n + 1], text=SAID_IN_SCRIPTS[n])
        for n, line in enumerate(view.chat)
    )
    return attrs.evolve(view, fighters=fighters, scores=scores, kills=kills, chat=chat)


def _dead(view: MatchView, by: Defeat) -> MatchView:
    fighters = tuple(attrs.evolve(f, alive=not f.own) for f in view.fighters)
    own = OwnView(hp=0, ammo=41, rockets=2, respawn_s=1.7)
    return attrs.evolve(view, fighters=fighters, own=own, destroyed_by=by)


def _with_flags(view: MatchView, *, carrying: bool) -> MatchView:
    own = own_fighter(view)
    assert own is not None
    foe = FlagView(2, own.x, own.y, own.x + 300, own.y - 90, carrier=ME if carrying else None)
    if not carrying:
        foe = FlagView(2, own.x + 120, own.y - 40, own.x + 300, own.y - 90, dropped=True)
    home = FlagView(1, own.x - 200, own.y - 70, own.x - 200, own.y - 70)
    text = f"{NAMES[1]} took the "
    banner = cues.Banner(9, text, 1, " flag", 2)
    if not carrying:
        home = attrs.evolve(home, x=view.fighters[1].x, y=view.fighters[1].y, carrier=Seat(1))
    else:
        banner = cues.Banner(9, f"{NAMES[0]} took the ", 2, " flag", 1)
    made = attrs.evolve(view.own, carrying=2 * carrying) if view.own else None
    return attrs.evolve(view, flags=(home, foe), cues=(*view.cues, banner), own=made)


def _silent(view: MatchView) -> MatchView:
    fighters = tuple(attrs.evolve(f, silent=f.seat in {1, 3}) for f in view.fighters)
    scores = tuple(attrs.evolve(s, silent=s.seat == 1, connected=s.seat != 3) for s in view.scores)
    return attrs.evolve(view, fighters=fighters, scores=scores)


def _watching(view: MatchView) -> MatchView:
    fighters = tuple(attrs.evolve(f, own=False) for f in view.fighters)
    scores = tuple(attrs.evolve(s, own=False) for s in view.scores)
    focus = (fighters[1].x, fighters[1].y)
    return attrs.evolve(
        view, fighters=fighters, scores=scores, own=None, watched=Seat(1), focus=focus
    )


def _net() -> NetView:
    ping = tuple(38.0 + n * 7 % 23 for n in range(110))
    far = tuple(float(n % 9 == 0) * 3 for n in range(110))
    return NetView(42, 6, 1834, 2.5, 1510, 620, 3, 0, ping, far)


def _corners(tile_map: TileMap) -> Iterator[tuple[str, tuple[float, float]]]:
    wide, high = tile_map.width * TILE_PX, tile_map.height * TILE_PX
    yield "top-left", (46.0, 46.0)
    yield "top-right", (wide - 46.0, 46.0)
    yield "bottom", (wide / 2, high - 46.0)


def _moved(view: MatchView, where: tuple[float, float]) -> MatchView:
    fighters = tuple(attrs.evolve(f, x=where[0], y=where[1]) if f.own else f for f in view.fighters)
    return attrs.evolve(view, fighters=fighters, cues=())


def results(players: int, teams: int, *, me: int) -> ResultsView:
    """Return the view after a match; ``me`` is the index of the player who sees it."""
    people = [PlayerId("" if n % 3 == 2 and n != me else f"p{n}") for n in range(players)]
    lines = tuple(
        ResultLine(
            NAMES[n], people[n], Seat(n), n % 2 + 1 if teams else 0, 16 - n, n % 2 == 0 if teams
            else n == 0, {"kills": 16 - n, "deaths": 3 + n % 7}, not people[n],
        )
        for n in range(players)
    )  # fmt: skip
    result = MatchResult(
        MatchId("m"), "finished", "Teal" if teams else NAMES[0], (72, 64) if teams else (), lines, 1
    )
    members = tuple(
        Member(people[n], NAMES[n], Seat(n), ready=n % 2 == 0, bot=not people[n])
        for n in range(players)
    )
    lobby = LobbyState(
        LobbyId("l"), 1, Phase.RESULTS, PlayerId("p0"), LobbyConfig("Den", "canal", 16), "CODE",
        False, 0, members, result=result,
    )  # fmt: skip
    return ResultsView(lobby, ChatView(PlayerId(f"p{me}")), 14.0)


def paint(canvas: pygame.Surface, picture: Picture) -> None:
    """Draw one picture on the canvas."""
    ui = Ui(canvas, picture.theme)
    ui.mouse = picture.pointer
    match_screen, results_screen = MatchScreen(shake=False, draft=picture.draft), ResultsScreen()
    for frame in range(picture.frames):
        ui.begin(10 + frame / 30)
        view = picture.view
        if isinstance(view, ResultsView):
            results_screen.draw(ui, view, lambda _: None)
        else:
            shown = attrs.evolve(view, cues=view.cues if frame == 0 else ())
            match_screen.draw(ui, shown, lambda _: None, shows=picture.shows, chat_key=0)
        ui.end()


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, writable=True, path_type=Path))
@click.option("--only", default="", help="Draw only pictures whose names contain TEXT.")
def main(folder: Path, only: str) -> None:
    """Draw the match screen in every state, as PNG files into FOLDER.

    Each picture is drawn in two sizes, 1280 x 720 and 960 x 540. No server is needed.
    """
    os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"
    window = GameWindow(fullscreen=False)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for picture in pictures(load_maps(shipped_maps())):
            if only in picture.name:
                paint(window.canvas, picture)
                for size in SIZES:
                    scaled = window.canvas
                    if size != BASE:
                        scaled = pygame.transform.smoothscale(window.canvas, size)
                    pygame.image.save(scaled, folder / f"{picture.name}-{size[0]}.png")
    finally:
        window.close()


if __name__ == "__main__":
    main(prog_name="script/pictures")
