/** What the tiles of a map stop, with one tile of wall around the map. */

import type { TileMap } from "../play/map.js";

export const TILE_BITS = 9;

/** Tile `tx, ty` is at `(ty + 1) * stride + tx + 1` of both grids. */
export interface Grids {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly stopsMovers: Uint8Array;
  readonly stopsShots: Uint8Array;
}

type Tiles = Pick<TileMap, "width" | "height" | "solid">;

export function gridsOf({ width, height, solid }: Tiles): Grids {
  const stride = width + 2;
  const padded = (stops: (tile: number) => boolean) => {
    const grid = new Uint8Array(stride * (height + 2)).fill(1);
    for (let i = 0; i < solid.length; i++) {
      const cell = (Math.floor(i / width) + 1) * stride + (i % width) + 1;
      grid[cell] = stops(solid[i]!) ? 1 : 0;
    }
    return grid;
  };
  return {
    width,
    height,
    stride,
    stopsMovers: padded((tile) => tile !== 0),
    stopsShots: padded((tile) => tile !== 0 && tile !== 2),
  };
}
