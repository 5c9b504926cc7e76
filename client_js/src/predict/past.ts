/**
 * Past states of rewindable entities, from snapshots, as the server rewinds to them.
 *
 * Law: from the same two moments both sides get the same integers.
 */

import { VIEW_UNITS } from "../play/view.js";
import type { Confirmed, Kinds } from "./classes.js";
import { type Body, cloned, type Past, type PredictedWorld } from "./world.js";

/** Farthest that the server looks back, and twice that: snapshots may come late. */
const REWIND_MS = 400;

interface Moment {
  readonly tick: number;
  readonly bodies: ReadonlyMap<number, Body>;
}

export class SnapshotPast implements Past {
  private readonly moments: Moment[] = [];
  private readonly depth: number;

  constructor(
    private readonly kinds: Kinds,
    private readonly rewindable: readonly string[],
    tickRate: number,
  ) {
    this.depth = Math.floor((tickRate * REWIND_MS) / 1000) * 2 + 2;
  }

  push({ tick, bodies }: Confirmed): void {
    const kept = [...bodies].filter(([, { type }]) => this.rewindable.includes(type));
    this.moments.push({ tick, bodies: new Map(kept) });
    if (this.moments.length > this.depth) this.moments.shift();
  }

  rewound(world: PredictedWorld, view: number): Body[] {
    const at = world.tick * VIEW_UNITS - view;
    let later = this.moments.at(-1);
    if (!later) return [];
    if (at >= later.tick * VIEW_UNITS) return copies(later);
    for (let i = this.moments.length - 1; i >= 0; i--) {
      const moment = this.moments[i]!;
      const since = at - moment.tick * VIEW_UNITS;
      if (since >= 0) return this.mixed(moment, later, since);
      later = moment;
    }
    return copies(later);
  }

  /** Entities between two moments; one that only one of them has is there in its nearer half. */
  private mixed(earlier: Moment, later: Moment, num: number): Body[] {
    const den = (later.tick - earlier.tick) * VIEW_UNITS;
    const ids = new Set([...earlier.bodies.keys(), ...later.bodies.keys()]);
    const found: Body[] = [];
    for (const id of [...ids].sort((a, b) => a - b)) {
      const [a, b] = [earlier.bodies.get(id), later.bodies.get(id)];
      if (a && b && a.type === b.type) {
        found.push(num ? this.kinds.between(a, b, num, den) : cloned(a));
      } else if (a && 2 * num < den) found.push(cloned(a));
      else if (b && 2 * num >= den) found.push(cloned(b));
    }
    return found;
  }
}

function copies({ bodies }: Moment): Body[] {
  return [...bodies.values()].map((body) => cloned(body));
}
