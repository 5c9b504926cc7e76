/**
 * The server's tick, estimated from the arrival of snapshots, and the client's lead over it.
 *
 * Law: the time is an argument, in seconds; no code here reads a clock.
 *
 * The least delayed snapshot of a window fixes the server's ticks on the client's clock: tick T
 * arrives at `offset + T * period` at the earliest. The input for tick T must reach the server
 * before T is stepped, so the client's own tick runs `lead` ticks ahead of the arriving one. The
 * first lead comes from the measured round trip; then the server steers it.
 */

/** Window of arrivals, in seconds; after it the estimate follows a lasting change of the delay. */
const WINDOW_S = 3;
/** The estimate moves by at most this share of the passing time. */
const SLEW = 0.03;
/** Error in ticks from which the estimate is wrong rather than drifting. */
const JUMP_TICKS = 8;
/** Ticks by which the lead grows and shrinks per tick: late inputs are worse than a little lag. */
const LEAD_UP = 0.5;
const LEAD_DOWN = 0.1;
/** Added to round trip and spread in the first lead: inputs are drained at the start of a tick. */
const MARGIN_TICKS = 1;
/** Longest lead, in seconds. */
const MAX_LEAD_S = 2.5;
/** Round trip assumed before the first measurement. */
const FIRST_RTT_S = 0.1;
/** Most spread of the round trips that the first lead allows for. */
const FIRST_SPREAD_S = 0.5;

/** The last measured round trips in seconds. */
export class RoundTrips {
  private samples: number[] = [];

  add(seconds: number): void {
    this.samples = [...this.samples.slice(-11), seconds];
  }

  /** The smallest of them; null without samples. */
  get smallest(): number | null {
    return this.samples.length ? Math.min(...this.samples) : null;
  }

  firstGuess(): readonly [rttS: number, spreadS: number] {
    const { smallest } = this;
    return smallest === null ? [FIRST_RTT_S, 0] : [smallest, Math.max(...this.samples) - smallest];
  }
}

export class ServerClock {
  private offset: number | null = null;
  private arrivals: { at: number; implied: number }[] = [];
  private slewedAt = 0;

  constructor(private readonly period: number) {}

  /** The snapshot of a tick arrived. */
  arrived(tick: number, now: number): void {
    const implied = now - tick * this.period;
    this.arrivals = this.arrivals.filter(({ at }) => at >= now - WINDOW_S);
    while (this.arrivals.length && this.arrivals.at(-1)!.implied >= implied) this.arrivals.pop();
    this.arrivals.push({ at: now, implied });
    const target = this.arrivals[0]!.implied;
    if (this.offset === null || Math.abs(target - this.offset) > JUMP_TICKS * this.period) {
      this.offset = target;
    } else {
      const most = SLEW * Math.max(0, now - this.slewedAt);
      this.offset += clamp(target - this.offset, -most, most);
    }
    this.slewedAt = now;
  }

  /** The server moved all ticks later by this number of periods. */
  shift(ticks: number): void {
    const moved = ticks * this.period;
    for (const arrival of this.arrivals) arrival.implied += moved;
    if (this.offset !== null) this.offset += moved;
  }

  /** The tick whose snapshot arrives now with the least delay; 0 before a snapshot. */
  tickAt(now: number): number {
    return this.offset === null ? 0 : (now - this.offset) / this.period;
  }
}

/** Distance from the arriving tick to the client's own; it glides to its target. */
export class LeadClock {
  lead = 0;
  private target = 0;
  private glidedAt: number | null = null;

  constructor(private readonly period: number) {}

  start(rttS: number, spreadS: number, now: number): void {
    const ticks = (rttS + Math.min(spreadS, FIRST_SPREAD_S)) / this.period + MARGIN_TICKS;
    this.lead = this.target = Math.min(ticks, MAX_LEAD_S / this.period);
    this.glidedAt = now;
  }

  steer(ticks: number): void {
    this.target = clamp(this.target + ticks, 0, MAX_LEAD_S / this.period);
  }

  /** Let the lead glide until now, and return it in ticks. */
  at(now: number): number {
    const passed = Math.max(0, now - (this.glidedAt ?? now)) / this.period;
    this.glidedAt = now;
    this.lead += clamp(this.target - this.lead, -LEAD_DOWN * passed, LEAD_UP * passed);
    return this.lead;
  }
}

/** A running percentile of the last samples. */
export class Percentile {
  private samples: number[] = [];

  constructor(
    private readonly part: number,
    private readonly size: number,
  ) {}

  add(sample: number): void {
    this.samples.push(sample);
    if (this.samples.length > this.size) this.samples.shift();
  }

  /** The sample below which `part` of all lie; 0 without samples. */
  get value(): number {
    const sorted = [...this.samples].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(this.part * sorted.length))] ?? 0;
  }
}

export function clamp(value: number, lo: number, hi: number): number {
  return Math.max(lo, Math.min(hi, value));
}
