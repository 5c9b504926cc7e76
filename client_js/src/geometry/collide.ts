/**
 * Move circles through the tile map, integer for integer as the server does.
 *
 * Law: a circle that starts clear of walls ends clear of walls, passes through none on the way, and
 * never travels farther than it was asked to. A circle that hits square tiles is a point that hits
 * tiles grown by the radius, with round corners: the first entry is the touch; there the rest of the
 * move goes on along the wall. Source: C. Ericson, "Real-Time Collision Detection", section 5.5.
 */

import { TILE } from "../play/map.js";
import { bigSqrt, div } from "./fixed.js";
import { type Grids, TILE_BITS } from "./grids.js";

const FULL_BITS = 24;
/** The time at the end of a move. */
const FULL = 2 ** FULL_BITS;
/** Most walls along which one move slides. */
const SLIDES = 3;
/** Most steps back, of one sub-unit each, until a rounded position is clear of walls. */
const BACK_OFFS = 4;

type Corner = readonly [left: number, top: number];

/** Return the centre of a circle after a move, sliding along walls; all in sub-units. */
export function moveCircle(
  grids: Grids,
  x: number,
  y: number,
  radius: number,
  dx: number,
  dy: number,
  flying = false,
): readonly [x: number, y: number] {
  const grid = flying ? grids.stopsShots : grids.stopsMovers;
  const { stride } = grids;
  let near = nearWay(grid, stride, x, y, radius, dx, dy);
  if (!near.length) return [x + dx, y + dy];
  if (overlaps(grid, stride, x, y, radius)) return [x, y];
  const reach = dx * dx + dy * dy;
  let [atX, atY] = [x, y];
  for (let slide = 0; slide <= SLIDES; slide++) {
    const [time, left, top] = firstTouch(near, atX, atY, radius, dx, dy);
    if (time === FULL) return [atX + dx, atY + dy];
    const [stepX, stepY] = clearStep(grid, stride, atX, atY, radius, dx, dy, time);
    atX += stepX;
    atY += stepY;
    [dx, dy] = alongWall(atX - left, atY - top, dx - stepX, dy - stepY);
    // Rounding at a corner must not make the move longer than it was asked to be.
    const tooFar = (atX + dx - x) ** 2 + (atY + dy - y) ** 2 > reach;
    if (tooFar || !(dx || dy)) break;
    near = nearWay(grid, stride, atX, atY, radius, dx, dy);
  }
  return [atX, atY];
}

/** The upper left corners of the solid tiles that a box overlaps, row by row. */
function tilesIn(
  grid: Uint8Array,
  stride: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
): Corner[] {
  const found: Corner[] = [];
  const first = Math.max(left >> TILE_BITS, -1);
  const after = Math.min((right - 1) >> TILE_BITS, stride - 2) + 1;
  const lastRow = Math.min((bottom - 1) >> TILE_BITS, grid.length / stride - 2);
  for (let ty = Math.max(top >> TILE_BITS, -1); ty <= lastRow; ty++) {
    const row = (ty + 1) * stride + 1;
    for (let tx = first; tx < after; tx++) {
      if (grid[row + tx]) found.push([tx * TILE, ty * TILE]);
    }
  }
  return found;
}

function overlaps(grid: Uint8Array, stride: number, x: number, y: number, radius: number): boolean {
  const square = radius * radius;
  return tilesIn(grid, stride, x - radius, y - radius, x + radius, y + radius).some(
    ([left, top]) => {
      const offX = x - Math.min(Math.max(x, left), left + TILE);
      const offY = y - Math.min(Math.max(y, top), top + TILE);
      return offX * offX + offY * offY < square;
    },
  );
}

function nearWay(
  grid: Uint8Array,
  stride: number,
  x: number,
  y: number,
  radius: number,
  dx: number,
  dy: number,
): Corner[] {
  const [left, right] = dx > 0 ? [x, x + dx] : [x + dx, x];
  const [top, bottom] = dy > 0 ? [y, y + dy] : [y + dy, y];
  return tilesIn(grid, stride, left - radius, top - radius, right + radius, bottom + radius);
}

