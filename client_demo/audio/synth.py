"""Synthesise all sounds from sines, noise and envelopes: 16-bit mono samples.

Law: a name gives the same bytes each time, and on all machines whose ``sin`` and ``exp`` round
alike. All sounds together are made in a fraction of a second.
"""

import math
import random
from array import array
from functools import cache
from typing import Final

import attrs

RATE: Final = 22_050
"""Samples a second."""
PEAK: Final = 0.8 * 32_767


@attrs.frozen
class Voice:
    """One tone that changes its frequency and fades out; a sound is a sum of tones.

    The frequency changes evenly from ``start_hz`` to ``end_hz``. ``noise`` is the part of noise in
    the tone, from 0 to 1. The tone starts after ``delay_s``. A larger ``fade`` ends it earlier.
    """

    length_s: float
    start_hz: float
    end_hz: float
    noise: float = 0.0
    loud: float = 0.6
    delay_s: float = 0.0
    fade: float = 4.0


SOUNDS: Final[dict[str, tuple[Voice, ...]]] = {
    "shot": (Voice(0.09, 980, 240, 0.25, 0.55), Voice(0.05, 2400, 900, 0.0, 0.25)),
    "hit": (Voice(0.06, 1500, 1100, 0.1, 0.5),),
    "hurt": (Voice(0.14, 230, 90, 0.45, 0.7),),
    "launch": (Voice(0.32, 160, 420, 0.7, 0.5, fade=3),),
    "explosion": (Voice(0.6, 120, 38, 0.85, 0.95, fade=5), Voice(0.4, 70, 30, 0.0, 0.6)),
    "dash": (Voice(0.2, 300, 900, 0.75, 0.4),),
    "health": (Voice(0.1, 620, 620), Voice(0.16, 930, 930, delay_s=0.08)),
    "ammo": (Voice(0.05, 420, 400, 0.3), Voice(0.07, 560, 540, 0.3, delay_s=0.07)),
    "rockets": (Voice(0.08, 260, 300, 0.2), Voice(0.12, 390, 420, 0.2, delay_s=0.08)),
    "haste": (Voice(0.28, 500, 1500, 0.0, 0.5, fade=2),),
    "spawn": (Voice(0.35, 220, 880, 0.1, 0.45, fade=3),),
    "death": (Voice(0.5, 420, 60, 0.5, 0.8, fade=4),),
    "flag": (
        Voice(0.16, 523, 523),
        Voice(0.16, 659, 659, delay_s=0.12),
        Voice(0.3, 784, 784, delay_s=0.24),
    ),
    "beep": (Voice(0.12, 880, 880, 0.0, 0.5),),
    "win": tuple(
        Voice(0.3, hz, hz, delay_s=0.14 * n) for n, hz in enumerate((523, 659, 784, 1047))
    ),
    "lose": tuple(
        Voice(0.35, hz, hz * 0.97, delay_s=0.2 * n) for n, hz in enumerate((392, 330, 262))
    ),
    "click": (Voice(0.03, 1200, 900, 0.1, 0.3),),
}


@cache
def samples(name: str) -> bytes:
    """Return a sound's samples: mono, 16 bits, native byte order.

    Raises:
        KeyError: There is no such sound.
    """
    voices = SOUNDS[name]
    count = int(RATE * max(voice.delay_s + voice.length_s for voice in voices)) + 1
    mixed = [0.0] * count
    for number, voice in enumerate(voices):
        _add(mixed, voice, number)
    loudest = max(1.0, *(abs(value) for value in mixed))
    return array("h", [int(PEAK * value / loudest) for value in mixed]).tobytes()


def _add(mixed: list[float], voice: Voice, number: int) -> None:
    dice = random.Random(number)  # noqa: S311  noise needs no secrets
    length = int(RATE * voice.length_s)
    first = int(RATE * voice.delay_s)
    phase = 0.0
    for n in range(length):
        part = n / length
        phase += math.tau * (voice.start_hz + (voice.end_hz - voice.start_hz) * part) / RATE
        tone = math.sin(phase) * (1 - voice.noise) + dice.uniform(-1, 1) * voice.noise
        attack = min(1.0, n / 40)
        mixed[first + n] += voice.loud * tone * attack * math.exp(-voice.fade * part) * (1 - part)
