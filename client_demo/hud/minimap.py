"""The whole map in a corner: teammates, flags, pick-ups; enemies only where a name tag shows."""

import pygame

from client_demo.art.figures import PICKUP_COLOURS
from client_demo.art.mappreview import preview
from client_demo.matchview import MatchView
from client_demo.shapes import box
from client_demo.theme import BASE
from client_demo.widgets.ui import Ui
from gameserver.game.tilemap import TILE_PX

ROOM = (196, 140)

FADED = 190
"""How much of what is below shows through while the player is there, of 255."""

NEAR_PX = 56
"""So near to the minimap the player's own fighter counts as below it."""


def draw_minimap(ui: Ui, view: MatchView, corner: tuple[float, float]) -> None:
    """Draw the minimap at the top right; faint while it would hide the player's own fighter.

    Args:
        ui: Draws.
        view: The match.
        corner: Top left of what is seen, in pixels of the map.
    """
    picture = preview(view.map, ROOM, ui.theme)
    rect = picture.get_rect(topright=(BASE[0] - 18, 18))
    area = rect.inflate(12, 12)
    own = next((f for f in view.fighters if f.own), None)
    near = area.inflate(2 * NEAR_PX, 2 * NEAR_PX)
    if own is None or not near.collidepoint(own.x - corner[0], own.y - corner[1]):
        _draw(ui, view, picture, rect)
        return
    below = ui.surface.subsurface(area).copy()
    _draw(ui, view, picture, rect)
    below.set_alpha(FADED)
    ui.surface.blit(below, area)


def _draw(ui: Ui, view: MatchView, picture: pygame.Surface, rect: pygame.Rect) -> None:
    box(ui.surface, rect.inflate(12, 12), (16, 21, 29, 205), radius=10)
    ui.surface.blit(picture, rect)
    scale = rect.width / (view.map.width * TILE_PX)

    def spot(x: float, y: float) -> tuple[int, int]:
        return rect.x + round(x * scale), rect.y + round(y * scale)

    for pickup in view.pickups:
        if pickup.there:
            colour = PICKUP_COLOURS.get(pickup.kind, ui.theme.text)
            pygame.draw.circle(ui.surface, colour, spot(pickup.x, pickup.y), 2)
    own_team = next((f.team for f in view.fighters if f.own), 0)
    for fighter in view.fighters:
        friend = fighter.own or (own_team and fighter.team == own_team) or view.own is None
        if fighter.alive and friend:
            place = spot(fighter.x, fighter.y)
            pygame.draw.circle(ui.surface, (10, 13, 18), place, 5)
            colour = ui.theme.text if fighter.own else ui.theme.fighter(fighter.team, fighter.seat)
            pygame.draw.circle(ui.surface, colour, place, 4)
    for flag in view.flags:
        x, y = spot(flag.x, flag.y)
        colour = ui.theme.team(flag.team)
        pygame.draw.polygon(ui.surface, colour, [(x, y + 5), (x, y - 7), (x + 9, y - 3), (x, y)])
