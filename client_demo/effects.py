"""Visual effects on the field: tracers, sparks, blasts, rings. A cue starts them; they fade out.

Law: an effect is a small value with an age; drawing changes nothing. The effects of a predicted
event that did not happen end at once.
"""

import math
import random
from typing import Final

import attrs
import pygame

from client_demo import fonts
from client_demo.art.figures import PICKUP_COLOURS, direction
from client_demo.camera import Camera
from client_demo.shapes import glow
from client_demo.theme import Colour, Theme, mix
from client_demo.views import cues

DIRECTION_S: Final = 1.2
"""Seconds for which the direction of an attack is shown."""
DIRECTIONS: Final = 4
"""Most directions at once."""
MOST: Final = 400
"""Most effects at once; the oldest are dropped."""


@attrs.define(eq=False)
class FadingEffect:
    """One effect; positions are pixels of the map, ``life`` and ``age`` are seconds."""

    cue_id: int
    kind: str
    x: float
    y: float
    life: float
    colour: Colour
    to: tuple[float, float] = (0.0, 0.0)
    """End of a tracer, or velocity of a spark or text in pixels per second."""
    size: float = 0.0
    text: str = ""
    age: float = 0.0


class FadingEffects:
    """All effects on the field."""

    def __init__(self) -> None:
        """Start without effects."""
        self.live: list[FadingEffect] = []
        self.flash = 0.0
        """Strength of the red border after the player was hit, 0..1."""
        self.marker = 0.0
        """Brightness of the hit marker after the player has hit, 0..1."""
        self.hurt_from: list[tuple[float, float]] = []
        """Directions of attackers, 0..1023, each with the seconds left to show it."""
        self._dice = random.Random(1)  # noqa: S311  sparks need no secrets

    def begin(  # noqa: C901  one case for each cue
        self, cue: cues.Cue, theme: Theme, camera: Camera
    ) -> None:
        """Start the effects of a cue; some of them shake the camera."""
        match cue:
            case cues.TakenBack():
                self.live = [effect for effect in self.live if effect.cue_id != cue.cue_id]
            case cues.ShotCue():
                colour = theme.fighter(cue.team, cue.seat)
                tracer = FadingEffect(
                    cue.cue_id, "tracer", cue.x, cue.y, 0.11, colour, (cue.to_x, cue.to_y)
                )
                muzzle = FadingEffect(cue.cue_id, "glow", cue.x, cue.y, 0.07, colour, size=22)
                self._add(tracer, muzzle)
                self._sparks(cue.cue_id, cue.to_x, cue.to_y, (255, 226, 160), 4, 130)
            case cues.HitCue():
                self._hit(cue, theme)
            case cues.Explosion():
                self._explosion(cue, camera)
            case cues.Launch():
                self._add(
                    FadingEffect(cue.cue_id, "glow", cue.x, cue.y, 0.15, (255, 190, 120), size=34)
                )
            case cues.Dash():
                colour = theme.fighter(cue.team, cue.seat)
                self._add(FadingEffect(cue.cue_id, "ring", cue.x, cue.y, 0.3, colour, size=34))
            case cues.Taken():
                colour = PICKUP_COLOURS.get(cue.kind, theme.text)
                self._add(FadingEffect(cue.cue_id, "ring", cue.x, cue.y, 0.4, colour, size=44))
                word = FadingEffect(cue.cue_id, "text", cue.x, cue.y - 18, 0.9, colour, (0, -30))
                word.text = f"+ {cue.kind}" if cue.own else ""
                self._add(word)
            case cues.Spawn():
                colour = theme.fighter(cue.team, cue.seat)
                self._add(FadingEffect(cue.cue_id, "ring", cue.x, cue.y, 0.7, colour, size=64))
                self._add(FadingEffect(cue.cue_id, "glow", cue.x, cue.y, 0.5, colour, size=48))
            case cues.DeathCue():
                colour = theme.fighter(cue.team, cue.seat)
                self._sparks(cue.cue_id, cue.x, cue.y, colour, 26, 240)
                self._add(FadingEffect(cue.cue_id, "ring", cue.x, cue.y, 0.5, colour, size=58))
                if cue.on_me:
                    camera.shake(0.9)
            case _:
                pass

    def _hit(self, cue: cues.HitCue, theme: Theme) -> None:
        self._sparks(cue.cue_id, cue.x, cue.y, theme.bad, 7, 160)
        if cue.by_me:
            self.marker = 1.0
            word = FadingEffect(cue.cue_id, "text", cue.x, cue.y - 20, 0.7, theme.text, (0, -46))
            word.text = str(cue.damage)
            self._add(word)
        if cue.on_me:
            self.flash = min(1.0, self.flash + cue.damage / 45)
            if cue.away is not None:
                turn = math.atan2(cue.away[1], cue.away[0]) * 1024 / math.tau
                self.hurt_from = [*self.hurt_from[1 - DIRECTIONS :], (turn % 1024, DIRECTION_S)]

    def _explosion(self, cue: cues.Explosion, camera: Camera) -> None:
        self._add(
            FadingEffect(cue.cue_id, "glow", cue.x, cue.y, 0.42, (255, 176, 92), size=120),
            FadingEffect(cue.cue_id, "ring", cue.x, cue.y, 0.45, (255, 206, 140), size=88),
        )
        self._sparks(cue.cue_id, cue.x, cue.y, (255, 196, 110), 22, 300)
        camera.shake(0.5 if cue.own else 0.35)

    def _sparks(
        self, cue_id: int, x: float, y: float, colour: Colour, count: int, speed: float
    ) -> None:
        for _ in range(count):
            dx, dy = direction(self._dice.randrange(1024))
            fast = speed * self._dice.uniform(0.2, 1)
            life = self._dice.uniform(0.18, 0.45)
            self._add(
                FadingEffect(cue_id, "spark", x, y, life, colour, (dx * fast, dy * fast), size=2)
            )

    def _add(self, *effects: FadingEffect) -> None:
        self.live += effects
        if len(self.live) > MOST:
            del self.live[: len(self.live) - MOST]

    def advance(self, elapsed: float) -> None:
        """Age all effects by ``elapsed`` seconds and drop those that have ended."""
        for effect in self.live:
            effect.age += elapsed
        self.live = [effect for effect in self.live if effect.age < effect.life]
        self.hurt_from = [(turn, left - elapsed) for turn, left in self.hurt_from if left > elapsed]
        self.flash = max(0.0, self.flash - 1.8 * elapsed)
        self.marker = max(0.0, self.marker - 4 * elapsed)

    def draw(self, surface: pygame.Surface, corner: tuple[int, int]) -> None:
        """Draw all effects; ``corner`` is the place of the map's origin on the surface."""
        for effect in self.live:
            left = 1 - effect.age / effect.life
            _DRAWERS[effect.kind](surface, effect, corner, left)


