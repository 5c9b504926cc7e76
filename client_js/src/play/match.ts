/**
 * The client's side of one match: apply snapshots, send inputs, return frames.
 *
 * Law: plain calls without I/O; each gets the time, in seconds of `Client.now`. The client calls
 * what stands under "called by the client"; the application calls `hold`, `frame` and `takeEvents`.
 */

import { ProtocolError } from "../errors.js";
import type { PredictedGame } from "../predict/game.js";
import { Optimism, type ToldEvent } from "../predict/optimism.js";
import { encodeInput, encodeSeen, type Section } from "../wire/codec.js";
import type { MatchEntered, MatchHappened, MatchStarted } from "../wire/tables.js";
import { Drawing, type Drawn, type Frame, type Scene, type Thing } from "./drawing.js";
import type { Seen } from "./evidence.js";
import { type Command, Held } from "./held.js";
import type { TileMap } from "./map.js";
import { Picture } from "./picture.js";
import { type Corrections, Judgement, Prediction } from "./prediction.js";
import { type Desync, SnapshotReader, type World } from "./reader.js";
import { readSchema, type Schema } from "./schema.js";
import { type SavedTape, Tape } from "./tape.js";
import { clamp, LeadClock, RoundTrips, ServerClock } from "./timesync.js";
import { JudgedView, REWIND_S, SnapshotRing, VIEW_UNITS, ViewClock } from "./view.js";

/** Most ticks run in one call; after a longer pause ticks are skipped: their inputs were late. */
const CATCH_UP_TICKS = 8;
/** Farthest the own tick runs ahead of the newest snapshot: the server takes no input beyond. */
const MAX_AHEAD_S = 1;
/** Time for which the client runs on without snapshots in any case. */
const RUN_ON_S = 0.25;
/** Longest time between two reports of the newest snapshot, from a seat and from a spectator. */
const [SEEN_IDLE_S, SEEN_EVERY_S] = [0.2, 0.5];

/** What a match needs of its client. */
export interface MatchReach {
  post(message: Uint8Array, tick?: number): void;
  /** A section's checksum is wrong. */
  desync(seen: Seen): void;
  now(): number;
  /** Name and version of the program. */
  readonly client: string;
}

/** Counts of a match, for a net graph. */
export interface MatchCounts {
  snapshots: number;
  keyframes: number;
  desyncs: number;
  inputs: number;
  skippedTicks: number;
}

export class Match {
  readonly schema: Schema;
  readonly counts: MatchCounts = {
    snapshots: 0,
    keyframes: 0,
    desyncs: 0,
    inputs: 0,
    skippedTicks: 0,
  };
  /** This player's seat; -1 for a spectator. */
  seat: number;
  /** Rises when another process of the server goes on with the match behind an earlier tick. */
  epoch = 0;
  /** Whether that has happened between this entry and the one before. */
  restarted = false;
  /** How much later a spectator sees the match; how long at most it waits behind a restart. */
  delayS = 0;
  waitsS = 0;
  readonly tape: Tape;
  private readonly period: number;
  private readonly trips = new RoundTrips();
  private readonly drawing: Drawing;
  private readonly events = new Optimism();
  private readonly judgement = new Judgement();
  private game: PredictedGame | null = null;
  private prediction: Prediction | null = null;
  private readonly held: Held;
  private picture!: Picture;
  private paused = true;
  private nextSeq = 1;
  private reader!: SnapshotReader;
  private ring!: SnapshotRing;
  private clock!: ServerClock;
  private lead!: LeadClock;
  private view!: ViewClock;
  private judged!: JudgedView;
  private drawnTime = 0;
  private ownTime = 0;
  private ownTick = 0;
  private running = false;
  private advancedAt: number | null = null;
  private seen = 0;
  private seenAt = 0;

