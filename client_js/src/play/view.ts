/**
 * The delay at which entities are drawn, and the snapshots between which they are.
 *
 * Law: the drawn time and an input's `view` are the same number, in whole 1/16 ticks, so that the
 * server can look back to exactly the picture at which the player aimed.
 */

import type { World } from "./reader.js";
import { clamp, Percentile } from "./timesync.js";

export const VIEW_UNITS = 16;
/** Farthest that the server looks back. */
export const REWIND_S = 0.4;

/** Two seconds at 30 Hz, more than the longest delay. */
const KEPT_TICKS = 64;
/** Share of the snapshots that arrive before they are drawn, and how many of them are looked at. */
const COVERED = 0.97;
const SAMPLES = 90;
/** Added to the delay, since frames are not drawn at the moment a snapshot arrives. */
const SLACK_TICKS = 0.25;
/** Ticks by which the delay grows and shrinks per tick. */
const GROW = 0.15;
const SHRINK = 0.01;
/** Speed of the drawn time while it catches up, and the distance from which it jumps instead. */
const FASTEST = 1.5;
const JUMP_TICKS = 15;
const MAX_DELAY_TICKS = 12;

/** The server allows a view this many ticks for drawing and sending. */
const DRAWING_TICKS = 3;
const MAX_RTT_S = 0.2;
const MAX_JITTER_S = 0.1;
/** Largest excess of the round trip that newer pictures make up for. */
const MAX_SHORT_TICKS = 1;

/** The time at which others are drawn: behind the arriving tick by an adaptive delay. */
export class ViewClock {
  /** The present delay in ticks. */
  delay: number;
  private readonly lateness = new Percentile(COVERED, SAMPLES);
  private jitter = 0;
  private drawn: number | null = null;

  constructor(private readonly snapshotEvery: number) {
    this.delay = snapshotEvery + 2 * SLACK_TICKS;
  }

  /** The lateness of late snapshots, in ticks. */
  get jitterTicks(): number {
    return this.jitter;
  }

  /** A snapshot came by so many ticks later than the least delayed one. */
  arrived(lateness: number): void {
    this.lateness.add(Math.max(0, lateness));
    this.jitter = this.lateness.value;
  }

  /**
   * Return the time to draw, in 1/16 ticks. It never goes back and never passes the newest snapshot.
   * `oldest` is the earliest tick that may be drawn.
   */
  drawnAt(arriving: number, newest: number, ticksPassed: number, oldest: number): number {
    const wanted = Math.min(this.snapshotEvery + this.jitter + SLACK_TICKS, MAX_DELAY_TICKS);
    this.delay += clamp(wanted - this.delay, -SHRINK * ticksPassed, GROW * ticksPassed);
    const target = clamp(Math.max(arriving - this.delay, oldest), 0, newest);
    if (this.drawn === null || target - this.drawn > JUMP_TICKS) this.drawn = target;
    this.drawn = Math.max(this.drawn, Math.min(target, this.drawn + FASTEST * ticksPassed));
    return Math.floor(this.drawn * VIEW_UNITS);
  }
}

/**
 * The oldest picture whose view the server does not cut: it allows the round trip up to 200 ms,
 * jitter up to 100 ms and some ticks for drawing. Where a picture would be older, a newer is drawn.
 */
export class JudgedView {
  private readonly slack: number;
  private readonly frames = new Percentile(0.9, 45);
  private readonly stale = new Percentile(0.9, 45);

  constructor(
    private readonly period: number,
    snapshotEvery: number,
  ) {
    this.slack = DRAWING_TICKS + snapshotEvery - 1;
  }

  /** A frame took so many ticks; the newest snapshot was so many ticks old. */
  framed(ticksPassed: number, stale: number): void {
    this.frames.add(ticksPassed);
    this.stale.add(Math.max(0, stale));
  }

  oldest(arriving: number, own: number, rttTicks: number): number {
    const short = Math.max(0, rttTicks - MAX_RTT_S / this.period);
    if (short > MAX_SHORT_TICKS) return Number.NEGATIVE_INFINITY;
    const frame = this.frames.value;
    const late = clamp(this.stale.value - 1, 0, MAX_JITTER_S / this.period);
    const byLink = arriving + frame - this.slack - late + short;
    return Math.max(byLink, own + frame - REWIND_S / this.period);
  }
}

/** The worlds of the last snapshots, by rising tick. */
export class SnapshotRing {
  private readonly kept: World[] = [];

  get newest(): World | null {
    return this.kept.at(-1) ?? null;
  }

  push(world: World): void {
    this.kept.push(world);
    while (this.kept[0]!.tick < world.tick - KEPT_TICKS) this.kept.shift();
  }

  /** All of them, oldest first. */
  get worlds(): readonly World[] {
    return [...this.kept];
  }

  /** The world of exactly this tick; null if it is not kept. */
  at(tick: number): World | null {
    return this.kept.find((world) => world.tick === tick) ?? null;
  }

  /** The newest world before a tick; null if none is kept. */
  before(tick: number): World | null {
    return this.kept.filter((world) => world.tick < tick).at(-1) ?? null;
  }

  /** The worlds before and after a time in 1/16 ticks; at an end of the ring both are that one. */
  around(time: number): readonly [World, World] | null {
    if (!this.kept.length) return null;
    let after = this.kept.length;
    while (after > 0 && this.kept[after - 1]!.tick * VIEW_UNITS > time) after -= 1;
    return [this.kept[Math.max(0, after - 1)]!, this.kept[Math.min(after, this.kept.length - 1)]!];
  }
}
