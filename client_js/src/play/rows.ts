/** The entities of one section as a viewer holds them. */

import { ProtocolError } from "../errors.js";
import type { Audience, EntityClass, EventClass, Field, Schema } from "./schema.js";

export type Value = number | boolean | string;

/** One entity's values in one section, as they travel: floats in units of their precision. */
export interface Row {
  readonly id: number;
  readonly kind: EntityClass;
  readonly fields: readonly Field[];
  readonly owner: number;
  /** The owner's command that caused the spawn: its tick, and the ordinal; null if none did. */
  readonly cause: readonly [tick: number, ordinal: number] | null;
  readonly values: Value[];
  /** Last difference of each field that moves on by it; 0 of all others. */
  readonly memory: number[];
  /** Of each field the residual that was told last, and whether the last update told one. */
  readonly last: number[];
  readonly told: boolean[];
  /** Whether the entity changed in the last two updates of the section: a bit each. */
  history: number;
}

/** What one body brought, apart from values. */
export interface Decoded {
  readonly events: { kind: EventClass; fields: Value[] }[];
  /** The server's checksum, and this side's; null if the body has none. */
  sums: { expected: number; computed: number } | null;
}

/** What is known of an entity before its values. */
export type Identity = Pick<Row, "id" | "owner" | "cause">;

/** Return the class of an entity for an audience, and its fields. Throws `ProtocolError`. */
export function classOf(
  schema: Schema,
  audience: Audience,
  id: number,
  number: number,
): { kind: EntityClass; fields: readonly Field[] } {
  const kind = schema.entities[number];
  const fields = kind?.fields[audience];
  if (id < 1 || !kind || !fields) throw new ProtocolError(`entity ${id} cannot be`);
  return { kind, fields };
}

/** Return an entity of which nothing was learned. */
export function newRow(
  identity: Identity,
  kind: EntityClass,
  fields: readonly Field[],
  values: Value[],
  memory: number[] = fields.map(() => 0),
): Row {
  const [last, told] = [fields.map(() => 0), fields.map(() => false)];
  return { ...identity, kind, fields, values, memory, last, told, history: 0 };
}

/** Move an entity on by one snapshot. */
export function extrapolate(row: Row): void {
  row.fields.forEach((field, i) => {
    if (field.linear) {
      row.values[i] = wrapped((row.values[i] as number) + row.memory[i]!, field.wrap);
    }
  });
}

export function wrapped(value: number, wrap: number): number {
  return wrap ? ((value % wrap) + wrap) % wrap : value;
}

/** A difference the short way round. */
export function shortWay(difference: number, wrap: number): number {
  if (!wrap) return difference;
  const half = Math.floor(wrap / 2);
  return wrapped(difference + half, wrap) - half;
}
