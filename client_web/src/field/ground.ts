/**
 * Draw a tile map on canvases: floor, walls with a raised top, water, trees.
 *
 * Law: a map is drawn once for each scale, in pieces that every graphics card takes as a texture.
 */

import type { TileMap } from "gameserver-client";
import { css, mix, teamColour } from "../theme.js";

/** Pixels of a tile's side at scale 1. */
export const TILE_PX = 32;
/** Tiles of a piece's side. */
export const PIECE = 16;
/** Pixels of a wall's front side, visible below its top. */
const LIP = 9;

const BACKGROUND = 0x0f131a;
const FLOOR = 0x262d38;
const WALL_TOP = 0x5c687c;
const WATER = 0x214e6c;
const PIT = 0x090b0f;
const LEAVES = 0x36704a;
const HEDGE = 0x2e5c40;
const CRATE = 0x8e6c46;

/** Looks of a tile's floor and of what stands there; docs/protocol.md, "The map". */
const GROUND = { void: 0, grass: 2, path: 3, base1: 4, base2: 5, bridge: 6, metal: 7 } as const;
const DECOR = { wall: 1, pillar: 2, crate: 3, hedge: 4, tree: 5, water: 6, pit: 7 } as const;

/** One piece of a map and its place, in tiles. */
export interface GroundPiece {
  readonly canvas: HTMLCanvasElement;
  readonly x: number;
  readonly y: number;
}

type Pen = CanvasRenderingContext2D;

export function drawGround(map: TileMap, scale: number): GroundPiece[] {
  const pieces: GroundPiece[] = [];
  for (let y = 0; y < map.height; y += PIECE) {
    for (let x = 0; x < map.width; x += PIECE) {
      const wide = Math.min(PIECE, map.width - x);
      const high = Math.min(PIECE, map.height - y);
      pieces.push({ canvas: drawPart(map, x, y, wide, high, scale), x, y });
    }
  }
  return pieces;
}

/** A whole map in one small picture, `side` pixels for a tile. */
export function drawSmall(map: TileMap, side: number): HTMLCanvasElement {
  return drawPart(map, 0, 0, map.width, map.height, side / TILE_PX);
}

function drawPart(
  map: TileMap,
  x: number,
  y: number,
  wide: number,
  high: number,
  scale: number,
): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(wide * TILE_PX * scale);
  canvas.height = Math.ceil(high * TILE_PX * scale);
  const pen = canvas.getContext("2d", { alpha: false })!;
  pen.scale(scale, scale);
  pen.translate(-x * TILE_PX, -y * TILE_PX);
  // One tile more on each side: shadows and crowns of trees reach over.
  const each = (draw: (pen: Pen, map: TileMap, tx: number, ty: number) => void) => {
    for (let ty = Math.max(0, y - 1); ty < Math.min(map.height, y + high + 1); ty++) {
      for (let tx = Math.max(0, x - 1); tx < Math.min(map.width, x + wide + 1); tx++) {
        draw(pen, map, tx, ty);
      }
    }
  };
  each(floor);
  pen.fillStyle = "rgb(0 0 0 / 28%)";
  each(shadow);
  each(stand);
  return canvas;
}

function noise(tx: number, ty: number, n: number): number {
  return (Math.imul(tx, 73_856_093) ^ Math.imul(ty, 19_349_663) ^ Math.imul(n, 83_492_791)) >>> 3;
}

function decorAt(map: TileMap, tx: number, ty: number): number {
  const inside = tx >= 0 && ty >= 0 && tx < map.width && ty < map.height;
  return inside ? map.decor[ty * map.width + tx]! : DECOR.wall;
}

function floorColour(kind: number): number {
  switch (kind) {
    case GROUND.void:
      return BACKGROUND;
    case GROUND.grass:
      return 0x253a2f;
    case GROUND.path:
      return 0x3a3a3c;
    case GROUND.base1:
      return mix(FLOOR, teamColour(1), 0.16);
    case GROUND.base2:
      return mix(FLOOR, teamColour(2), 0.16);
    case GROUND.bridge:
      return 0x584a3a;
    case GROUND.metal:
      return 0x323946;
    default:
      return FLOOR;
  }
}

function floor(pen: Pen, map: TileMap, tx: number, ty: number): void {
  const [x, y] = [tx * TILE_PX, ty * TILE_PX];
  const kind = map.ground[ty * map.width + tx]!;
  const base = floorColour(kind);
  const shade = ((noise(tx, ty, 1) % 7) - 3) / 100;
  fill(pen, mix(base, shade > 0 ? 0xffffff : 0, Math.abs(shade)), x, y, TILE_PX, TILE_PX);
  if (kind === GROUND.grass) {
    pen.strokeStyle = css(mix(base, LEAVES, 0.45));
    pen.lineWidth = 1.2;
    pen.beginPath();
    for (let n = 0; n < 3; n++) {
      const [gx, gy] = [x + (noise(tx, ty, n + 2) % 28), y + (noise(ty, tx, n + 5) % 26)];
      pen.moveTo(gx, gy + 4);
      pen.lineTo(gx + 1.2, gy);
    }
    pen.stroke();
  } else if (kind === GROUND.bridge) {
    for (let at = 7; at < TILE_PX; at += 8) fill(pen, mix(base, 0, 0.3), x, y + at, TILE_PX, 1);
  } else if (kind !== GROUND.void) {
    const edge = mix(base, 0, 0.16);
    fill(pen, edge, x, y, TILE_PX, 1);
    fill(pen, edge, x, y, 1, TILE_PX);
  }
}

