"""The whole map in a corner, with the own fighter, teammates, flags and pickups, but no enemies."""

import pygame

from client_demo.art import signs
from client_demo.art.figures import PICKUP_COLOURS
from client_demo.art.mappreview import preview
from client_demo.hud.layout import MINIMAP
from client_demo.shapes import box
from client_demo.theme import THIN_GLASS
from client_demo.views.matchview import MatchView
from client_demo.widgets.ui import Ui
from gameserver.game.maps.tilemap import TILE_PX

ROOM = (MINIMAP.width - 12, MINIMAP.height - 12)


def draw_minimap(ui: Ui, view: MatchView) -> None:
    """Draw the minimap at the top right, below which the camera never lets the own fighter be."""
    picture = preview(view.map, ROOM, ui.theme)
    rect = picture.get_rect(topright=(MINIMAP.right - 6, MINIMAP.y + 6))
    box(ui.surface, rect.inflate(12, 12), THIN_GLASS, edge=ui.theme.raised, radius=10)
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
            followed = fighter.own or fighter.seat == view.watched
            colour = ui.theme.fighter(fighter.team, fighter.seat)
            colour = ui.theme.text if followed else colour
            for shade, radius in (((10, 13, 18), 6), (colour, 5)):
                spot_of_team = signs.mark(fighter.team, shade, radius)
                ui.surface.blit(spot_of_team, spot_of_team.get_rect(center=place))
    for flag in view.flags:
        x, y = spot(flag.x, flag.y)
        colour = ui.theme.team(flag.team)
        pygame.draw.polygon(ui.surface, colour, [(x, y + 5), (x, y - 7), (x + 9, y - 3), (x, y)])
