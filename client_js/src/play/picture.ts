/** Draw what is not predicted: between two snapshots, or ahead of the newest. */

import type { Drawing, Drawn, Thing } from "./drawing.js";
import type { Prediction } from "./prediction.js";
import { type SnapshotRing, VIEW_UNITS } from "./view.js";

/** Farthest an entity is drawn ahead of the newest snapshot at its last velocity. */
const EXTRAPOLATE_S = 0.25;

export class Picture {
  constructor(
    private readonly drawing: Drawing,
    private readonly ring: SnapshotRing,
    private readonly seat: number,
    private readonly period: number,
  ) {}

  isOwn({ owner }: Thing): boolean {
    return this.seat >= 0 && owner === this.seat;
  }

  /** Draw the entities as they were at a time in 1/16 ticks. */
  at(time: number, prediction: Prediction | null): Drawn[] {
    const drawn: Drawn[] = [];
    const around = this.ring.around(time);
    if (!around) return drawn;
    const [a, b] = around;
    const span = (b.tick - a.tick) * VIEW_UNITS;
    const part = span ? (time - a.tick * VIEW_UNITS) / span : 0;
    for (const entity of a.entities.values()) {
      if (!this.drawing.isPlaced(entity) || prediction?.draws(entity)) continue;
      const told = prediction ? prediction.told(entity) : entity;
      if (!told) continue;
      const later = b.entities.get(entity.id);
      const next = later?.type === entity.type ? later : entity;
      drawn.push(this.drawing.between(entity, next, part, this.isOwn(entity), told));
    }
    return drawn;
  }

  /** Draw the classes that are drawn ahead where they will be at the player's own tick. */
  ahead(own: number, prediction: Prediction): Drawn[] {
    const { newest } = this.ring;
    if (!newest) return [];
    const before = this.ring.before(newest.tick);
    const ahead = Math.max(0, Math.min(own - newest.tick, EXTRAPOLATE_S / this.period));
    const drawn: Drawn[] = [];
    for (const entity of newest.entities.values()) {
      if (!prediction.isAhead(entity) || !this.drawing.isPlaced(entity)) continue;
      const earlier = before?.entities.get(entity.id);
      const moves = before && earlier?.type === entity.type;
      const part = moves ? 1 + ahead / (newest.tick - before.tick) : 1;
      drawn.push(this.drawing.between(moves ? earlier : entity, entity, part, false, entity));
    }
    return drawn;
  }
}
