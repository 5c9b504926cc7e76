/**
 * The predicted part of a match: own entities ahead of the server, and how they are drawn.
 *
 * Law: the newest snapshot is judged before the next ticks are run, and only that one: a snapshot
 * that is overtaken while no frame is drawn tells nothing more.
 */

import { type Confirmed, type Ident, identOf, Kinds } from "../predict/classes.js";
import type { HeldCommand, PredictedGame } from "../predict/game.js";
import { SnapshotPast } from "../predict/past.js";
import { type Commands, type Difference, Predictor, type Verdict } from "../predict/predictor.js";
import { Correction, TELEPORT } from "../predict/smoothing.js";
import { type Body, type Emitted, PredictedWorld } from "../predict/world.js";
import type { MatchStarted } from "../wire/tables.js";
import type { Drawing, Drawn, Scene, Thing } from "./drawing.js";
import type { Held } from "./held.js";
import type { TileMap } from "./map.js";
import type { Schema } from "./schema.js";

const SUB = 16;
/** Last corrections that are kept, more than two minutes at 30 Hz, and last divergences. */
const KEPT_CORRECTIONS = 4096;
const KEPT_DIVERGENCES = 64;

/** A tick whose snapshot differed from the prediction. */
export interface Divergence {
  readonly tick: number;
  readonly differences: readonly Difference[];
  /**
   * `input` where the server did just what it does when that tick's input is late or lost, else
   * `world`: something this client could not know, or a fault in the rules of this side.
   */
  readonly explained: "input" | "world";
}

/** How right a match's predictions were. Distances are in pixels. */
export interface Corrections {
  /** Snapshots whose tick had been predicted. */
  readonly judged: number;
  /** Those that differed, and how many of them an input explains that was late or lost. */
  readonly divergences: number;
  readonly byInput: number;
  /** Largest distance of an own entity from its predicted place: of the last 4096 snapshots. */
  readonly lastPx: number;
  readonly p50Px: number;
  readonly p99Px: number;
  readonly worstPx: number;
  /** The last 64, each with all its fields. */
  readonly recent: readonly Divergence[];
}

/** Counts what the snapshots of a match say of its predictions. */
export class Judgement {
  private judged = 0;
  private divergences = 0;
  private byInput = 0;
  private readonly px: number[] = [];
  private readonly recent: Divergence[] = [];

  add({ tick, compared, distance, differences, inputExplains }: Verdict): void {
    if (!compared) return;
    this.judged += 1;
    this.px.push(distance / SUB);
    if (this.px.length > KEPT_CORRECTIONS) this.px.shift();
    if (!differences.length) return;
    this.divergences += 1;
    if (inputExplains) this.byInput += 1;
    this.recent.push({ tick, differences, explained: inputExplains ? "input" : "world" });
    if (this.recent.length > KEPT_DIVERGENCES) this.recent.shift();
  }

  get corrections(): Corrections {
    const sorted = [...this.px].sort((a, b) => a - b);
    const at = (part: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
    const { judged, divergences, byInput } = this;
    const px = { lastPx: this.px.at(-1) ?? 0, p50Px: at(0.5), p99Px: at(0.99), worstPx: at(1) };
    return { judged, divergences, byInput, ...px, recent: [...this.recent] };
  }
}

/** What a prediction needs to know of its match. */
export interface Played {
  readonly started: MatchStarted;
  readonly schema: Schema;
  readonly map: TileMap;
  readonly seat: number;
  readonly held: Held;
  readonly drawing: Drawing;
  readonly judgement: Judgement;
  readonly emitted: (tick: number, events: readonly Emitted[]) => void;
  /** The snapshot of exactly this tick; null if it is not kept. */
  snapshotAt(tick: number): Scene | null;
}

export class Prediction {
  private readonly kinds: Kinds;
  private readonly past: SnapshotPast;
  private readonly predictor: Predictor;
  private unjudged: Confirmed | null = null;
  private corrections = new Map<Ident, Correction>();
  private scene: Scene | null = null;

  constructor(
    private readonly game: PredictedGame,
    private readonly played: Played,
  ) {
    const { started, schema, map, seat } = played;
    this.kinds = new Kinds(schema, game);
    this.past = new SnapshotPast(this.kinds, game.rewindable ?? [], started.tick_rate);
    const world = new PredictedWorld(map, started.options, started.salt, this.past);
    this.predictor = new Predictor(
      game,
      this.kinds,
      commandsOf(played),
      seat,
      world,
      played.emitted,
    );
  }

