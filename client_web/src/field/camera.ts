/**
 * Which part of the field is seen: it follows a place smoothly and looks ahead to the pointer.
 *
 * Law: every screen sees about as many pixels of the field, so none has an advantage.
 */

import { clamp } from "./numbers.js";

/** Pixels of the field that are seen, on any screen. */
const AREA = 1280 * 720;
const LEAST_ZOOM = 0.5;
/** The picture moves by this part of the way to the pointer. */
const AHEAD = 0.16;
/** Time constant of the approach, in seconds. */
const EASE_S = 0.09;
const SHAKE_S = 0.28;
const SHAKE_PX = 7;
/** Pixels of the screen by which it may show what is beyond the border of the map. */
const BEYOND = { x: 0.12, top: 130, bottom: 110 } as const;
/** On an upright screen thumbs lie on its lower part, of which this much stays free. */
const THUMBS = 0.34;

export class Camera {
  /** Middle of the seen part, in pixels of the field. */
  x = 0;
  y = 0;
  zoom = 1;
  /** Magnification that a viewer of a replay has chosen; 1 for all who play. */
  magnified = 1;
  private shakeLeft = 0;
  private shakeSize = 0;
  private placed = false;

  /** The screen has this size. */
  resize(wide: number, high: number): void {
    this.zoom = Math.max(LEAST_ZOOM, Math.sqrt((wide * high) / AREA)) * this.magnified;
  }

  follow(
    target: { x: number; y: number },
    ahead: { x: number; y: number },
    map: { wide: number; high: number },
    screen: { wide: number; high: number },
    elapsed: number,
  ): void {
    const half = { x: screen.wide / 2 / this.zoom, y: screen.high / 2 / this.zoom };
    const beyondX = BEYOND.x * 2 * half.x;
    const wantX = within(target.x + ahead.x * AHEAD, half.x - beyondX, map.wide - half.x + beyondX);
    const top = half.y - BEYOND.top / this.zoom;
    const upright = screen.high > screen.wide;
    const below = upright ? Math.max(BEYOND.bottom, THUMBS * screen.high) : BEYOND.bottom;
    const bottom = map.high - half.y + below / this.zoom;
    const wantY = within(target.y + ahead.y * AHEAD, top, bottom);
    const far = Math.abs(wantX - this.x) > 2 * half.x || Math.abs(wantY - this.y) > 2 * half.y;
    const share = far || !this.placed ? 1 : 1 - Math.exp(-elapsed / EASE_S);
    this.x += (wantX - this.x) * share;
    this.y += (wantY - this.y) * share;
    this.placed = true;
    this.shakeLeft = Math.max(0, this.shakeLeft - elapsed);
  }

  shake(size: number): void {
    this.shakeLeft = SHAKE_S;
    this.shakeSize = size;
  }

  /** Where the field's origin is on a screen of this size, shaken. */
  origin(wide: number, high: number): { x: number; y: number } {
    const strong = (this.shakeLeft / SHAKE_S) * this.shakeSize * SHAKE_PX;
    const jolt = () => (Math.random() * 2 - 1) * strong;
    return {
      x: wide / 2 - this.x * this.zoom + jolt(),
      y: high / 2 - this.y * this.zoom + jolt(),
    };
  }
}

/** Clamp; a field that is smaller than the screen stands in its middle. */
function within(value: number, lo: number, hi: number): number {
  return lo > hi ? (lo + hi) / 2 : clamp(value, lo, hi);
}
