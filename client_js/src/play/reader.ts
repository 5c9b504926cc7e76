/**
 * Build the world of one viewer from its sections, snapshot by snapshot.
 *
 * Law: a returned world is complete and never changes afterwards.
 */

import { ProtocolError } from "../errors.js";
import type { Section } from "../wire/codec.js";
import type { Row, Value } from "./rows.js";
import type { Audience, Schema } from "./schema.js";
import { SectionDecoder } from "./section.js";

const FIRST_CELL = 4096;
const RATES = 4;
const EMPTY = new Uint8Array();

/** One entity of a world. Do not change it. */
export interface Entity {
  readonly id: number;
  /** Name of its class in the schema. */
  readonly type: string;
  /** The seat that it belongs to; -1 if it is nobody's. */
  readonly owner: number;
  readonly cause: readonly [tick: number, ordinal: number] | null;
  /** Its fields by name, in the game's own units. */
  readonly fields: Readonly<Record<string, Value>>;
  readonly row: Row;
}

/** The world of one snapshot. */
export interface World {
  readonly tick: number;
  readonly entities: ReadonlyMap<number, Entity>;
}

/** A game event: its class in the schema, and its fields by name. */
export interface GameEvent {
  readonly type: string;
  readonly tick: number;
  readonly fields: Readonly<Record<string, Value>>;
}

/** A section that differs from the server's state; both sums are 0 if it could not be decoded. */
export interface Desync {
  readonly section: number;
  readonly expected: number;
  readonly computed: number;
}

export interface Reading {
  /** Null while the public section waits for a keyframe. */
  world: World | null;
  readonly events: GameEvent[];
  readonly desyncs: Desync[];
  keyframes: number;
}

export class SnapshotReader {
  private decoders = new Map<number, SectionDecoder>();
  /** Sections that could not be decoded; ignored until their next keyframe. */
  private readonly lost = new Set<number>();
  /** Tick of the last snapshot that each section was decoded for. */
  private readonly moved = new Map<number, number>();

  constructor(private readonly schema: Schema) {}

  /** Apply all sections of a snapshot; those that are absent are extrapolated. */
  apply(tick: number, sections: readonly Section[]): Reading {
    const reading: Reading = { world: null, events: [], desyncs: [], keyframes: 0 };
    const present = new Map(sections.map((section) => [section.number, section]));
    if (present.get(0)?.keyframe) {
      // With a public keyframe come keyframes of all that is seen: all else is gone.
      for (const number of this.decoders.keys()) {
        if (!present.has(number)) this.decoders.delete(number);
      }
    }
    const numbers = [...new Set([...this.decoders.keys(), ...present.keys()])];
    for (const number of numbers.sort((a, b) => a - b)) {
      const section = present.get(number);
      if (section?.keyframe) {
        this.begin(number);
        if (number < FIRST_CELL) reading.keyframes += 1;
      } else if (number >= FIRST_CELL && !this.lost.has(number)) {
        this.begin(number); // an unknown cell is an empty one and needs no keyframe
      }
      if (this.decoders.has(number) && (section || goesOnAlone(number))) {
        this.decode(tick, number, section, reading);
      }
    }
    if (this.decoders.has(0)) reading.world = { tick, entities: this.entities() };
    return reading;
  }

  /** Return a section as a server's keyframe brings it; null where it is not known. Throws `ProtocolError`. */
  keyframe(number: number): Uint8Array | null {
    return this.decoders.get(number)?.keyframe(false) ?? null;
  }

  /** Return sections that bring another reader to this state, with all that was learned; throws as above. */
  keyframes(): Section[] {
    const decoders = [...this.decoders].sort(([a], [b]) => a - b);
    return decoders.map(([number, decoder]) => {
      return { number, keyframe: true, body: decoder.keyframe(true) };
    });
  }

  /** Create the decoder of a section; a group's replaces that of another group. */
  private begin(number: number): void {
    if (isGroup(number)) {
      for (const other of this.decoders.keys()) {
        if (isGroup(other) && other !== number) this.decoders.delete(other);
      }
    }
    this.lost.delete(number);
    if (!this.decoders.has(number)) {
      this.decoders.set(number, new SectionDecoder(this.schema, audienceOf(number)));
    }
  }

  private decode(
    tick: number,
    number: number,
    section: Section | undefined,
    reading: Reading,
  ): void {
    const decoder = this.decoders.get(number)!;
    this.moved.set(number, tick);
    try {
      const decoded = decoder.apply(section?.body ?? EMPTY, section?.keyframe ?? false);
      for (const { kind, fields } of decoded.events) {
        const named = kind.fields.map(([name], i) => [name, fields[i]!] as const);
        reading.events.push({ type: kind.name, tick, fields: Object.fromEntries(named) });
      }
      const { sums } = decoded;
      if (sums && sums.expected !== sums.computed)
        reading.desyncs.push({ section: number, ...sums });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.decoders.delete(number);
      this.lost.add(number);
      reading.desyncs.push({ section: number, expected: 0, computed: 0 });
      return;
    }
    if (number >= FIRST_CELL && !decoder.rows.size) this.decoders.delete(number);
  }

  private entities(): Map<number, Entity> {
    const seen = new Map(this.decoders.get(0)!.rows);
    for (const [id, row] of this.rowsOfCells()) seen.set(id, row);
    const others = [...this.decoders.keys()]
      .filter((number) => number > 0 && number < FIRST_CELL)
      .sort((a, b) => a - b)
      .map((number) => this.decoders.get(number)!.rows);
    const found = new Map<number, Entity>();
    for (const id of [...seen.keys()].sort((a, b) => a - b)) {
      found.set(id, entityOf(seen.get(id)!, others));
    }
    return found;
  }

  /** Merge the cells: of two rows of one entity, the one that went on last counts. */
  private rowsOfCells(): Map<number, Row> {
    const cells = [...this.decoders.keys()].filter((number) => number >= FIRST_CELL);
    const order = (number: number) =>
      2 * (this.moved.get(number) ?? 0) + (goesOnAlone(number) ? 1 : 0);
    cells.sort((a, b) => order(a) - order(b));
    const rows = new Map<number, Row>();
    for (const number of cells) {
      for (const [id, row] of this.decoders.get(number)!.rows) rows.set(id, row);
    }
    return rows;
  }
}

function entityOf(row: Row, others: readonly Map<number, Row>[]): Entity {
  const fields: Record<string, Value> = {};
  for (const each of [row, ...others.map((rows) => rows.get(row.id))]) {
    each?.fields.forEach(({ name, precision }, i) => {
      const value = each.values[i]!;
      fields[name] = precision ? (value as number) * precision : value;
    });
  }
  const { id, owner, cause, kind } = row;
  return { id, type: kind.name, owner, cause, fields, row };
}

function audienceOf(number: number): Audience {
  if (number === 0 || number >= FIRST_CELL) return "public";
  return number === 1 ? "owner" : "group";
}

function isGroup(number: number): boolean {
  return number >= 2 && number < FIRST_CELL;
}

/** Whether a section that is absent from a snapshot moves on: all but far and slow cells do. */
function goesOnAlone(number: number): boolean {
  return number < FIRST_CELL || (number - FIRST_CELL) % RATES === 0;
}