  /** `Client` makes matches; throws `ProtocolError` where the schema is none. */
  constructor(
    /** The event that began the match: seats, map, options. */
    readonly started: MatchStarted,
    readonly map: TileMap,
    private readonly reach: MatchReach,
  ) {
    this.schema = readSchema(started.schema);
    this.drawing = new Drawing(this.schema);
    this.held = new Held(this.schema.command);
    this.tape = new Tape(started, reach.client, () => reach.now());
    this.period = 1 / started.tick_rate;
    this.seat = started.seat;
    this.begin();
  }

  private begin(): void {
    this.ring = new SnapshotRing();
    this.picture = new Picture(this.drawing, this.ring, this.seat, this.period);
    this.clock = new ServerClock(this.period);
    this.lead = new LeadClock(this.period);
    this.view = new ViewClock(this.started.snapshot_every);
    this.judged = new JudgedView(this.period, this.started.snapshot_every);
    this.drawnTime = this.ownTime = this.ownTick = this.seen = 0;
    this.running = false;
    this.advancedAt = null;
    this.prediction = this.predicted();
  }

  private predicted(): Prediction | null {
    if (!this.game || this.seat < 0) return null;
    const { started, schema, map, seat, held, drawing, judgement } = this;
    return new Prediction(this.game, {
      started,
      schema,
      map,
      seat,
      held,
      drawing,
      judgement,
      emitted: (tick, events) => this.events.predicted(tick, events),
      snapshotAt: (tick) => this.ring.at(tick),
    });
  }

  // --- called by the client -----------------------------------------------------------------

  /**
   * Start, or start `anew` after a resume, or go on over another link: a keyframe follows. In a new
   * epoch the ticks behind the present one are played anew, so their events are void.
   */
  enter(entered: MatchEntered, anew = true): void {
    this.tape.entered(entered);
    this.nextSeq = Math.max(this.nextSeq, entered.next_seq);
    this.reader = new SnapshotReader(this.schema);
    if (!anew && entered.seat === this.seat && entered.epoch === this.epoch) return;
    this.restarted = this.epoch > 0 && entered.epoch !== this.epoch;
    this.events.restart(this.restarted ? entered.tick : null);
    ({ epoch: this.epoch, seat: this.seat, delay_s: this.delayS, waits_s: this.waitsS } = entered);
    this.begin();
    this.paused = false;
  }

  /** Stop sending: the connection is lost. */
  pause(): void {
    this.paused = true;
    this.events.pause();
  }

  /** Apply the whole snapshot of a tick. */
  receive(tick: number, sections: readonly Section[], now: number): void {
    if (this.paused) return; // a keyframe follows once the match is entered again
    const reading = this.reader.apply(tick, sections);
    this.tape.snapshot(tick, sections, this.reader);
    this.counts.snapshots += 1;
    if (reading.keyframes) this.counts.keyframes += 1;
    this.counts.desyncs += reading.desyncs.length;
    for (const desync of reading.desyncs) this.reach.desync(this.seenOf(tick, desync));
    this.clock.arrived(tick, now);
    this.view.arrived(this.clock.tickAt(now) - tick);
    if (!reading.world) return;
    const first = !this.ring.newest;
    if (first) this.lead.start(...this.trips.firstGuess(), now);
    this.ring.push(reading.world);
    this.events.snapshot(tick, reading.events, this.seat);
    this.prediction?.snapshot(reading.world);
    if (first) this.judge(now); // fills `world`, which may be read from now on
    this.acknowledge(now);
  }

  /** Run further ahead by so many ticks (`steer`), or all ticks come later by so many (`shift`). */
  retimed(kind: "steer" | "shift", tick: number, ticks: number): void {
    this.tape.retimed(kind, tick, ticks);
    if (kind === "steer") this.lead.steer(ticks);
    else this.clock.shift(ticks);
  }