def _draw_tracer(
    surface: pygame.Surface, effect: FadingEffect, corner: tuple[int, int], left: float
) -> None:
    start = (effect.x + corner[0], effect.y + corner[1])
    end = (effect.to[0] + corner[0], effect.to[1] + corner[1])
    shade = mix((20, 24, 30), mix(effect.colour, (255, 255, 255), 0.5), left)
    pygame.draw.line(surface, shade, start, end, 2 if left > 0.4 else 1)


def _draw_glow(
    surface: pygame.Surface, effect: FadingEffect, corner: tuple[int, int], left: float
) -> None:
    radius = int(effect.size)
    step = round(left * 8) / 8
    picture = glow(radius, mix((0, 0, 0), effect.colour, step))
    place = (effect.x + corner[0] - radius, effect.y + corner[1] - radius)
    surface.blit(picture, place, special_flags=pygame.BLEND_RGB_ADD)


def _draw_ring(
    surface: pygame.Surface, effect: FadingEffect, corner: tuple[int, int], left: float
) -> None:
    radius = int(effect.size * (1 - left * left)) + 4
    width = max(1, round(4 * left))
    light = pygame.Surface((2 * radius, 2 * radius))
    shade = mix((0, 0, 0), effect.colour, left)
    pygame.draw.circle(light, shade, (radius, radius), radius, width)
    place = (round(effect.x + corner[0]) - radius, round(effect.y + corner[1]) - radius)
    # Colours are added, so that a ring that has almost faded does not darken the ground.
    surface.blit(light, place, special_flags=pygame.BLEND_RGB_ADD)


def _draw_spark(
    surface: pygame.Surface, effect: FadingEffect, corner: tuple[int, int], left: float
) -> None:
    passed = effect.age * (1 - 0.4 * (1 - left))
    x = effect.x + effect.to[0] * passed + corner[0]
    y = effect.y + effect.to[1] * passed + corner[1]
    shade = mix((40, 40, 44), effect.colour, left)
    surface.fill(shade, (round(x), round(y), 3 if left > 0.5 else 2, 3 if left > 0.5 else 2))


def _draw_text(
    surface: pygame.Surface, effect: FadingEffect, corner: tuple[int, int], left: float
) -> None:
    if not effect.text:
        return
    picture = fonts.render(effect.text, 15, effect.colour, bold=True)
    x = effect.x + corner[0] - picture.get_width() / 2
    y = effect.y + effect.to[1] * effect.age + corner[1]
    if left > 0.25:
        surface.blit(picture, (x, y))


_DRAWERS = {
    "tracer": _draw_tracer,
    "glow": _draw_glow,
    "ring": _draw_ring,
    "spark": _draw_spark,
    "text": _draw_text,
}
