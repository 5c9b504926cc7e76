/** The map of a match; docs/protocol.md, "The map". */

import { ProtocolError } from "../errors.js";
import { isInteger } from "../wire/shape.js";

/** Sub-units of a tile's side; 16 of them are a pixel. */
export const TILE = 512;

export interface MapObject {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly team: number;
  readonly x: number;
  readonly y: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A map in tiles, row by row from the top left. */
export interface TileMap {
  readonly name: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** What each tile stops: 0 open, 1 wall, 2 low. */
  readonly solid: Uint8Array;
  /** What the floor looks like. */
  readonly ground: Uint8Array;
  /** What stands there, for drawing. */
  readonly decor: Uint8Array;
  readonly objects: readonly MapObject[];
  readonly modes: readonly string[];
}

/** Read the `data` of a `match.map` result. Throws `ProtocolError`. */
export function readMap(data: Readonly<Record<string, unknown>>): TileMap {
  const row = data.map;
  if (!Array.isArray(row) || row.length < 10 || row[0] !== 1) throw malformed();
  const [, name, title, width, height, solid, ground, decor, objects, modes] = row;
  const sized = (size: unknown) => isInteger(size) && size >= 8 && size <= 256;
  if (!sized(width) || !sized(height) || !Array.isArray(objects)) throw malformed();
  const tiles = width * height;
  return {
    name: String(name),
    title: String(title),
    width,
    height,
    solid: grid(solid, tiles),
    ground: grid(ground, tiles),
    decor: grid(decor, tiles),
    objects: objects.map(mapObject),
    modes: Array.isArray(modes) ? modes.map(String) : [],
  };
}

/** Unpack pairs of bytes, `[run length - 1][value]`. */
function grid(packed: unknown, tiles: number): Uint8Array {
  if (!(packed instanceof Uint8Array) || packed.length % 2) throw malformed();
  const found = new Uint8Array(tiles);
  let at = 0;
  for (let i = 0; i < packed.length; i += 2) {
    const end = at + packed[i]! + 1;
    if (end > tiles) throw malformed();
    found.fill(packed[i + 1]!, at, end);
    at = end;
  }
  if (at !== tiles) throw malformed();
  return found;
}

function mapObject(row: unknown): MapObject {
  if (!Array.isArray(row) || row.length < 7) throw malformed();
  const [id, kind, name, team, x, y, properties] = row;
  if (![id, team, x, y].every(isInteger)) throw malformed();
  return { id, kind: String(kind), name: String(name), team, x, y, properties: { ...properties } };
}

function malformed(): ProtocolError {
  return new ProtocolError("the map is malformed");
}
