"""Fixed-point geometry: the only arithmetic that a simulated world may use.

Law: every result is an integer computed from integers, so it is the same on every machine and in
every Python. Rounding is symmetric about zero, so mirrored worlds stay mirrored.

Units: lengths are in sub-units, `SUB` to the pixel. Angles are in steps, `TURN` to the full turn; 0
points along +x, and a quarter turn (256) along +y, which is *down* on the screen. Sines are scaled
by `ONE`.
"""

from bisect import bisect_right
from math import isqrt
from typing import Final

SUB: Final = 16
"""Sub-units in a pixel."""

TURN: Final = 1024
"""Angle steps in a full turn."""

ONE_BITS: Final = 14
ONE: Final = 1 << ONE_BITS
"""The value of `sin1024` and `cos1024` that stands for 1.0."""

_QUARTER: Final = TURN // 4
_EIGHTH: Final = TURN // 8
_FINE_BITS: Final = 96
_RATIO_BITS: Final = 32
_LENGTH_BITS: Final = 8


def div_round(numerator: int, denominator: int) -> int:
    """Divide by a positive ``denominator``, rounding to nearest and ties away from zero."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((denominator - 2 * numerator) // (2 * denominator))


def _half_step() -> tuple[int, int]:
    """Return cosine and sine of half an angle step, scaled by ``1 << _FINE_BITS``.

    Halves the quarter turn nine times by ``cos(a / 2) = sqrt((1 + cos a) / 2)``. The error of each
    root is at most one unit in 2^96, so the sine is exact to more than 80 bits.
    """
    one = 1 << _FINE_BITS
    cosine = 0
    for _ in range(_QUARTER.bit_length()):
        cosine = isqrt((one + cosine) * one // 2)
    return cosine, isqrt(one * one - cosine * cosine)


def _build_tables() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the sines of all steps of a turn, and the tangents between the steps of an eighth.

    Rotates by half a step at a time through a quarter turn, with 96 fractional bits. No sine at 14
    bits and no tangent at 32 bits is so near to a rounding border that the error matters.
    """
    one = 1 << _FINE_BITS
    step_cos, step_sin = _half_step()
    quarter, tangents = [], []
    cosine, sine = one, 0
    for half in range(2 * _QUARTER + 1):
        if half % 2 == 0:
            quarter.append(div_round(sine, 1 << (_FINE_BITS - ONE_BITS)))
        elif half < 2 * _EIGHTH:
            tangents.append((sine << _RATIO_BITS) // cosine)
        cosine, sine = (
            (cosine * step_cos - sine * step_sin) >> _FINE_BITS,
            (sine * step_cos + cosine * step_sin) >> _FINE_BITS,
        )
    half_turn = quarter[:-1] + quarter[:0:-1]
    return (*half_turn, *(-value for value in half_turn)), tuple(tangents)


_SINE, _TANGENT = _build_tables()


def sin1024(angle: int) -> int:
    """Return the sine of an angle in steps, scaled by `ONE`; any integer is an angle."""
    return _SINE[angle % TURN]


def cos1024(angle: int) -> int:
    """Return the cosine of an angle in steps, scaled by `ONE`; any integer is an angle."""
    return _SINE[(angle + _QUARTER) % TURN]


def angle_of(dx: int, dy: int) -> int:
    """Return a vector's direction as the nearest step from 0 to 1023; 0 for the zero vector."""
    width, height = abs(dx), abs(dy)
    if width >= height:
        if width == 0:
            return 0
        angle = bisect_right(_TANGENT, (height << _RATIO_BITS) // width)
    else:
        angle = _QUARTER - bisect_right(_TANGENT, (width << _RATIO_BITS) // height)
    if dx < 0:
        angle = 2 * _QUARTER - angle
    return -angle % TURN if dy < 0 else angle


def vector(angle: int, length: int) -> tuple[int, int]:
    """Return the vector of a direction and a length, each component rounded to nearest."""
    return (
        div_round(_SINE[(angle + _QUARTER) % TURN] * length, ONE),
        div_round(_SINE[angle % TURN] * length, ONE),
    )


def length(dx: int, dy: int) -> int:
    """Return the length of a vector, rounded down."""
    return isqrt(dx * dx + dy * dy)


def scale_to(dx: int, dy: int, wanted: int) -> tuple[int, int]:
    """Return the vector of the same direction and of length ``wanted``; zero stays zero."""
    now = isqrt((dx * dx + dy * dy) << (2 * _LENGTH_BITS))
    if now == 0:
        return 0, 0
    factor = wanted << _LENGTH_BITS
    return div_round(dx * factor, now), div_round(dy * factor, now)


def clamp(value: int, lo: int, hi: int) -> int:
    """Return ``value`` moved into ``lo`` to ``hi``, both included."""
    return lo if value < lo else min(value, hi)


def wrap_signed(difference: int, wrap: int) -> int:
    """Return the difference modulo ``wrap`` that is nearest to 0: from -wrap/2 to below wrap/2."""
    half = wrap // 2
    return (difference + half) % wrap - half


def lerp(a: int, b: int, num: int, den: int) -> int:
    """Return the value ``num / den`` of the way from ``a`` to ``b``.

    ``den`` is positive. Rounds to nearest; a tie goes to the value farther from ``a``.
    """
    return a + div_round((b - a) * num, den)


def lerp_wrapped(a: int, b: int, num: int, den: int, wrap: int) -> int:
    """Interpolate as `lerp` on a circle of ``wrap`` steps, the short way round.

    The result is from 0 to ``wrap - 1``.
    """
    return (a + div_round(wrap_signed(b - a, wrap) * num, den)) % wrap
