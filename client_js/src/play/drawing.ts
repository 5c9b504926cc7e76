/** What to draw at one moment: entities with interpolated places. */

import type { Entity, World } from "./reader.js";
import { shortWay, wrapped } from "./section.js";

/** An entity that moves farther between two snapshots was teleported; in sub-units. */
const TELEPORT = 96 * 16;

/** One entity with the place at which to draw it. */
export interface Drawn {
  /** Identifies the entity for its whole life. */
  readonly key: string;
  /** Its state in the newest snapshot that is drawn. */
  readonly entity: Entity;
  /** Where to draw it, in the world's units. */
  readonly x: number;
  readonly y: number;
  /** Its first field that wraps, in that field's units; 0 if it has none. */
  readonly angle: number;
  /** Whether it belongs to this player. */
  readonly own: boolean;
}

/** Everything to draw at one moment. */
export interface Frame {
  /** All entities that have a place, by rising id. */
  readonly drawn: readonly Drawn[];
  /** The newest world, for what has no place, such as score boards, and for own private fields. */
  readonly world: World;
  /** The client's own tick; the fraction is the part of the next one that has passed. */
  readonly tick: number;
  /** Age of the drawn picture, in ticks before `tick`. */
  readonly view: number;
}

/** Identity of an entity: the id, or what caused it, which a predicting client knows before. */
export function keyOf({ id, cause, owner }: Entity): string {
  return cause ? `${owner}.${cause[0]}.${cause[1]}` : `${id}`;
}

/** Interpolate from one snapshot's entity (`part` 0) to the next one's (1). */
export function drawnBetween(a: Entity, b: Entity, part: number, own: boolean): Drawn {
  const [ax, ay, bx, by] = [...placeOf(a), ...placeOf(b)];
  const far = Math.abs(bx - ax) > TELEPORT || Math.abs(by - ay) > TELEPORT;
  const at = far ? Math.round(part) : part;
  return {
    key: keyOf(a),
    entity: b,
    x: ax + (bx - ax) * at,
    y: ay + (by - ay) * at,
    angle: angleBetween(a, b, at),
    own,
  };
}

function placeOf({ fields }: Entity): readonly [x: number, y: number] {
  return [fields.x as number, fields.y as number];
}

function angleBetween(a: Entity, b: Entity, part: number): number {
  const field = a.row.kind.angle;
  if (!field) return 0;
  const from = a.fields[field.name] as number | undefined;
  const to = b.fields[field.name] as number | undefined;
  if (from === undefined || to === undefined) return 0;
  return wrapped(from + shortWay(to - from, field.wrap) * part, field.wrap);
}
