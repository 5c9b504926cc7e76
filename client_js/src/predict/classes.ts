/** What a schema and a game tell of each class, for the comparison of two states of an entity. */

import { lerp, lerpWrapped } from "../geometry/fixed.js";
import type { Thing } from "../play/drawing.js";
import type { Value } from "../play/rows.js";
import type { EntityClass, Field, Schema } from "../play/schema.js";
import type { PredictedGame } from "./game.js";
import { type Body, cloned } from "./world.js";

/** An entity's identity on both sides: its id, or what spawned it, which its owner knows before. */
export type Ident = number | string;

export function identOf({ id, born, ordinal }: Body): Ident {
  return ordinal >= 0 ? `${born}.${ordinal}` : id;
}

/** The world of one snapshot as the rules read it; its bodies must not be changed. */
export interface Confirmed {
  readonly tick: number;
  readonly bodies: ReadonlyMap<number, Body>;
}

/** One class of entities. */
export interface Kind {
  readonly of: EntityClass | null;
  /** Fields that are compared with snapshots: those that are sent and may change. */
  readonly compared: readonly Field[];
  /** Whole numbers that a rewound entity has between its two moments. */
  readonly mixed: readonly Field[];
  /** Fields that are never sent, with their first values. */
  readonly plain: readonly string[];
  readonly defaults: Readonly<Record<string, Value>>;
}

export class Kinds {
  private readonly known = new Map<string, Kind>();

  constructor(
    schema: Schema,
    private readonly game: PredictedGame,
  ) {
    for (const each of schema.entities) this.known.set(each.name, this.read(each));
  }

  private read(of: EntityClass): Kind {
    const sent = Object.values(of.fields).flatMap((fields) => fields ?? []);
    const names = new Set(sent.map(({ name }) => name));
    const defaults = this.game.defaults?.[of.name] ?? {};
    return {
      of,
      compared: sent.filter(({ once }) => !once),
      mixed: sent.filter(({ kind, linear, wrap }) => kind === "int" && (linear || wrap > 0)),
      plain: Object.keys(defaults).filter((name) => !names.has(name)),
      defaults,
    };
  }

  of(type: string): Kind {
    return this.known.get(type) ?? NONE;
  }

  /** Return a snapshot's entities as the rules read them. */
  confirmed({ tick, entities }: { tick: number; entities: ReadonlyMap<number, Thing> }): Confirmed {
    const bodies = new Map<number, Body>();
    for (const [id, entity] of entities) bodies.set(id, this.body(entity));
    return { tick, bodies };
  }

  private body({ id, type, owner, cause, fields }: Thing): Body {
    const [born, ordinal] = cause ?? [0, -1];
    return { id, type, owner, born, ordinal, fields: { ...this.of(type).defaults, ...fields } };
  }

  /** Whether two states of an entity agree in all compared fields, floats as they travel. */
  same(a: Body, b: Body): boolean {
    return this.of(a.type).compared.every((field) => agree(field, a, b));
  }

  /** The names of the compared fields in which two states differ. */
  differing(a: Body, b: Body): Field[] {
    return this.of(b.type).compared.filter((field) => !agree(field, a, b));
  }

  /** The entity `num / den` of the way from `a` to `b`; its other fields are those of `a`. */
  between(a: Body, b: Body, num: number, den: number): Body {
    const mixed = cloned(a);
    for (const { name, wrap } of this.of(a.type).mixed) {
      const [from, to] = [a.fields[name] as number, b.fields[name] as number];
      if (from === undefined || to === undefined) continue;
      mixed.fields[name] = wrap ? lerpWrapped(from, to, num, den, wrap) : lerp(from, to, num, den);
    }
    return mixed;
  }
}

const NONE: Kind = { of: null, compared: [], mixed: [], plain: [], defaults: {} };

function agree(field: Field, a: Body, b: Body): boolean {
  return onWire(field, a.fields[field.name]) === onWire(field, b.fields[field.name]);
}

function onWire({ precision }: Field, value: Value | undefined): Value | undefined {
  if (typeof value === "boolean") return Number(value);
  return precision && typeof value === "number" ? Math.round(value / precision) : value;
}
