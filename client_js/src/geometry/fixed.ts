/**
 * Fixed-point geometry, integer for integer that of the server's worlds.
 *
 * Law: each result is an integer computed from integers; where a product may pass 2^53, it is
 * computed with `bigint`. Lengths are in sub-units, 16 to the pixel; angles are in steps, 1024 to the
 * turn, 0 along +x and 256 along +y, which is down. Sines are scaled by `ONE`.
 */

export const SUB = 16;
export const TURN = 1024;
const QUARTER = TURN / 4;
const ONE = 1 << 14;
const LENGTH_SCALE = 1 << 8;

/** No sine of a step is near to a rounding border, so those of any engine are good enough. */
const SINE = Array.from({ length: TURN }, (_, step) => {
  const half = step % (TURN / 2);
  const quarter = half > QUARTER ? TURN / 2 - half : half;
  const sine = Math.round(Math.sin((quarter / TURN) * 2 * Math.PI) * ONE);
  return step < TURN / 2 ? sine : -sine;
});

/** Divide and round down; exact below 2^53. */
export function div(numerator: number, denominator: number): number {
  return Math.floor(numerator / denominator);
}

/** Divide by a positive number, rounding to nearest and ties away from zero. */
export function divRound(numerator: number, denominator: number): number {
  const half = div(2 * Math.abs(numerator) + denominator, 2 * denominator);
  return numerator < 0 && half ? -half : half;
}

/** The square root of a number below 2^53, rounded down. */
export function isqrt(value: number): number {
  let root = Math.floor(Math.sqrt(value));
  while (root * root > value) root -= 1;
  while ((root + 1) * (root + 1) <= value) root += 1;
  return root;
}

/** The same for any size, by Newton's method from above. */
export function bigSqrt(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The vector of a direction and a length. */
export function vector(angle: number, length: number): readonly [x: number, y: number] {
  const step = modulo(angle, TURN);
  return [
    divRound(SINE[(step + QUARTER) % TURN]! * length, ONE),
    divRound(SINE[step]! * length, ONE),
  ];
}

/** The length of a vector, rounded down. */
export function length(dx: number, dy: number): number {
  return isqrt(dx * dx + dy * dy);
}

/** The vector of the same direction with another length; zero stays zero. */
export function scaleTo(dx: number, dy: number, wanted: number): readonly [x: number, y: number] {
  const now = isqrt((dx * dx + dy * dy) * LENGTH_SCALE * LENGTH_SCALE);
  if (now === 0) return [0, 0];
  const factor = wanted * LENGTH_SCALE;
  return [divRound(dx * factor, now), divRound(dy * factor, now)];
}

/** The remainder that is never negative. */
export function modulo(value: number, wrap: number): number {
  return ((value % wrap) + wrap) % wrap;
}

/** The value `num / den` of the way from one integer to another. */
export function lerp(a: number, b: number, num: number, den: number): number {
  return a + divRound((b - a) * num, den);
}

/** The same on a circle, the short way round. */
export function lerpWrapped(a: number, b: number, num: number, den: number, wrap: number): number {
  const half = div(wrap, 2);
  const difference = modulo(b - a + half, wrap) - half;
  return modulo(a + divRound(difference * num, den), wrap);
}