  /** A reliable game event. Throws `ProtocolError` if the game has no such event. */
  happened({ tick, event, fields }: MatchHappened): void {
    this.tape.event(tick, event, fields);
    const kind = this.schema.events[event];
    if (!kind || kind.fields.length !== fields.length) {
      throw new ProtocolError(`the game has no event ${event} of ${fields.length} fields`);
    }
    const named = kind.fields.map(([name], i) => [name, fields[i]!] as const);
    this.events.happened({ type: kind.name, tick, fields: Object.fromEntries(named) }, this.seat);
  }

  roundTrip(seconds: number): void {
    this.tape.roundTrip(seconds);
    this.trips.add(seconds);
  }

  /** Report the newest snapshot, unless an input has done so lately. */
  acknowledge(now: number): void {
    const newest = this.ring.newest?.tick ?? 0;
    if (this.paused || newest <= this.seen) return;
    if (now - this.seenAt < (this.seat < 0 ? SEEN_EVERY_S : SEEN_IDLE_S)) return;
    this.seen = newest;
    this.seenAt = now;
    this.tape.seen(newest);
    this.reach.post(encodeSeen(newest));
  }

  // --- for the application ------------------------------------------------------------------

  /** Whether a snapshot has arrived, so that there is a world. */
  get live(): boolean {
    return this.ring.newest !== null;
  }

  /**
   * Predict own entities from now on by the game's own rules, such as `arena`: they are drawn at
   * once, and their events told. Null ends that. Call it when the match has begun.
   */
  predict(game: PredictedGame | null): void {
    this.game = game;
    this.events.rules = game ?? {};
    this.prediction = this.predicted();
    this.prediction?.skipTo(this.ownTick);
    if (this.ring.newest) this.prediction?.snapshot(this.ring.newest);
  }

  /** The newest world: predicted, or that of the newest snapshot; null before the first. */
  get world(): Scene | null {
    return this.ring.newest && (this.prediction?.world ?? this.ring.newest);
  }

  /** How right the predictions were; sorts thousands of samples, so do not ask in each frame. */
  get corrections(): Corrections {
    return this.judgement.corrections;
  }

  /** The own entities of a class in the newest world. */
  own(type: string): Thing[] {
    return [...(this.world?.entities.values() ?? [])].filter(
      (entity) => entity.type === type && this.picture.isOwn(entity),
    );
  }

  /** Ticks in a second. */
  get tickRate(): number {
    return this.started.tick_rate;
  }

  /** Lateness of late snapshots, in seconds. */
  get jitterS(): number {
    return this.view.jitterTicks * this.period;
  }

  /** How far others are drawn behind the newest arriving tick, in seconds. */
  get viewDelayS(): number {
    return this.view.delay * this.period;
  }

  /** How far the own tick runs ahead of the arriving one, in ticks. */
  get leadTicks(): number {
    return this.lead.lead;
  }

  /**
   * Set what is held now. Levels are sent as they are when a tick is due; a press of an edge lasts
   * until it was sent once. Throws `RangeError` for a field or value that the schema does not have.
   */
  hold(command: Command): void {
    this.held.hold(command);
  }

  /**
   * The events since the last call, in order, each with its phase: predicted ones at once, all
   * others when the drawn picture reaches them; those of the own seat on arrival, but not while the
   * connection is lost: they may be void.
   */
  takeEvents(): ToldEvent[] {
    return this.events.take();
  }

  /**
   * Run the ticks that are due, send an input for each, and return their number. `frame` includes
   * this; call it alone, some thirty times a second, where nothing is drawn.
   */
  advance(now: number): number {
    const { newest } = this.ring;
    if (this.paused || !newest) return 0;
    this.judge(now);
    const passed = this.advancedAt === null ? 0 : (now - this.advancedAt) / this.period;
    this.advancedAt = now;
    const arriving = this.clock.tickAt(now);
    const lead = this.lead.at(now);
    const ahead = Math.max(MAX_AHEAD_S / this.period, lead + RUN_ON_S / this.period);
    this.ownTime = Math.max(this.ownTime, Math.min(arriving + lead, newest.tick + ahead));
    const ran = this.seat < 0 ? 0 : this.runDue(Math.floor(this.ownTime), newest, now);
    this.judged.framed(passed, arriving - newest.tick);
    const rtt = (this.trips.smallest ?? 0) / this.period;
    const oldest = this.judged.oldest(arriving, this.ownTime, rtt);
    this.drawnTime = this.view.drawnAt(arriving, newest.tick, passed, oldest);
    this.events.drawn(this.drawnTime);
    return ran;
  }

