/**
 * Choose the road to a server: a WebSocket; where none passes, server-sent events and POST; where
 * these are kept back, long polling.
 *
 * Law: a road that worked is taken first the next time. While it is not the best one, `wait_better`
 * looks whether the best one has opened, and brings the open link.
 */

import type { Address } from "./address.js";
import { pause } from "./clock.js";
import { ConfigError, ConnectionLostError } from "./errors.js";
import { type Conditions, conditioned } from "./links/conditions.js";
import type { Link, Means, OpenLink, Road } from "./links/link.js";
import { openPolling } from "./links/polling.js";
import { openSse } from "./links/sse.js";
import { openWebSocket } from "./links/websocket.js";

/**
 * Longest wait for the answer on a road while another one is left to be tried: with the last one a
 * client is to be online within 3 s.
 */
const PATIENCE_S: Readonly<Record<Road, number>> = {
  websocket: 1.2,
  sse: 0.9,
  "long-polling": 1.2,
};

/** First and longest wait between two looks at the best road; it doubles. */
const IMPROVE_S = [3, 60] as const;

const OPEN: Readonly<Record<Road, OpenLink>> = {
  websocket: openWebSocket,
  sse: openSse,
  "long-polling": openPolling,
};

export class Roads {
  /** The road that was taken last; null before the first. */
  current: Road | null = null;
  private readonly order: Road[];
  private readonly best: Road;

  /** Use these roads, the best one first. */
  constructor(
    private readonly address: Address,
    allowed: readonly Road[],
    private readonly means: Means,
    private readonly improveS: readonly [first: number, longest: number] = IMPROVE_S,
    public conditions: Conditions = {},
  ) {
    if (!allowed.length || !allowed.every((road) => road in OPEN)) {
      throw new ConfigError(`roads are ${Object.keys(OPEN).join(", ")}`);
    }
    this.order = [...allowed];
    this.best = allowed[0]!;
  }

  /** Open a link on the first road that leads there. Rejects with the best road's error. */
  async open(timeoutS: number, signal: AbortSignal): Promise<Link> {
    const endsAt = this.means.clock.now() + timeoutS;
    const failures = new Map<Road, unknown>();
    for (const road of [...this.order]) {
      const left = Math.max(0, endsAt - this.means.clock.now());
      const last = failures.size === this.order.length - 1;
      try {
        const patience = last ? left : Math.min(left, PATIENCE_S[road]);
        const link = await this.link(road, patience, signal);
        this.take(road);
        return link;
      } catch (error) {
        if (signal.aborted) throw error;
        failures.set(road, error);
      }
    }
    throw failures.get(this.best) ?? new ConnectionLostError("no road leads there");
  }

  private async link(road: Road, timeoutS: number, signal: AbortSignal): Promise<Link> {
    const link = await OPEN[road](this.address, timeoutS, this.means, signal);
    return conditioned(link, () => this.conditions, this.means.clock);
  }

  get canImprove(): boolean {
    return this.current !== this.best;
  }

  /** Note that a road is the one in use. */
  take(road: Road): void {
    this.current = road;
    this.order.splice(this.order.indexOf(road), 1);
    this.order.unshift(road);
  }

  /** Wait until the best road opens; return null once the signal is aborted. */
  async waitBetter(timeoutS: number, signal: AbortSignal): Promise<Link | null> {
    let [wait, longest] = this.improveS;
    while (!signal.aborted) {
      await pause(this.means.clock, wait, signal);
      wait = Math.min(2 * wait, longest);
      if (signal.aborted) break;
      try {
        return await this.link(this.best, timeoutS, signal);
      } catch {
        // It is still closed.
      }
    }
    return null;
  }
}