  /** The last tick that was predicted. */
  get tick(): number {
    return this.predictor.tick;
  }

  /** The predicted world of that tick. */
  get world(): Scene {
    if (!this.scene) {
      const entities = [...this.predictor.world].map((body) => [body.id, thingOf(body)] as const);
      this.scene = { tick: this.tick, entities: new Map(entities) };
    }
    return this.scene;
  }

  /** A snapshot has come. */
  snapshot(scene: Scene): void {
    this.unjudged = this.kinds.confirmed(scene);
    this.past.push(this.unjudged);
  }

  /** Reconcile with the newest snapshot, and ease what that changes of the picture. */
  judge(now: number): void {
    const confirmed = this.unjudged;
    if (!confirmed) return;
    this.unjudged = null;
    this.scene = null;
    const before = new Map(
      this.placed().map((body) => [identOf(body), this.played.drawing.placeOf(body)]),
    );
    const verdict = this.predictor.reconcile(confirmed, () => {
      const scene = this.played.snapshotAt(confirmed.tick - 1);
      return scene && this.kinds.confirmed(scene);
    });
    this.played.judgement.add(verdict);
    if (verdict.differences.length) this.ease(before, now);
  }

  skipTo(tick: number): void {
    this.predictor.skipTo(tick);
    this.scene = null;
  }

  run(tick: number, command: HeldCommand): void {
    this.predictor.predict(tick, command);
    this.scene = null;
  }

  /** Whether an entity is not drawn between two snapshots. */
  draws(entity: Thing): boolean {
    return entity.owner === this.played.seat || this.isAhead(entity);
  }

  /** Whether another's entity is drawn ahead, at the player's own tick. */
  isAhead({ type, owner }: Thing): boolean {
    return owner !== this.played.seat && (this.game.extrapolated?.includes(type) ?? false);
  }

  /** Whether targets are drawn ahead, so that a shot is aimed at no older picture. */
  get aimsAhead(): boolean {
    const { rewindable = [], extrapolated = [] } = this.game;
    return rewindable.some((type) => extrapolated.includes(type));
  }

  /** The state of another's entity where prediction changed it: null if it took it away. */
  told(entity: Thing): Thing | null {
    const touched = this.predictor.touched(entity.id);
    return touched === undefined ? entity : touched && thingOf(touched);
  }

  /**
   * Draw own entities between the last tick and a provisional next one, run with this command.
   * `part` is the part of it that has passed.
   */
  draw(command: HeldCommand, part: number, now: number): Drawn[] {
    const own = this.placed();
    if (!own.length) return [];
    const ahead = this.predictor.provisional(command);
    return own.map((body) => {
      const [thing, later] = [thingOf(body), ahead.get(body.id)];
      const drawn = this.played.drawing.between(thing, later ? thingOf(later) : thing, part, true);
      const [dx, dy] = this.corrections.get(identOf(body))?.at(now) ?? [0, 0];
      return { ...drawn, x: drawn.x + dx, y: drawn.y + dy };
    });
  }

  private ease(before: ReadonlyMap<Ident, readonly [number, number]>, now: number): void {
    const corrections = new Map<Ident, Correction>();
    for (const body of this.placed()) {
      const ident = identOf(body);
      const was = before.get(ident);
      if (!was) continue;
      const [x, y] = this.played.drawing.placeOf(body);
      const correction = this.corrections.get(ident) ?? new Correction();
      correction.add(was[0] - x, was[1] - y, now, TELEPORT);
      corrections.set(ident, correction);
    }
    this.corrections = corrections;
  }

  private placed(): Body[] {
    const { drawing, seat } = this.played;
    return [...this.predictor.world].filter(
      (body) => body.owner === seat && drawing.isPlaced(thingOf(body)),
    );
  }
}

function thingOf({ id, type, owner, born, ordinal, fields }: Body): Thing {
  return { id, type, owner, cause: ordinal >= 0 ? [born, ordinal] : null, fields };
}

function commandsOf({ started, held }: Played): Commands {
  const { neutral } = held;
  return { tickRate: started.tick_rate, neutral, repeated: (command) => held.repeated(command) };
}
