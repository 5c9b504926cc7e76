/**
 * Keep what a match's client received and sent lately: a file that a developer can step through.
 *
 * Law: on the way of a message it costs one append. Memory is bounded by `MOST_BYTES`, whatever a
 * server sends. Every `WINDOW_S` the state of the snapshots' reader is kept, as keyframes, so that
 * what is behind it can be decoded without what was before.
 *
 * A file is `gstape1` and a line feed, then msgpack compressed by zlib; docs/journal.md.
 */

import { deflated } from "../deflate.js";
import { ProtocolError } from "../errors.js";
import type { Section } from "../wire/codec.js";
import { joined, pack } from "../wire/pack.js";
import { type MatchEntered, type MatchStarted, PROTOCOL_MINOR } from "../wire/tables.js";
import type { SnapshotReader } from "./reader.js";
import type { Value } from "./rows.js";

/** Seconds that a tape holds at least, once they have passed, and from one kept state to the next. */
export const TAPE_S = 30;
export const WINDOW_S = 5;
/** Bound of a tape's memory. When full: the oldest seconds are dropped. */
export const MOST_BYTES = 8 << 20;

const VERSION = 2;
const MAGIC = new TextEncoder().encode("gstape1\n");
/** Bytes of an entry besides the bodies of its sections. */
const WEIGHT = 256;

/** Kinds of entries in a file. */
const [SNAPSHOT, INPUT, SEEN, STEER, SHIFT, EVENT, ENTERED, ROUND_TRIP] = [0, 1, 2, 3, 4, 5, 6, 7];

/** A file that `gameserver replay step` opens. */
export interface SavedTape {
  /** A name for it: the time and the match. */
  readonly name: string;
  readonly data: Uint8Array;
}

/** When a snapshot came, in seconds of the clock, and the bytes of its bodies. */
export interface Arrival {
  readonly at: number;
  readonly tick: number;
  readonly bytes: number;
}

/** The entries behind one state of the reader. */
export interface Window {
  readonly began: number;
  readonly tick: number;
  readonly state: readonly Section[];
  readonly entries: { at: number; kind: number; values: unknown[] }[];
  size: number;
}

export class Tape {
  /** By rising time; the last one grows. Do not change them. */
  windows: readonly Window[] = [];
  private size = 0;

  /** `now` gives seconds, `client` is the program's name and version. */
  constructor(
    private readonly started: MatchStarted,
    private readonly client: string,
    private readonly now: () => number,
  ) {}

  /** A snapshot has come, and `reader` has applied it. */
  snapshot(tick: number, sections: readonly Section[], reader: SnapshotReader): void {
    // Copies: a body is a part of its message, which may be much larger.
    const parts = sections.map(({ number, keyframe, body }) => [number, keyframe, body.slice()]);
    const now = this.now();
    this.append(SNAPSHOT, [tick, parts], sizeOf(sections), now);
    const last = this.windows.at(-1)!;
    if (now - last.began < WINDOW_S && last.size <= MOST_BYTES / 8) return;
    let state: Section[];
    try {
      state = reader.keyframes();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return; // a hostile server's values: the window goes on until the tape is full
    }
    this.begin(now, tick, state);
    this.trim(now);
  }

  input(seq: number, tick: number, seen: number, view: number, row: readonly number[]): void {
    this.append(INPUT, [seq, tick, seen, view, [...row]]);
  }

  seen(tick: number): void {
    this.append(SEEN, [tick]);
  }

  retimed(kind: "steer" | "shift", tick: number, ticks: number): void {
    this.append(kind === "steer" ? STEER : SHIFT, [tick, ticks]);
  }

  event(tick: number, number: number, fields: readonly Value[]): void {
    const length = (value: Value) => (typeof value === "string" ? 2 * value.length : 0);
    const size = fields.reduce<number>((sum, value) => sum + length(value), 0);
    this.append(EVENT, [tick, number, [...fields]], size);
  }

  entered({ tick, seat, epoch }: MatchEntered): void {
    this.append(ENTERED, [tick, seat, epoch]);
  }

  roundTrip(seconds: number): void {
    this.append(ROUND_TRIP, [Math.round(seconds * 1e6)]);
  }

  /** The snapshots of the last seconds, oldest first; those of `TAPE_S` at most. */
  arrivals(seconds: number): Arrival[] {
    const since = this.now() - seconds;
    return this.windows.flatMap(({ entries }) =>
      snapshotsOf(entries).flatMap(({ at, tick, sections }) =>
        at >= since ? [{ at, tick, bytes: sizeOf(sections) }] : [],
      ),
    );
  }

  /** Return the tape as a file. */
  async save(): Promise<SavedTape> {
    const [first] = this.windows;
    const began = first?.began ?? 0;
    const time = new Date();
    const body = [
      VERSION,
      this.header(time.getTime()),
      first?.tick ?? 0,
      first?.state.map(({ number, body }) => [number, body]) ?? [],
      this.windows.flatMap(({ entries }) =>
        entries.map(({ at, kind, values }) => [kind, Math.round((at - began) * 1000), ...values]),
      ),
      [],
    ];
    const stamp = time.toISOString().replace(/[-:]|\.\d+Z/g, "");
    const name = `${stamp}-${this.started.match_id.replace(/[^\w-]/g, "")}.tape`;
    return { name, data: joined([MAGIC, await deflated(pack(body))]) };
  }

  private append(kind: number, values: unknown[], size = 0, at = this.now()): void {
    if (!this.windows.length || this.size > MOST_BYTES) {
      // Forget everything: what follows can be decoded from the next keyframe on.
      this.windows = [];
      this.size = 0;
      this.begin(at, 0, []);
    }
    this.windows.at(-1)!.entries.push({ at, kind, values });
    this.add(WEIGHT + size);
  }

  private begin(began: number, tick: number, state: readonly Section[]): void {
    this.windows = [...this.windows, { began, tick, state, entries: [], size: 0 }];
    this.add(WEIGHT + sizeOf(state));
  }

  private add(size: number): void {
    this.windows.at(-1)!.size += size;
    this.size += size;
  }

  /** Drop the windows that are too old, or too large all together. */
  private trim(now: number): void {
    while (
      this.windows.length > 1 &&
      (this.windows[1]!.began <= now - TAPE_S || this.size > MOST_BYTES)
    ) {
      this.size -= this.windows[0]!.size;
      this.windows = this.windows.slice(1);
    }
  }

  private header(written_ms: number): Record<string, unknown> {
    const { game, match_id, map, map_digest, options } = this.started;
    const { tick_rate, snapshot_every, seat, players } = this.started;
    return {
      game,
      match: match_id,
      map,
      map_digest,
      options,
      tick_rate,
      snapshot_every,
      seat,
      players: players.map((each) => [each.seat, each.name, each.team, each.bot]),
      client: this.client,
      protocol: PROTOCOL_MINOR,
      written_ms,
    };
  }
}

/** The snapshots among the entries of a window. */
export function snapshotsOf(
  entries: Window["entries"],
): { at: number; tick: number; sections: Section[] }[] {
  return entries
    .filter(({ kind }) => kind === SNAPSHOT)
    .map(({ at, values }) => {
      const [tick, parts] = values as [number, [number, boolean, Uint8Array][]];
      const sections = parts.map(([number, keyframe, body]) => ({ number, keyframe, body }));
      return { at, tick, sections };
    });
}

function sizeOf(sections: readonly Section[]): number {
  return sections.reduce((sum, { body }) => sum + body.length, 0);
}
