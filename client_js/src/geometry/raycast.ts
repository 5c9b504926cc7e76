/**
 * Rays on the tile map, integer for integer as the server casts them.
 *
 * Law: a ray visits exactly the tiles in which its points lie; a shot never ends inside a wall, nor
 * passes between two walls that touch at a corner. Source: J. Amanatides and A. Woo, "A Fast Voxel
 * Traversal Algorithm for Ray Tracing"; crossings are compared as fractions.
 */

import { TILE } from "../play/map.js";
import { bigSqrt, div } from "./fixed.js";
import { type Grids, TILE_BITS } from "./grids.js";

/** The last point outside walls, and whether a wall was hit. */
export type Cast = readonly [x: number, y: number, wall: boolean];

/** Follow a shot from one point towards another until a wall stops it; low tiles do not. */
export function raycast(grids: Grids, x0: number, y0: number, x1: number, y1: number): Cast {
  const grid = grids.stopsShots;
  const { stride } = grids;
  const tx = x0 >> TILE_BITS;
  const ty = y0 >> TILE_BITS;
  const inside = tx >= 0 && tx < grids.width && ty >= 0 && ty < grids.height;
  let cell = inside ? (ty + 1) * stride + tx + 1 : 0;
  if (grid[cell]) return [x0, y0, true];
  const [dx, dy] = [x1 - x0, y1 - y0];
  const right = dx > 0 ? 1 : 0;
  const down = dy > 0 ? 1 : 0;
  const stepX = right ? 1 : -1;
  const stepY = down ? stride : -stride;
  // Distances to the next crossings, times the other axis' length: comparable without division.
  const [acrossX, acrossY] = [Math.abs(dx), Math.abs(dy)];
  let leftX = Math.abs((x1 >> TILE_BITS) - tx);
  let leftY = Math.abs((y1 >> TILE_BITS) - ty);
  let lineX = (tx + right) * TILE;
  let lineY = (ty + down) * TILE;
  let nextX = Math.abs(lineX - x0) * acrossY;
  let nextY = Math.abs(lineY - y0) * acrossX;
  while (leftX || leftY) {
    let crossX = leftX > 0 && (!leftY || nextX <= nextY);
    let crossY = leftY > 0 && (!leftX || nextY <= nextX);
    if (crossX && crossY) {
      // The ray passes through a grid point. A point on a grid line belongs to the tile right of the
      // line or below it.
      if (right !== down) [crossX, crossY] = [right === 1, down === 1];
      else if (grid[cell + stepX] && grid[cell + stepY]) return [lineX - right, lineY - down, true];
    }
    cell += (crossX ? stepX : 0) + (crossY ? stepY : 0);
    if (grid[cell]) {
      const hitX = crossX ? lineX - right : x0 + div(dx * (lineY - y0), dy);
      const hitY = crossY ? lineY - down : y0 + div(dy * (lineX - x0), dx);
      return [hitX, hitY, true];
    }
    if (crossX) {
      leftX -= 1;
      lineX += right ? TILE : -TILE;
      nextX += acrossY * TILE;
    }
    if (crossY) {
      leftY -= 1;
      lineY += down ? TILE : -TILE;
      nextY += acrossX * TILE;
    }
  }
  return [x1, y1, false];
}

/** Whether no wall is between two points; low tiles do not block the sight. */
export function lineOfSight(grids: Grids, x0: number, y0: number, x1: number, y1: number): boolean {
  return !raycast(grids, x0, y0, x1, y1)[2];
}

/**
 * The distance from a segment's start to its first touch of a disc, rounded down; 0 if it starts
 * inside the disc, null if it does not touch it.
 */
export function segmentCircle(
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  cx: number,
  cy: number,
  radius: number,
): number | null {
  const [fromX, fromY] = [x0 - cx, y0 - cy];
  const outside = fromX * fromX + fromY * fromY - radius * radius;
  if (outside <= 0) return 0;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = BigInt(dx * dx + dy * dy);
  const towards = BigInt(-(fromX * dx + fromY * dy));
  if (towards <= 0n) return null;
  const root = towards * towards - square * BigInt(outside);
  if (root < 0n) return null;
  const ahead = (towards << 8n) - bigSqrt(root << 16n);
  if (ahead > square << 8n) return null;
  return Number(bigSqrt((ahead * ahead) / square) >> 8n);
}
