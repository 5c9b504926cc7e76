/**
 * Step through what a match has shown lately: `gameserver-client/history`, beside the client.
 *
 * Law: the match goes on meanwhile. A history is of the moment at which it was made; worlds are
 * decoded when they are asked for, those of five seconds at a time.
 */

import { Drawing, type Frame } from "./play/drawing.js";
import type { Match } from "./play/match.js";
import { type GameEvent, SnapshotReader, type World } from "./play/reader.js";
import { snapshotsOf, type Window } from "./play/tape.js";

/** One snapshot: what to draw of it, and what happened in its tick. */
export interface Step {
  readonly tick: number;
  /** Seconds before the history was made at which it came. */
  readonly agoS: number;
  /** As the server told it: nothing of it is predicted, nothing between two ticks. */
  readonly frame: Frame;
  readonly events: readonly GameEvent[];
}

interface Told {
  readonly at: number;
  readonly world: World;
  readonly events: readonly GameEvent[];
}

export class History {
  /** Number of snapshots, those of the last half minute. */
  readonly length: number;
  private readonly windows: { window: Window; first: number; count: number }[] = [];
  private readonly drawing: Drawing;
  private decoded: { first: number; told: readonly (Told | null)[] } | null = null;

  constructor(
    private readonly match: Match,
    private readonly now: number,
  ) {
    this.drawing = new Drawing(match.schema);
    let first = 0;
    for (const window of match.tape.windows) {
      const count = snapshotsOf(window.entries).length;
      this.windows.push({ window: { ...window, entries: [...window.entries] }, first, count });
      first += count;
    }
    this.length = first;
  }

  /** Return a snapshot, 0 the oldest; null where none could be drawn, or there is none. */
  at(index: number): Step | null {
    const found = this.windows.find(({ first, count }) => index >= first && index < first + count);
    if (!found) return null;
    if (this.decoded?.first !== found.first) {
      this.decoded = { first: found.first, told: this.decode(found.window) };
    }
    const told = this.decoded.told[index - found.first];
    if (!told) return null;
    const { world, events, at } = told;
    const drawn = [...world.entities.values()]
      .filter((entity) => this.drawing.isPlaced(entity))
      .map((each) => this.drawing.between(each, each, 0, each.owner === this.match.seat));
    const frame = { drawn, world, tick: world.tick, view: 0 };
    return { tick: world.tick, agoS: this.now - at, frame, events };
  }

  private decode({ tick, state, entries }: Window): (Told | null)[] {
    const reader = new SnapshotReader(this.match.schema);
    if (state.length) reader.apply(tick, state);
    return snapshotsOf(entries).map(({ at, tick, sections }) => {
      const { world, events } = reader.apply(tick, sections);
      return world && { at, world, events };
    });
  }
}
