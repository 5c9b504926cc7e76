/** What to draw at one moment: entities with interpolated places. */

import { TELEPORT } from "../predict/smoothing.js";
import type { Entity } from "./reader.js";
import { shortWay, wrapped } from "./rows.js";
import type { EntityClass, Schema } from "./schema.js";

/** One entity of a world. Do not change it. */
export type Thing = Omit<Entity, "row">;

/** The world at one tick. */
export interface Scene {
  readonly tick: number;
  /** By rising id; an id below 0 is that of an entity that only this client knows so far. */
  readonly entities: ReadonlyMap<number, Thing>;
}

/** One entity with the place at which to draw it. */
export interface Drawn {
  /** Identifies the entity for its whole life, also before the server has given it an id. */
  readonly key: string;
  /** Its state in the drawn tick; of an own entity that is predicted, in the newest tick. */
  readonly entity: Thing;
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
  /**
   * The newest world, predicted where the match predicts: for what has no place, such as score
   * boards, and for own private fields.
   */
  readonly world: Scene;
  /** The client's own tick; the fraction is the part of the next one that has passed. */
  readonly tick: number;
  /** Age of the drawn picture, in ticks before `tick`. */
  readonly view: number;
}

/** Identity of an entity: the id, or what caused it, which a predicting client knows before. */
export function keyOf({ id, cause, owner }: Thing): string {
  return cause ? `${owner}.${cause[0]}.${cause[1]}` : `${id}`;
}

/** Knows which classes have a place, and at which angle each is drawn. */
export class Drawing {
  private readonly placed = new Map<string, EntityClass>();

  constructor({ entities }: Schema) {
    for (const each of entities) if (each.placed) this.placed.set(each.name, each);
  }

  isPlaced({ type }: Thing): boolean {
    return this.placed.has(type);
  }

  /**
   * Interpolate from one state of an entity (`part` 0) to a later one (1); beyond 1 it is drawn
   * ahead. After a teleport the place is that of either. `entity` is what is told of it.
   */
  between(a: Thing, b: Thing, part: number, own: boolean, entity: Thing = a): Drawn {
    const [ax, ay, bx, by] = [...this.placeOf(a), ...this.placeOf(b)];
    const far = Math.abs(bx - ax) > TELEPORT || Math.abs(by - ay) > TELEPORT;
    const at = far ? (part >= 0.5 ? 1 : 0) : part;
    return {
      key: keyOf(a),
      entity,
      x: ax + (bx - ax) * at,
      y: ay + (by - ay) * at,
      angle: this.angleBetween(a, b, at),
      own,
    };
  }

  /** The place of an entity that has one. */
  placeOf({ type, fields }: Pick<Thing, "type" | "fields">): readonly [x: number, y: number] {
    const [x, y] = this.placed.get(type)?.place ?? ["x", "y"];
    return [fields[x] as number, fields[y] as number];
  }

  private angleBetween(a: Thing, b: Thing, part: number): number {
    const field = this.placed.get(a.type)?.angle;
    if (!field) return 0;
    const from = a.fields[field.name] as number | undefined;
    const to = b.fields[field.name] as number | undefined;
    if (from === undefined || to === undefined) return 0;
    return wrapped(from + shortWay(to - from, field.wrap) * part, field.wrap);
  }
}
