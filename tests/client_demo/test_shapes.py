"""Shapes as pictures: what is drawn sixty times a second is in the form that is drawn quickly."""

import pygame

from client_demo.art import figures, signs
from client_demo.shapes import disc, ring
from client_demo.window import GameWindow


def test_shapes_have_the_colour_order_of_the_canvas(window: GameWindow) -> None:
    wanted = window.canvas.get_masks()[:3]
    colour = (12, 34, 57)  # of no other test: pictures are kept
    pictures: list[pygame.Surface] = [
        figures.fighter(colour, 3),
        figures.rocket(colour, 3),
        figures.flag(colour),
        signs.mark(1, colour, 5),
        signs.silent(colour),
        disc(9, colour),
        ring(9, 2, colour),
    ]
    assert [picture.get_masks()[:3] for picture in pictures] == [wanted] * len(pictures)
