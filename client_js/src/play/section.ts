/**
 * One section of a viewer's snapshots: what one audience may see. docs/protocol.md, "Snapshots".
 *
 * Law: any bytes lead either to the server's state or to `ProtocolError`. After an error the section
 * is unusable until its next keyframe. A body is a run of records:
 *
 *     eid mask residual…                      update
 *     -1  eid type owner cause value…         spawn
 *     -2  eid                                 despawn
 *     -3  event field…                        game event
 *     -4  sum                                 checksum
 *     -5  eid type owner cause value… memory… entity in a keyframe
 */

import { ProtocolError } from "../errors.js";
import { pack, unpackValues } from "../wire/pack.js";
import { isInteger } from "../wire/shape.js";
import { crc32 } from "./crc.js";
import type { Audience, EntityClass, EventClass, Field, FieldKind, Schema } from "./schema.js";

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
}

/** What one body brought, apart from values. */
export interface Decoded {
  readonly events: { kind: EventClass; fields: Value[] }[];
  /** The server's checksum, and this side's; null if the body has none. */
  sums: { expected: number; computed: number } | null;
}

export class SectionDecoder {
  rows = new Map<number, Row>();
  private values: unknown[] = [];
  private at = 0;

  constructor(
    private readonly schema: Schema,
    private readonly audience: Audience,
  ) {}

  /** Apply the body of the next snapshot; that of an absent section is empty. */
  apply(body: Uint8Array, keyframe: boolean): Decoded {
    const decoded: Decoded = { events: [], sums: null };
    const touched = new Set<number>();
    let expected: number | null = null;
    if (keyframe) this.rows = new Map();
    this.values = body.length ? unpackValues(body) : [];
    this.at = 0;
    while (this.at < this.values.length) {
      const head = this.whole();
      if (head >= 1) touched.add(this.update(head));
      else if (head === -1 || head === -5) touched.add(this.spawn(head === -5));
      else if (head === -2) this.despawn();
      else if (head === -3) decoded.events.push(this.event());
      else if (head === -4) expected = this.whole();
      else throw new ProtocolError(`record ${head} is unknown`);
    }
    for (const row of this.rows.values()) if (!touched.has(row.id)) extrapolate(row);
    if (expected !== null) decoded.sums = { expected, computed: this.checksum() };
    return decoded;
  }

  /** The 32-bit checksum of all values of this section. */
  checksum(): number {
    let total = 0;
    for (const { id, kind, owner, values } of this.rows.values()) {
      total = (total + crc32(pack([id, kind.number, owner, ...values]))) >>> 0;
    }
    return total;
  }

  private update(id: number): number {
    const row = this.rows.get(id);
    if (!row) throw new ProtocolError(`entity ${id} is not known`);
    let mask = this.whole();
    if (mask < 1 || mask >= 2 ** row.fields.length) throw new ProtocolError("a mask does not fit");
    // By division: a mask of more than 32 fields has no bitwise operations.
    for (let i = 0; mask > 0; i++, mask = Math.floor(mask / 2)) {
      if (mask % 2) this.correct(row, i);
    }
    extrapolate(row);
    return id;
  }

  private correct(row: Row, i: number): void {
    const field = row.fields[i]!;
    if (field.kind === "bool" || field.kind === "str") {
      row.values[i] = this.value(field.kind);
    } else if (field.linear) {
      row.memory[i] = shortWay(row.memory[i]! + this.whole(), field.wrap);
    } else {
      row.values[i] = wrapped((row.values[i] as number) + this.whole(), field.wrap);
    }
  }

  private spawn(withMemory: boolean): number {
    const [id, number, owner] = [this.whole(), this.whole(), this.whole()];
    const kind = this.schema.entities[number];
    const fields = kind?.fields[this.audience];
    if (id < 1 || !kind || !fields) throw new ProtocolError(`entity ${id} cannot be`);
    const cause = this.cause();
    const values = fields.map((field) => this.value(field.kind));
    const memory = fields.map((field) => (withMemory && field.linear ? this.whole() : 0));
    this.rows.set(id, { id, kind, fields, owner, cause, values, memory });
    return id;
  }

  private despawn(): void {
    const id = this.whole();
    if (!this.rows.delete(id)) throw new ProtocolError(`entity ${id} is not known`);
  }

  private event(): { kind: EventClass; fields: Value[] } {
    const number = this.whole();
    const kind = this.schema.events[number];
    if (!kind) throw new ProtocolError(`event ${number} is unknown`);
    return { kind, fields: kind.fields.map(([, of]) => this.value(of)) };
  }

  private cause(): readonly [number, number] | null {
    const value = this.next();
    if (value === null) return null;
    if (Array.isArray(value) && value.length === 2 && value.every(isInteger)) {
      return value as unknown as readonly [number, number];
    }
    throw new ProtocolError("a cause is nil or [tick, ordinal]");
  }

  private next(): unknown {
    if (this.at >= this.values.length) throw new ProtocolError("a record is cut off");
    return this.values[this.at++];
  }

  private whole(): number {
    const value = this.next();
    if (isInteger(value)) return value;
    throw new ProtocolError("a whole number was expected");
  }

  private value(kind: FieldKind): Value {
    if (kind === "int" || kind === "float") return this.whole();
    const value = this.next();
    if (typeof value === (kind === "bool" ? "boolean" : "string")) return value as Value;
    throw new ProtocolError(`a ${kind} was expected`);
  }
}

/** Move an entity on by one snapshot. */
function extrapolate(row: Row): void {
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
