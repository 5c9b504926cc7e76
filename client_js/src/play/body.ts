/**
 * Read the body of a section that is no keyframe: updates, then records. docs/protocol.md, "Bodies".
 *
 * Law: what the server learned while it wrote, is learned here from the same bits in the same order.
 */

import { ProtocolError } from "../errors.js";
import { type ContextSets, RangeReader, REPEAT } from "./rangecoding.js";
import {
  classOf,
  type Decoded,
  extrapolate,
  newRow,
  type Row,
  shortWay,
  type Value,
  wrapped,
} from "./rows.js";
import type { Audience, FieldKind, Schema } from "./schema.js";

/** Longest text in bytes. */
const MOST_TEXT = 1024;

/** Most records of a body: one may take a hundredth of a bit, so the bytes are no bound. */
const MOST_RECORDS = 65_536;

/** Numbers of lists of contexts. */
const SECTION = 0;
const ENTITY_ID = 1;
const ENTITY_TYPE = 2;
const OWNER = 3;
const BORN = 4;
const ORDINAL = 5;
const GONE_ID = 6;
const EVENT_TYPE = 7;
const FIRST_CLASS = 8;
const CLASS = 130;
const SPAWNED = 66;
const EVENT = 16;

/** Slots of the list `SECTION`. */
const TOLD = 0;
const MORE = 1;
const RECORD = 2;

/** How many lists of contexts a game has. */
export function listsOf({ entities, events }: Schema): number {
  return FIRST_CLASS + CLASS * entities.length + EVENT * events.length;
}

export class BodyReader {
  private readonly bits: RangeReader;

  constructor(
    body: Uint8Array,
    private readonly schema: Schema,
    private readonly audience: Audience,
    private readonly sets: ContextSets,
    private readonly rows: Map<number, Row>,
  ) {
    this.bits = new RangeReader(body);
  }

  /** Bring the rows to the next snapshot; return the server's checksum if there is one. */
  read(events: Decoded["events"]): number | null {
    const { bits, rows } = this;
    if (bits.rare()) this.restart();
    const section = this.sets.of(SECTION);
    const changed = bits.bit(section, TOLD);
    for (const row of rows.values()) {
      if (changed) this.update(row);
      extrapolate(row);
    }
    let sum: number | null = null;
    let records = 0;
    while (bits.bit(this.sets.of(SECTION), MORE)) {
      records += 1;
      if (records > MOST_RECORDS) throw new ProtocolError("there are too many records");
      const high = bits.bit(section, RECORD + 1);
      const kind = 2 * high + bits.bit(section, RECORD + 2 + high);
      if (kind === 0) this.spawn();
      else if (kind === 1) this.gone();
      else if (kind === 2) events.push(this.event());
      else sum = bits.direct(32);
    }
    bits.end();
    return sum;
  }

  /** Unlearn everything. */
  private restart(): void {
    this.sets.clear();
    for (const row of this.rows.values()) {
      row.history = 0;
      row.last.fill(0);
      row.told.fill(false);
    }
  }

  private update(row: Row): void {
    const first = FIRST_CLASS + CLASS * row.kind.number;
    const changed = this.bits.bit(this.sets.of(first), row.history);
    row.history = ((row.history << 1) | changed) & 3;
    if (!changed) {
      row.told.fill(false);
      return;
    }
    let before = 0;
    let any = false;
    row.fields.forEach(({ once }, i) => {
      if (once) return;
      const learned = this.sets.of(first + 1 + i);
      const was = row.told[i] ? 1 : 0;
      before = this.bits.bit(learned, 2 * was + before);
      row.told[i] = before === 1;
      if (before) this.correct(row, i, was);
      any ||= before === 1;
    });
    if (!any) throw new ProtocolError("an update tells nothing");
  }

  private correct(row: Row, i: number, was: number): void {
    const [field, { bits }] = [row.fields[i]!, this];
    const learned = this.sets.of(FIRST_CLASS + CLASS * row.kind.number + 1 + i);
    if (field.kind === "bool") {
      row.values[i] = !row.values[i];
    } else if (field.kind === "str") {
      row.values[i] = bits.text(learned, MOST_TEXT);
    } else if (field.linear) {
      const memory = row.memory[i]!;
      row.memory[i] = shortWay(memory + bits.signed(learned, memory), field.wrap);
    } else {
      const near = row.last[i]!;
      if (!(near && bits.bit(learned, REPEAT + was))) row.last[i] = bits.signed(learned, near);
      row.values[i] = wrapped((row.values[i] as number) + row.last[i]!, field.wrap);
    }
  }

  private spawn(): void {
    const [id, number, owner] = [ENTITY_ID, ENTITY_TYPE, OWNER].map((list) => this.whole(list));
    const { kind, fields } = classOf(this.schema, this.audience, id!, number!);
    const caused = this.bits.bit(this.sets.of(OWNER), 0);
    const cause = caused ? ([this.whole(BORN), this.whole(ORDINAL)] as const) : null;
    const first = FIRST_CLASS + CLASS * number! + SPAWNED;
    const values = fields.map((field, i) => this.value(first + i, field.kind));
    this.rows.set(id!, newRow({ id: id!, owner: owner!, cause }, kind, fields, values));
  }

  private gone(): void {
    const id = this.whole(GONE_ID);
    if (!this.rows.delete(id)) throw new ProtocolError(`entity ${id} is not known`);
  }

  private event(): Decoded["events"][number] {
    const number = this.whole(EVENT_TYPE);
    const kind = this.schema.events[number];
    if (!kind) throw new ProtocolError(`event ${number} is unknown`);
    const first = FIRST_CLASS + CLASS * this.schema.entities.length + EVENT * number;
    return { kind, fields: kind.fields.map(([, of], i) => this.value(first + (i % EVENT), of)) };
  }

  private whole(list: number): number {
    return this.bits.whole(this.sets.of(list));
  }

  private value(list: number, kind: FieldKind): Value {
    const learned = this.sets.of(list);
    if (kind === "bool") return this.bits.bit(learned, 0) === 1;
    return kind === "str" ? this.bits.text(learned, MOST_TEXT) : this.bits.whole(learned);
  }
}
