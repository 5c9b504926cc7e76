/** Whom a spectator follows: the leader, until a click or an arrow chooses another. */

import { writes } from "../controls/controls.js";
import type { Fighter } from "../field/arena.js";

export class Spectator {
  private seat = -1;
  private step = 0;

  constructor(stop: AbortSignal) {
    addEventListener(
      "keydown",
      ({ key, target }) => {
        if (writes(target)) return;
        if (key === "ArrowRight" || key === "ArrowDown") this.step += 1;
        if (key === "ArrowLeft" || key === "ArrowUp") this.step -= 1;
      },
      { signal: stop },
    );
    addEventListener(
      "pointerdown",
      ({ target }) => {
        if (target instanceof Element && target.closest("button, input")) return;
        this.step += 1;
      },
      { signal: stop },
    );
  }

  /** Return the seat to follow, so many fighters further; -1 without fighters. */
  follow(fighters: ReadonlyMap<number, Fighter>, further: number): number {
    this.step += further;
    const seats = [...fighters.keys()].sort((a, b) => a - b);
    if (!fighters.has(this.seat)) {
      const best = [...fighters.values()].sort((a, b) => b.score - a.score)[0];
      this.seat = best?.seat ?? -1;
    }
    if (this.step && seats.length) {
      const at = seats.indexOf(this.seat) + this.step;
      this.seat = seats[((at % seats.length) + seats.length) % seats.length]!;
    }
    this.step = 0;
    return this.seat;
  }
}
