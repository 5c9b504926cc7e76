/** Bodies of keyframes: what a viewer has of a section, told as a server tells it. */

import { ProtocolError } from "../errors.js";
import { joined, pack } from "../wire/pack.js";
import { isInteger } from "../wire/shape.js";
import { type ContextSets, PRIOR } from "./rangecoding.js";
import type { Entity, World } from "./reader.js";
import { newRow, type Row, type Value } from "./rows.js";
import type { Audience, Field } from "./schema.js";

/**
 * Return a body with these entities, and with further records. Throws `ProtocolError` for a value
 * that no game has.
 */
export function bodyOf(rows: Iterable<Row>, more: readonly number[][] = []): Uint8Array {
  const records = [...[...rows].map(record), ...more];
  return joined(records.flatMap((values) => values.map((value) => pack(value))));
}

/** Return records of what was learned, for a tape. */
export function learnedOf(sets: ContextSets, rows: readonly Row[]): number[][] {
  const records = [...sets].map(([list, contexts]) => {
    const known = [...contexts.entries()].filter(([, state]) => state !== PRIOR);
    return [-6, list, known.length, ...known.flat()];
  });
  const recent = rows.map(({ id, history, told, last }) => {
    return [-7, id, history, ...last.flatMap((residual, i) => [told[i] ? 1 : 0, residual])];
  });
  return [...records, ...recent];
}

/** Return what a section tells of a world; of the owner's section, what this seat owns. */
export function bodyOfWorld(world: World, audience: Audience, seat: number): Uint8Array {
  const rows: Row[] = [];
  for (const entity of world.entities.values()) {
    const fields = entity.row.kind.fields[audience];
    if (fields && (audience !== "owner" || entity.owner === seat)) rows.push(rowOf(entity, fields));
  }
  return bodyOf(rows);
}

/** The entity's row itself has moved on with later snapshots. */
function rowOf(entity: Entity, fields: readonly Field[]): Row {
  const values = fields.map(({ name, precision }) => {
    const value = entity.fields[name]!;
    return precision ? Math.round((value as number) / precision) : value;
  });
  const { id, owner, cause } = entity;
  return newRow({ id, owner, cause }, entity.row.kind, fields, values);
}

function record({ id, kind, owner, cause, fields, values, memory }: Row): unknown[] {
  const moves = memory.filter((_, i) => fields[i]!.linear);
  for (const value of [...values, ...moves])
    if (!isSent(value)) throw new ProtocolError("no value");
  return [-5, id, kind.number, owner, cause, ...values, ...moves];
}

function isSent(value: Value): boolean {
  return typeof value !== "number" || isInteger(value);
}