  /** Run the ticks that are due and return what to draw; null before the first snapshot. */
  frame(now: number): Frame | null {
    this.advance(now);
    const { newest } = this.ring;
    if (!newest) return null;
    const drawn = this.picture.at(this.drawnTime, this.prediction);
    if (this.prediction) drawn.push(...this.drawAhead(this.prediction, now));
    drawn.sort((a, b) => a.entity.id - b.entity.id);
    const view = this.ownTime - this.drawnTime / VIEW_UNITS;
    return { drawn, world: this.world ?? newest, tick: this.ownTime, view };
  }

  /**
   * Return what came and went in the last 30 s as a file for a bug report, which
   * `gameserver replay step` opens. It has the players' names and no token.
   */
  saveTape(): Promise<SavedTape> {
    return this.tape.save();
  }

  // --- ticks --------------------------------------------------------------------------------

  private judge(now: number): void {
    this.prediction?.judge(now);
    this.ownTick = Math.max(this.ownTick, this.prediction?.tick ?? 0);
  }

  private skipTo(tick: number): void {
    this.ownTick = tick;
    this.prediction?.skipTo(tick);
  }

  private runDue(due: number, newest: World, now: number): number {
    if (!this.running) {
      // Ticks before the first lead have passed on the server: their inputs would be late.
      this.skipTo(Math.max(this.ownTick, due - 1));
      this.running = true;
    } else if (due - this.ownTick > CATCH_UP_TICKS) {
      this.counts.skippedTicks += due - this.ownTick - CATCH_UP_TICKS;
      this.skipTo(due - CATCH_UP_TICKS);
    }
    const first = this.ownTick + 1;
    for (let tick = first; tick <= due; tick++) this.run(tick, newest, now);
    return Math.max(0, due + 1 - first);
  }

  private run(tick: number, newest: World, now: number): void {
    const command = this.held.take(this.viewAt(tick));
    const row = this.held.row(command);
    this.tape.input(this.nextSeq, tick, newest.tick, command.view, row);
    this.reach.post(encodeInput(this.nextSeq, tick, newest.tick, command.view, row), tick);
    this.nextSeq += 1;
    this.ownTick = tick;
    this.seen = newest.tick;
    this.seenAt = now;
    this.counts.inputs += 1;
    this.prediction?.run(tick, command);
  }

  /** The age of the drawn picture at a tick, in 1/16 ticks. */
  private viewAt(tick: number): number {
    if (this.prediction?.aimsAhead) return 0;
    const oldest = Math.floor(REWIND_S / this.period) * VIEW_UNITS;
    return clamp(tick * VIEW_UNITS - this.drawnTime, 0, oldest);
  }

  private drawAhead(prediction: Prediction, now: number): Drawn[] {
    const command = this.held.at(this.viewAt(this.ownTick + 1));
    const part = clamp(this.ownTime - this.ownTick, 0, 1);
    const own = prediction.draw(command, part, now);
    return [...own, ...this.picture.ahead(this.ownTime, prediction)];
  }

  private seenOf(tick: number, desync: Desync): Seen {
    let present: Uint8Array | null = null;
    try {
      present = this.reader.keyframe(desync.section);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
    const report = { match_id: this.started.match_id, tick, ...desync };
    return { report, seat: this.seat, worlds: this.ring.worlds, present };
  }
}