/** The time of the first entry, and the upper left corner of the tile entered. */
function firstTouch(
  near: readonly Corner[],
  x: number,
  y: number,
  radius: number,
  dx: number,
  dy: number,
): readonly [time: number, left: number, top: number] {
  let best: readonly [number, number, number] = [FULL, 0, 0];
  for (const [left, top] of near) {
    const time = entryOfTile(x - left, y - top, radius, dx, dy);
    if (time < best[0]) best = [time, left, top];
  }
  return best;
}

/** The time at which a point enters the tile at 0, 0, grown by the radius. */
function entryOfTile(x: number, y: number, radius: number, dx: number, dy: number): number {
  const [enterX, leaveX] = slab(x + radius, TILE + 2 * radius, dx);
  const [enterY, leaveY] = slab(y + radius, TILE + 2 * radius, dy);
  const enter = Math.max(enterX, enterY, 0);
  if (enter >= Math.min(leaveX, leaveY, FULL)) return FULL;
  const atX = x + div(dx * enter, FULL);
  const atY = y + div(dy * enter, FULL);
  // The point is rounded, so a flat side counts as one unit longer at both ends: a touch that is
  // told too early is safe, one too late is not.
  if ((atX >= -1 && atX <= TILE + 1) || (atY >= -1 && atY <= TILE + 1)) return enter;
  return entryOfDisc(x - (atX < 0 ? 0 : TILE), y - (atY < 0 ? 0 : TILE), radius, dx, dy);
}

/** The times between which a coordinate is inside 0 to `size`, rounded up. */
function slab(position: number, size: number, step: number): readonly [number, number] {
  if (step > 0) return [-div(position * FULL, step), -div((position - size) * FULL, step)];
  if (step < 0) return [-div((position - size) * FULL, step), -div(position * FULL, step)];
  return position > 0 && position < size ? [-FULL, 2 * FULL] : [FULL, 0];
}

/** The time at which a point enters the disc around 0, 0, rounded down. */
function entryOfDisc(x: number, y: number, radius: number, dx: number, dy: number): number {
  const towards = -(x * dx + y * dy);
  if (towards <= 0) return FULL;
  const square = dx * dx + dy * dy;
  const outside = x * x + y * y - radius * radius;
  const root = BigInt(towards) * BigInt(towards) - BigInt(square) * BigInt(outside);
  if (root <= 0n) return FULL;
  const ahead = towards * FULL - Number(bigSqrt(root << BigInt(2 * FULL_BITS))) - 1;
  return Math.min(Math.max(div(ahead, square), 0), FULL);
}

/** The part of a move up to a time, shortened until its rounded end is clear. */
function clearStep(
  grid: Uint8Array,
  stride: number,
  x: number,
  y: number,
  radius: number,
  dx: number,
  dy: number,
  time: number,
): readonly [x: number, y: number] {
  const unit = div(FULL, Math.max(Math.abs(dx), Math.abs(dy))) + 1;
  let left = time;
  for (let i = 0; i < BACK_OFFS; i++) {
    const stepX = Math.trunc((dx * left) / FULL) + 0;
    const stepY = Math.trunc((dy * left) / FULL) + 0;
    if (!overlaps(grid, stride, x + stepX, y + stepY, radius)) return [stepX, stepY];
    left = Math.max(left - unit, 0);
  }
  return [0, 0];
}

/** The rest of a move without its component into the tile at 0, 0. */
function alongWall(
  x: number,
  y: number,
  restX: number,
  restY: number,
): readonly [x: number, y: number] {
  const offX = x - Math.min(Math.max(x, 0), TILE);
  const offY = y - Math.min(Math.max(y, 0), TILE);
  if (offX === 0 && offY === 0) return [0, 0];
  const square = offX * offX + offY * offY;
  const along = offX * restY - offY * restX;
  return [Math.trunc((-offY * along) / square) + 0, Math.trunc((offX * along) / square) + 0];
}
