/**
 * Simulate a bad connection between a link and the protocol, for tests and demonstrations.
 *
 * Law: messages keep their order and none is lost for good, as on a TCP connection; the same seed
 * gives the same delays. Conditions may change while the link is in use: what is queued keeps its
 * time. Without any a message is handed on at once.
 */

import type { Clock } from "../clock.js";
import type { Link, Road } from "./link.js";

/** Simulated conditions of a connection. What is left out adds nothing. */
export interface Conditions {
  /** Added to the round trip, half of it in each direction. */
  readonly lagMs?: number;
  /** The round trip varies by up to this much to either side. */
  readonly jitterMs?: number;
  /**
   * So many of a hundred messages are lost once, and sent again as TCP does it: they come 200 ms and
   * a round trip later, and hold up all behind them.
   */
  readonly lossPercent?: number;
  /** Length of a stall, in which no message arrives in either direction. */
  readonly stallS?: number;
  /** Mean time from the end of one stall to the next; 0 for none. */
  readonly stallEveryS?: number;
  /** Seed of jitter, losses and stalls. */
  readonly seed?: number;
}

/** The time between two stalls varies by this share of it. */
const STALL_SPREAD = 0.5;
/** Shortest time after which TCP sends again what was lost: Linux' TCP_RTO_MIN. */
const SENT_AGAIN_MS = 200;

/**
 * Return the link with the conditions that `present` gives at each message; its messages count when
 * the link itself has them.
 */
export function conditioned(link: Link, present: () => Conditions, clock: Clock): Link {
  return new ConditionedLink(link, present, clock);
}

class ConditionedLink implements Link {
  readonly road: Road;
  private readonly up: DelayLane;
  private readonly down: DelayLane;
  private ended: (sentence: string) => void = () => {};
  private over = "";

  constructor(
    private readonly link: Link,
    present: () => Conditions,
    clock: Clock,
  ) {
    this.road = link.road;
    this.up = new DelayLane(present, 0, clock, (message) => link.send(message));
    this.down = new DelayLane(present, 1, clock, (message) => this.receive(message));
    this.down.drained = () => this.over && this.end();
  }

  private receive: (message: Uint8Array) => void = () => {};

  get bytesIn(): number {
    return this.link.bytesIn;
  }

  get bytesOut(): number {
    return this.link.bytesOut;
  }

  start(receive: (message: Uint8Array) => void, ended: (sentence: string) => void): void {
    [this.receive, this.ended] = [receive, ended];
    this.link.start(
      (message) => this.down.put(message),
      (sentence) => {
        this.over = sentence;
        if (!this.down.length) this.end();
      },
    );
  }

  send(message: Uint8Array): void {
    if (!this.over) this.up.put(message);
  }

  close(): Promise<void> {
    this.up.flush();
    this.down.clear();
    return this.link.close();
  }

  abort(): void {
    this.up.clear();
    this.down.clear();
    this.link.abort();
    if (this.over) this.end(); // it waited for messages that are dropped now
  }

  private end(): void {
    this.up.clear();
    const { ended } = this;
    this.ended = () => {};
    ended(this.over);
  }
}

/** One direction of a connection: a queue of messages by due time. */
class DelayLane {
  /** Called when the last message has been handed on. */
  drained: () => void = () => {};
  private queue: { due: number; message: Uint8Array }[] = [];
  private conditions: Conditions | null = null;
  private random!: () => number;
  private stalls!: Stalls;
  private lastDue = 0;
  private stop: (() => void) | null = null;

  constructor(
    private readonly present: () => Conditions,
    private readonly direction: number,
    private readonly clock: Clock,
    private readonly hand: (message: Uint8Array) => void,
  ) {
    this.renew();
  }

  get length(): number {
    return this.queue.length;
  }

  put(message: Uint8Array): void {
    const now = this.clock.now();
    const { lagMs = 0, jitterMs = 0, lossPercent = 0 } = this.renew();
    const lost = lossPercent && this.random() * 100 < lossPercent ? lagMs + SENT_AGAIN_MS : 0;
    const delay = Math.max(0, lagMs + (2 * this.random() - 1) * jitterMs) / 2000 + lost / 1000;
    const due = this.stalls.released(now + delay);
    this.lastDue = Math.max(this.lastDue, due);
    if (this.lastDue <= now && !this.queue.length) return this.hand(message);
    this.queue.push({ due: this.lastDue, message });
    this.wait();
  }

  /** Hand on at once what is queued. */
  flush(): void {
    const { queue } = this;
    this.clear();
    for (const { message } of queue) this.hand(message);
  }

  clear(): void {
    this.stop?.();
    this.stop = null;
    this.queue = [];
  }

  /** Return the present conditions; new ones begin with their own chances. */
  private renew(): Conditions {
    const conditions = this.present();
    if (conditions !== this.conditions) {
      this.conditions = conditions;
      this.random = seeded(2 * (conditions.seed ?? 0) + this.direction);
      this.stalls = new Stalls(conditions, this.clock.now());
    }
    return conditions;
  }

  private wait(): void {
    const [first] = this.queue;
    if (!first || this.stop) return;
    this.stop = this.clock.after(Math.max(0, first.due - this.clock.now()), () => {
      this.stop = null;
      this.take();
    });
  }

  private take(): void {
    const now = this.clock.now();
    while (this.queue.length && this.queue[0]!.due <= now) this.hand(this.queue.shift()!.message);
    if (this.queue.length) this.wait();
    else this.drained();
  }
}

/** The times of the stalls, drawn one after the other; alike in both directions. */
class Stalls {
  private readonly every: number;
  private readonly length: number;
  private readonly random: () => number;

  constructor(
    { stallS = 0, stallEveryS = 0, seed = 0 }: Conditions,
    private begins: number,
  ) {
    this.every = stallS > 0 ? stallEveryS : 0;
    this.length = stallS;
    this.random = seeded(seed);
    this.plan();
  }

  /** The time at which a message with this due time arrives: not during a stall. */
  released(due: number): number {
    if (this.every <= 0) return due;
    while (due >= this.begins + this.length) {
      this.begins += this.length;
      this.plan();
    }
    return due >= this.begins ? this.begins + this.length : due;
  }

  private plan(): void {
    this.begins += this.every * (1 + (2 * this.random() - 1) * STALL_SPREAD);
  }
}

/** Numbers from 0 to below 1 by a linear congruence: repeatable, and good enough for delays. */
function seeded(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
