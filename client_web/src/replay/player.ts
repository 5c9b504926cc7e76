/** Plays a film: which tick is shown, how fast, and which events have passed. */

import type { Frame, ToldEvent } from "gameserver-client";
import type { Film } from "gameserver-client/film";

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16] as const;
/** Longest stretch of play whose events are told; behind a longer one they are passed over. */
const TOLD_S = 4;

export interface Shown {
  readonly frame: Frame;
  readonly events: readonly ToldEvent[];
  /** Another place was sought: what was shown before belongs elsewhere. */
  readonly jumped: boolean;
}

export class Player {
  /** The tick that is shown, with its fraction. */
  at: number;
  playing = true;
  /** Seconds of the match in a second; one of `SPEEDS`. */
  speed = 1;
  private before: number;
  private jumped = true;

  constructor(readonly film: Film) {
    this.at = this.before = film.first;
  }

  /** Seconds of play that are shown. */
  get seconds(): number {
    return (this.at - this.film.first) / this.film.tickRate;
  }

  /** Go on by so many seconds of real time, and return what to show. */
  advance(elapsed: number): Shown {
    const { film } = this;
    if (this.playing) {
      this.at = Math.min(film.last, this.at + elapsed * this.speed * film.tickRate);
      if (this.at >= film.last) this.playing = false;
    }
    const frame = film.at(this.at);
    const { jumped } = this;
    const passed = this.at - this.before;
    const tells = !jumped && passed > 0 && passed <= TOLD_S * film.tickRate;
    const events = tells ? film.events(this.before, this.at) : [];
    this.before = this.at;
    this.jumped = false;
    return { frame, jumped, events: events.map((each) => ({ ...each, phase: "observed" })) };
  }

  seek(tick: number): void {
    this.at = Math.min(this.film.last, Math.max(this.film.first, tick));
    this.jumped = true;
  }

  seekSeconds(seconds: number): void {
    this.seek(this.at + seconds * this.film.tickRate);
  }

  /** Pause, and go by some ticks. */
  nudge(ticks: number): void {
    this.playing = false;
    const here = Math.floor(this.at) + ticks;
    if (ticks > 0) this.at = Math.min(this.film.last, here);
    else this.seek(here);
  }

  faster(steps: number): void {
    const at = SPEEDS.indexOf(this.speed as (typeof SPEEDS)[number]) + steps;
    this.speed = SPEEDS[Math.max(0, Math.min(at, SPEEDS.length - 1))]!;
  }

  /** Pause or play; at the end play from the start. */
  toggle(): void {
    if (!this.playing && this.at >= this.film.last) this.seek(this.film.first);
    this.playing = !this.playing;
  }
}