const RAISED: readonly number[] = [DECOR.wall, DECOR.pillar, DECOR.crate, DECOR.hedge];

function shadow(pen: Pen, map: TileMap, tx: number, ty: number): void {
  if (RAISED.includes(decorAt(map, tx, ty))) {
    pen.fillRect(tx * TILE_PX + 5, ty * TILE_PX + 8, TILE_PX, TILE_PX);
  }
}

function stand(pen: Pen, map: TileMap, tx: number, ty: number): void {
  const [x, y] = [tx * TILE_PX, ty * TILE_PX];
  const decor = decorAt(map, tx, ty);
  switch (decor) {
    case DECOR.wall:
    case DECOR.pillar:
    case DECOR.hedge:
      return block(pen, map, tx, ty, decor);
    case DECOR.crate:
      return crate(pen, x, y);
    case DECOR.tree:
      return tree(pen, x + TILE_PX / 2, y + TILE_PX / 2);
    case DECOR.water:
    case DECOR.pit:
      return sunk(pen, map, tx, ty, decor);
  }
}

function block(pen: Pen, map: TileMap, tx: number, ty: number, decor: number): void {
  const [x, y] = [tx * TILE_PX, ty * TILE_PX];
  const top = decor === DECOR.hedge ? HEDGE : WALL_TOP;
  fill(pen, top, x, y, TILE_PX, TILE_PX);
  if (decor === DECOR.hedge) {
    for (let n = 0; n < 5; n++) {
      pen.fillStyle = css(mix(top, n % 2 ? 0xffffff : 0, 0.1));
      disc(pen, x + 4 + (noise(tx, ty, n) % 24), y + 4 + (noise(ty, tx, n + 3) % 22), 2.4);
    }
  }
  if (decorAt(map, tx, ty + 1) !== decor) {
    fill(pen, mix(top, 0, 0.45), x, y + TILE_PX - LIP, TILE_PX, LIP);
    fill(pen, mix(top, 0, 0.6), x, y + TILE_PX - 1.5, TILE_PX, 1.5);
  }
  const light = mix(top, 0xffffff, 0.28);
  if (decorAt(map, tx, ty - 1) !== decor) fill(pen, light, x, y, TILE_PX, 2);
  if (decorAt(map, tx - 1, ty) !== decor) {
    fill(pen, mix(top, light, 0.5), x, y, 1.2, TILE_PX - LIP);
  }
}

function crate(pen: Pen, x: number, y: number): void {
  const frame = css(mix(CRATE, 0xffffff, 0.2));
  rounded(pen, css(mix(CRATE, 0, 0.5)), x + 2, y + 5, 28, 28, 4);
  rounded(pen, css(CRATE), x + 2, y + 2, 28, 28, 4);
  pen.strokeStyle = frame;
  pen.lineWidth = 3;
  pen.beginPath();
  pen.roundRect(x + 3.5, y + 3.5, 25, 25, 3);
  pen.stroke();
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x + 4, y + 4);
  pen.lineTo(x + 28, y + 28);
  pen.stroke();
}

function tree(pen: Pen, x: number, y: number): void {
  const rounds = [
    [0x121a16, 3, 5, 16],
    [mix(LEAVES, 0, 0.25), 0, 0, 16],
    [LEAVES, -2, -3, 12],
    [mix(LEAVES, 0xffffff, 0.16), -5, -6, 6],
  ] as const;
  for (const [colour, dx, dy, radius] of rounds) {
    pen.fillStyle = css(colour);
    disc(pen, x + dx, y + dy, radius);
  }
}

function sunk(pen: Pen, map: TileMap, tx: number, ty: number, decor: number): void {
  const [x, y] = [tx * TILE_PX, ty * TILE_PX];
  const colour = decor === DECOR.water ? WATER : PIT;
  fill(pen, colour, x, y, TILE_PX, TILE_PX);
  if (decorAt(map, tx, ty - 1) !== decor) fill(pen, mix(colour, 0, 0.5), x, y, TILE_PX, 6);
  if (decor !== DECOR.water) return;
  for (let n = 0; n < 2; n++) {
    const [wx, wy] = [x + (noise(tx, ty, n) % 20), y + 8 + (noise(ty, tx, n) % 20)];
    fill(pen, mix(colour, 0xffffff, 0.2), wx, wy, 9, 1.2);
  }
}

function fill(pen: Pen, colour: number, x: number, y: number, wide: number, high: number): void {
  pen.fillStyle = css(colour);
  pen.fillRect(x, y, wide, high);
}

function disc(pen: Pen, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

function rounded(pen: Pen, style: string, x: number, y: number, w: number, h: number, r: number) {
  pen.fillStyle = style;
  pen.beginPath();
  pen.roundRect(x, y, w, h, r);
  pen.fill();
}
