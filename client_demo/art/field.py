"""Draw the field of a match: map, pickups, flags, fighters, rockets, names.

Law: everything is drawn once a frame, from back to front; all pictures come from caches.
"""

from typing import Final

import pygame

from client_demo import fonts
from client_demo.art import figures, signs
from client_demo.art.mappreview import whole_map
from client_demo.shapes import disc, ring
from client_demo.theme import BASE, Colour, Theme, mix
from client_demo.views.matchview import FighterView, FlagView, MatchView, PickupView, RocketView

NAME_SIZE: Final = 13
FLAG_PX: Final = 24
"""Pixels by which a name is drawn higher over a flag that its fighter carries."""
Corner = tuple[int, int]


def draw_field(
    surface: pygame.Surface, view: MatchView, theme: Theme, corner: Corner, time: float
) -> None:
    """Draw everything on the field; ``corner`` is where the map's origin is on the canvas."""
    ground = whole_map(view.map, theme)
    if not ground.get_rect(topleft=corner).contains(surface.get_rect()):
        surface.fill(theme.background)
    surface.blit(ground, corner)
    for pickup in view.pickups:
        _pickup(surface, pickup, corner, time)
    for flag in view.flags:
        _flag(surface, flag, theme, corner)
    for fighter in sorted(view.fighters, key=lambda f: (f.own, f.y)):
        if fighter.alive and _seen(fighter.x, fighter.y, corner):
            ringed = fighter.own or fighter.seat == view.watched
            _fighter(surface, fighter, theme, corner, time, ringed=ringed)
    for rocket in view.rockets:
        _rocket(surface, rocket, theme, corner)
    carriers = {flag.carrier for flag in view.flags}
    for fighter in view.fighters:
        if fighter.alive and _seen(fighter.x, fighter.y, corner):
            lift = FLAG_PX if fighter.seat in carriers and not fighter.own else 0
            _tag(surface, fighter, theme, corner, lift)


def _seen(x: float, y: float, corner: Corner) -> bool:
    return -80 < x + corner[0] < BASE[0] + 80 and -80 < y + corner[1] < BASE[1] + 80


def _centred(
    surface: pygame.Surface, picture: pygame.Surface, x: float, y: float, corner: Corner
) -> None:
    place = picture.get_rect(center=(round(x + corner[0]), round(y + corner[1])))
    surface.blit(picture, place)


def _pickup(surface: pygame.Surface, pickup: PickupView, corner: Corner, time: float) -> None:
    if not _seen(pickup.x, pickup.y, corner):
        return
    if not pickup.there:
        _centred(surface, ring(13, 2, (70, 80, 96)), pickup.x, pickup.y, corner)
        return
    lift = 2 * ((time * 1.3 + pickup.key * 0.37) % 2 - 1) ** 2
    _centred(surface, disc(13, (12, 15, 20, 90)), pickup.x + 2, pickup.y + 6, corner)
    _centred(surface, figures.pickup(pickup.kind), pickup.x, pickup.y - lift, corner)


def _flag(surface: pygame.Surface, flag: FlagView, theme: Theme, corner: Corner) -> None:
    colour = theme.team(flag.team)
    stand = ring(20, 3, mix(colour, (20, 24, 30), 0.35))
    _centred(surface, stand, flag.home_x, flag.home_y, corner)
    x, y = flag.x + corner[0], flag.y + corner[1]
    if flag.carrier is not None:
        x, y = x - 10, y - 14
    surface.blit(figures.flag(colour), (round(x) - 4, round(y) - 36))
    if flag.dropped:
        _centred(surface, ring(24, 2, colour), flag.x, flag.y, corner)


def _fighter(
    surface: pygame.Surface,
    fighter: FighterView,
    theme: Theme,
    corner: Corner,
    time: float,
    *,
    ringed: bool,
) -> None:
    colour = theme.fighter(fighter.team, fighter.seat)
    _centred(surface, disc(14, (8, 10, 14, 110)), fighter.x + 3, fighter.y + 6, corner)
    if fighter.dashing:
        dx, dy = figures.direction(fighter.aim)
        for n in (3, 2, 1):
            trail = disc(13 - 2 * n, (*mix(colour, (255, 255, 255), 0.2), 90 - 22 * n))
            _centred(surface, trail, fighter.x - dx * 9 * n, fighter.y - dy * 9 * n, corner)
    if ringed:
        own_ring = ring(20, 2, mix(colour, (255, 255, 255), 0.5))
        _centred(surface, own_ring, fighter.x, fighter.y, corner)
    picture = figures.fighter(colour, figures.step_of(fighter.aim), team=fighter.team)
    _centred(surface, picture, fighter.x, fighter.y, corner)
    if fighter.shielded:
        radius = 22 + round(1.5 * ((time * 2) % 2 - 1) ** 2)
        shield = ring(radius, 2, mix(colour, (255, 255, 255), 0.6))
        _centred(surface, shield, fighter.x, fighter.y, corner)


def _rocket(surface: pygame.Surface, rocket: RocketView, theme: Theme, corner: Corner) -> None:
    colour = theme.fighter(rocket.team, rocket.seat)
    dx, dy = figures.direction(rocket.angle)
    for n, shade in enumerate(((255, 214, 130), (244, 150, 80), (150, 110, 90)), start=1):
        place = (round(rocket.x - dx * 9 * n) + corner[0], round(rocket.y - dy * 9 * n) + corner[1])
        pygame.draw.circle(surface, shade, place, 5 - n)
    picture = figures.rocket(colour, figures.step_of(rocket.angle))
    _centred(surface, picture, rocket.x, rocket.y, corner)


def _tag(
    surface: pygame.Surface, fighter: FighterView, theme: Theme, corner: Corner, lift: int
) -> None:
    """Draw a fighter's name, ``lift`` pixels higher than usual, and the marks around it."""
    x, y = round(fighter.x) + corner[0], round(fighter.y) + corner[1]
    if fighter.silent:
        top = y - 44 if fighter.own else y - 72 - lift
        surface.blit(signs.silent(theme.warn), (x - 14, top))
    if fighter.own:
        return
    colour = theme.fighter(fighter.team, fighter.seat)
    ink: Colour = mix(colour, theme.text, 0.45)
    shade = fonts.render(fighter.name, NAME_SIZE, (8, 10, 14), bold=True)
    name = fonts.render(fighter.name, NAME_SIZE, ink, bold=True)
    sign = signs.mark(fighter.team, colour, 5) if fighter.team else None
    left = x - name.get_width() // 2 + (7 if sign is not None else 0)
    if sign is not None:
        surface.blit(sign, (left - 14, y - 46 - lift + name.get_height() // 2 - 5))
    surface.blit(shade, (left + 1, y - 45 - lift))
    surface.blit(name, (left, y - 46 - lift))
    if fighter.hp < fighter.max_hp:
        width = 34
        share = max(0.0, min(1.0, fighter.hp / fighter.max_hp))
        pygame.draw.rect(surface, (10, 13, 18), (x - width // 2 - 1, y - 27, width + 2, 6))
        good = mix(theme.bad, theme.good, share)
        pygame.draw.rect(surface, good, (x - width // 2, y - 26, round(width * share), 4))
