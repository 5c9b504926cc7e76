/**
 * Tell predicted events at once, and confirm them or take them back when the server's state arrives.
 *
 * Law: each event is told in one of two ways. A predicted one: `predicted`, then exactly one of
 * `confirmed` and `taken-back`. Any other: `observed`, once, when the drawn time reaches its tick.
 *
 * Reliable events of a tick come before its snapshot, so a snapshot settles both kinds.
 */

import type { GameEvent } from "../play/reader.js";
import { VIEW_UNITS } from "../play/view.js";
import type { PredictedGame } from "./game.js";
import type { Emitted } from "./world.js";

/** How certain an event is. */
export type EventPhase =
  /** It happened on the server; this client had not predicted it. */
  | "observed"
  /** This client expects it: `confirmed` or `taken-back` follows. */
  | "predicted"
  /** It was predicted, and happened on the server. */
  | "confirmed"
  /** It was predicted, and did not happen on the server. */
  | "taken-back";

/** A game event as the application is told of it. */
export interface ToldEvent extends GameEvent {
  readonly phase: EventPhase;
}

/** Events that wait for the drawn time; of more, the oldest is told at once. */
const WAITING_EVENTS = 512;

type Rules = Pick<PredictedGame, "compared" | "shownAtOnce">;

export class Optimism {
  /** How events are compared, and which are told at once. */
  rules: Rules = {};
  private pending = new Map<number, Emitted[]>();
  private waiting: GameEvent[] = [];
  private told: ToldEvent[] = [];
  private settledTo = 0;
  private paused = true;

  /** Tell what a predicted tick made, except what an earlier run of it has told. */
  predicted(tick: number, events: readonly Emitted[]): void {
    if (tick <= this.settledTo) return;
    const known = [...(this.pending.get(tick) ?? [])];
    for (const event of events) {
      const at = this.find(known, event);
      if (at >= 0) known.splice(at, 1);
      else {
        this.pending.set(tick, [...(this.pending.get(tick) ?? []), event]);
        this.tell(tick, event, "predicted");
      }
    }
  }

  /** Settle all ticks up to this one with the events of its snapshot. */
  snapshot(tick: number, events: readonly GameEvent[], seat: number): void {
    for (const event of events) this.happened(event, seat);
    this.settledTo = Math.max(this.settledTo, tick);
    for (const each of this.ticks()) if (each <= tick) this.takeBack(each);
  }

  /** Settle an event of the server. */
  happened(event: GameEvent, seat: number): void {
    for (const tick of this.ticks()) {
      const pending = this.pending.get(tick)!;
      const at = tick <= event.tick ? this.find(pending, event) : -1;
      if (at < 0) continue;
      pending.splice(at, 1);
      if (!pending.length) this.pending.delete(tick);
      return this.tell(event.tick, event, "confirmed");
    }
    const atOnce = this.rules.shownAtOnce?.(event, seat) ?? event.fields.seat === seat;
    if (atOnce && seat >= 0 && !this.paused) return this.tell(event.tick, event, "observed");
    if (this.waiting.length >= WAITING_EVENTS) this.observe(this.waiting.shift()!);
    this.waiting.push(event);
  }

  /** Tell the waiting events up to the drawn time, in 1/16 ticks. */
  drawn(time: number): void {
    while (this.waiting.length && this.waiting[0]!.tick * VIEW_UNITS <= time) {
      this.observe(this.waiting.shift()!);
    }
  }

  /** Let all events wait until `restart`: only then it is known which ones are void. */
  pause(): void {
    this.paused = true;
  }

  /**
   * Take back all predicted events: the connection was lost before they were confirmed. Waiting ones
   * are told now, since their tick will never be drawn, but not those after `voidAfter`, if that is
   * given: the server plays these ticks anew.
   */
  restart(voidAfter: number | null): void {
    for (const tick of this.ticks()) this.takeBack(tick);
    for (const event of this.waiting) {
      if (voidAfter === null || event.tick <= voidAfter) this.observe(event);
    }
    this.waiting = [];
    this.settledTo = 0;
    this.paused = false;
  }

  /** Return and clear what was told since the last call. */
  take(): ToldEvent[] {
    const { told } = this;
    this.told = [];
    return told;
  }

  private tell(tick: number, { type, fields }: Emitted, phase: EventPhase): void {
    this.told.push({ type, tick, fields, phase });
  }

  private observe(event: GameEvent): void {
    this.tell(event.tick, event, "observed");
  }

  private takeBack(tick: number): void {
    for (const event of this.pending.get(tick)!) this.tell(tick, event, "taken-back");
    this.pending.delete(tick);
  }

  private ticks(): number[] {
    return [...this.pending.keys()].sort((a, b) => a - b);
  }

  private find(among: readonly Emitted[], event: Emitted): number {
    const names = this.rules.compared?.[event.type] ?? Object.keys(event.fields);
    return among.findIndex(
      ({ type, fields }) =>
        type === event.type && names.every((name) => fields[name] === event.fields[name]),
    );
  }
}
