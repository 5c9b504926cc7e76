/**
 * One section of a viewer's snapshots: what one audience may see. docs/protocol.md, "Snapshots".
 *
 * Law: any bytes lead either to a server's state or to `ProtocolError`. After an error the section
 * is unusable until its next keyframe, whose body is a run of records:
 *
 *     -3  event field…                        game event
 *     -4  sum                                 checksum
 *     -5  eid type owner cause value… memory… entity
 *     -6  list count [slot context]…          what was learned: only in a tape
 *     -7  eid history [told last]…            of an entity: only in a tape
 */

import { ProtocolError } from "../errors.js";
import { pack, unpackValues } from "../wire/pack.js";
import { isInteger } from "../wire/shape.js";
import { BodyReader, listsOf } from "./body.js";
import { crc32 } from "./crc.js";
import { bodyOf, learnedOf } from "./keyed.js";
import { ContextSets, isContext, SLOTS } from "./rangecoding.js";
import { classOf, type Decoded, extrapolate, newRow, type Row, type Value } from "./rows.js";
import type { Audience, EventClass, FieldKind, Schema } from "./schema.js";

export class SectionDecoder {
  rows = new Map<number, Row>();
  private readonly sets = new ContextSets();
  private values: unknown[] = [];
  private at = 0;

  constructor(
    private readonly schema: Schema,
    private readonly audience: Audience,
  ) {}

  /** Apply the body of the next snapshot; that of an absent section is empty. */
  apply(body: Uint8Array, keyframe: boolean): Decoded {
    const decoded: Decoded = { events: [], sums: null };
    let expected: number | null = null;
    if (keyframe) {
      this.rows = new Map();
      this.sets.clear();
      expected = this.keyed(body, decoded);
    } else if (body.length) {
      const { schema, audience, sets, rows } = this;
      expected = new BodyReader(body, schema, audience, sets, rows).read(decoded.events);
    } else {
      for (const row of this.rows.values()) extrapolate(row);
    }
    if (!this.rows.size) this.sets.clear();
    if (expected !== null) decoded.sums = { expected, computed: this.checksum() };
    return decoded;
  }

  /** Return a keyframe's body; with what was `learned` another decoder goes on behind it. */
  keyframe(learned: boolean): Uint8Array {
    const rows = [...this.rows.values()];
    return bodyOf(rows, learned ? learnedOf(this.sets, rows) : []);
  }

  /** The 32-bit checksum of all values of this section. */
  checksum(): number {
    let total = 0;
    for (const { id, kind, owner, values } of this.rows.values()) {
      total = (total + crc32(pack([id, kind.number, owner, ...values]))) >>> 0;
    }
    return total;
  }

  private keyed(body: Uint8Array, decoded: Decoded): number | null {
    let expected: number | null = null;
    this.values = body.length ? unpackValues(body) : [];
    this.at = 0;
    while (this.at < this.values.length) {
      const head = this.whole();
      if (head === -5) this.entity();
      else if (head === -3) decoded.events.push(this.event());
      else if (head === -4) expected = this.whole();
      else if (head === -6) this.learn();
      else if (head === -7) this.recall();
      else throw new ProtocolError(`record ${head} is unknown`);
    }
    return expected;
  }

  private entity(): void {
    const [id, number, owner] = [this.whole(), this.whole(), this.whole()];
    const { kind, fields } = classOf(this.schema, this.audience, id, number);
    const cause = this.cause();
    const values = fields.map((field) => this.value(field.kind));
    const memory = fields.map((field) => (field.linear ? this.whole() : 0));
    this.rows.set(id, newRow({ id, owner, cause }, kind, fields, values, memory));
  }

  private event(): { kind: EventClass; fields: Value[] } {
    const number = this.whole();
    const kind = this.schema.events[number];
    if (!kind) throw new ProtocolError(`event ${number} is unknown`);
    return { kind, fields: kind.fields.map(([, of]) => this.value(of)) };
  }

  private learn(): void {
    const [list, count] = [this.whole(), this.whole()];
    if (list < 0 || list >= listsOf(this.schema)) throw new ProtocolError("no such contexts");
    const contexts = this.sets.of(list);
    for (let i = 0; i < count; i++) {
      const [slot, state] = [this.whole(), this.whole()];
      if (slot < 0 || slot >= SLOTS || !isContext(state)) throw new ProtocolError("no context");
      contexts[slot] = state;
    }
  }

  private recall(): void {
    const row = this.rows.get(this.whole());
    if (!row) throw new ProtocolError("an entity is not known");
    row.history = this.whole() & 3;
    row.fields.forEach((_, i) => {
      row.told[i] = this.whole() !== 0;
      row.last[i] = this.whole();
    });
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
