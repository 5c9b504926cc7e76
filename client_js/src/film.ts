/**
 * Play a match that is over: `gameserver-client/film`, beside the client. A film holds its snapshots,
 * with all that was private in it; a server makes it of the match's journal.
 *
 * Law: any moment is decoded from the key frame before it, four seconds of play at most. Bytes that
 * are no film throw `ProtocolError`.
 */

import { ProtocolError } from "./errors.js";
import { Drawing, type Frame } from "./play/drawing.js";
import { readMap, type TileMap } from "./play/map.js";
import { type GameEvent, SnapshotReader, type World } from "./play/reader.js";
import { readSchema, type Schema } from "./play/schema.js";
import type { Section } from "./wire/codec.js";
import { unpackValues } from "./wire/pack.js";
import { isInteger } from "./wire/shape.js";
import type { MatchStarted } from "./wire/tables.js";

const MAGIC = "gsfilm1\n";
/** Windows whose worlds are kept. */
const KEPT = 3;

interface Head {
  readonly started: MatchStarted;
  readonly map: Readonly<Record<string, unknown>>;
  readonly last: number;
  readonly sections: readonly number[];
}

interface Told {
  readonly world: World;
  readonly events: readonly GameEvent[];
}

export class Film {
  readonly started: MatchStarted;
  readonly map: TileMap;
  readonly schema: Schema;
  /** The last tick that can be shown. */
  readonly last: number;
  /** Nobody's own: a film is seen by a spectator. */
  readonly seat = -1;
  private readonly drawing: Drawing;
  private readonly sections: readonly number[];
  private readonly windows: readonly (readonly unknown[])[];
  private readonly starts: readonly number[];
  private readonly decoded = new Map<number, readonly Told[]>();

  /** Read the bytes of a film. Throws `ProtocolError`. */
  constructor(data: Uint8Array) {
    const magic = String.fromCharCode(...data.subarray(0, MAGIC.length));
    if (magic !== MAGIC) throw new ProtocolError("these bytes are no film");
    const values = unpackValues(data.subarray(MAGIC.length));
    const head = values.pop() as Head | undefined;
    if (!head?.started || !Array.isArray(head.sections) || !isInteger(head.last)) throw broken();
    this.started = head.started;
    this.map = readMap(head.map);
    this.schema = readSchema(head.started.schema);
    this.drawing = new Drawing(this.schema);
    this.last = head.last;
    this.sections = head.sections;
    if (!values.length || !values.every(Array.isArray)) throw broken();
    this.windows = values as unknown[][];
    this.starts = this.windows.map(([tick]) => (isInteger(tick) ? tick : 0));
  }

  /** The first tick that can be shown. */
  get first(): number {
    return this.starts[0]!;
  }

  get tickRate(): number {
    return this.started.tick_rate;
  }

  /** Seconds of play. */
  get seconds(): number {
    return (this.last - this.first) / this.tickRate;
  }

  /** Return what to draw at a tick; its fraction lies between two. */
  at(tick: number): Frame {
    const time = Math.min(this.last, Math.max(this.first, tick));
    const number = this.windowAt(time);
    const told = this.told(number);
    let at = told.length - 1;
    while (at > 0 && told[at]!.world.tick > time) at -= 1;
    const a = told[at]!.world;
    // Behind the last of a window comes the first of the next, unless ticks are missing between.
    const next =
      told[at + 1] ?? (number + 1 < this.windows.length ? this.told(number + 1)[0] : null);
    const b = next?.world ?? a;
    const span = b.tick - a.tick;
    const near = span > 0 && span <= 2 * this.started.snapshot_every;
    const part = near ? (time - a.tick) / span : 0;
    const drawn = [...a.entities.values()]
      .filter((entity) => this.drawing.isPlaced(entity))
      .map((entity) => {
        const later = b.entities.get(entity.id);
        const to = near && later?.type === entity.type ? later : entity;
        return this.drawing.between(entity, to, part, false);
      });
    return { drawn, world: a, tick: time, view: 0 };
  }

  /** Return the events behind one tick up to another, which is later. */
  events(after: number, until: number): GameEvent[] {
    const found: GameEvent[] = [];
    const lastWindow = this.windowAt(until);
    for (let number = this.windowAt(after); number <= lastWindow; number++) {
      for (const { world, events } of this.told(number)) {
        if (world.tick > after && world.tick <= until) found.push(...events);
      }
    }
    return found;
  }

  private windowAt(tick: number): number {
    let number = this.starts.length - 1;
    while (number > 0 && this.starts[number]! > tick) number -= 1;
    return number;
  }

  private told(number: number): readonly Told[] {
    const known = this.decoded.get(number);
    if (known) return known;
    const told = this.decode(this.windows[number]!);
    if (this.decoded.size >= KEPT) this.decoded.delete(this.decoded.keys().next().value!);
    this.decoded.set(number, told);
    return told;
  }

  private decode(window: readonly unknown[]): readonly Told[] {
    const reader = new SnapshotReader(this.schema);
    const bodies = window.slice(1, 1 + this.sections.length);
    const keys = this.sections.map((number, at) => section(number, bodies[at], true));
    const told = [apply(reader, window[0], keys)];
    const snapshots = window[1 + this.sections.length];
    if (!Array.isArray(snapshots)) throw broken();
    for (const [tick, ...parts] of snapshots as unknown[][]) {
      const sections: Section[] = [];
      for (let at = 0; at < parts.length; at += 2) {
        sections.push(section(parts[at], parts[at + 1], false));
      }
      told.push(apply(reader, tick, sections));
    }
    return told;
  }
}

function apply(reader: SnapshotReader, tick: unknown, sections: readonly Section[]): Told {
  if (!isInteger(tick)) throw broken();
  const { world, events } = reader.apply(tick, sections);
  if (!world) throw broken();
  return { world, events };
}

function section(number: unknown, body: unknown, keyframe: boolean): Section {
  if (!isInteger(number) || !(body instanceof Uint8Array)) throw broken();
  return { number, keyframe, body };
}

function broken(): ProtocolError {
  return new ProtocolError("the film is damaged");
}
