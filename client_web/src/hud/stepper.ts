/** Step through the last half minute of a match; the match goes on behind it. */

import type { Match } from "gameserver-client";
import { History, type Step } from "gameserver-client/history";

export class Stepper {
  /** The snapshot that is shown; null while the match itself is. */
  step: Step | null = null;
  index = 0;
  private history: History | null = null;

  constructor(
    private readonly match: Match,
    private readonly now: () => number,
    private readonly changed: () => void,
  ) {}

  /** Number of snapshots; 0 while the match itself is shown. */
  get length(): number {
    return this.history?.length ?? 0;
  }

  /** Hold the newest snapshot. */
  open(): void {
    const history = new History(this.match, this.now());
    if (!history.length) return;
    this.history = history;
    this.to(history.length - 1);
  }

  /** Show a snapshot; beyond an end the one at that end. One that cannot be drawn is passed over. */
  to(index: number): void {
    const { history } = this;
    if (!history) return;
    const way = index < this.index ? -1 : 1;
    let at = Math.max(0, Math.min(history.length - 1, index));
    let step = history.at(at);
    while (!step && at + way >= 0 && at + way < history.length) {
      at += way;
      step = history.at(at);
    }
    if (!step) return;
    [this.index, this.step] = [at, step];
    this.changed();
  }

  by(count: number): void {
    this.to(this.index + count);
  }

  close(): void {
    this.history = this.step = null;
    this.changed();
  }
}
