/**
 * Predict one seat's part of the world ahead of the server, and reconcile it with snapshots.
 *
 * Law: the rules are the server's, integer for integer, so a prediction is exact as long as no input
 * is lost. A snapshot is compared field by field with the prediction of its tick. Only where they
 * differ, the world is reset to the snapshot and the later commands are run again.
 *
 * Compared are the entities that the seat owns, and others that its prediction changed, such as a
 * pickup it took. All other entities of the predicted world are those of the newest snapshot.
 */

import { type Confirmed, type Ident, identOf, type Kinds } from "./classes.js";
import type { HeldCommand, PredictedGame } from "./game.js";
import { TELEPORT } from "./smoothing.js";
import { type Body, cloned, type Emitted, PredictedWorld } from "./world.js";

/** How long the server repeats the last command where an input is missing. */
const REPEAT_S = 0.5;

/** A field whose true value differs from the predicted one. */
export interface Difference {
  readonly type: string;
  readonly ident: Ident;
  /** Empty if the entity as a whole exists on one side only. */
  readonly field: string;
  readonly predicted: unknown;
  readonly actual: unknown;
}

/** A snapshot compared with the prediction of its tick. */
export interface Verdict {
  readonly tick: number;
  /** Whether the tick had been predicted; else there is nothing to compare. */
  readonly compared: boolean;
  readonly differences: readonly Difference[];
  /**
   * Largest distance of an own entity from its predicted place, in the world's units. One that the
   * server has teleported counts as where it should be: its owner sees it jump, as everybody does.
   */
  readonly distance: number;
  /** Whether the server did just what it does where the tick's input is missing. */
  readonly inputExplains: boolean;
}

/** The prediction of one tick: own entities, and others that it changed; null: removed. */
interface Made {
  readonly own: ReadonlyMap<Ident, Body>;
  readonly touched: ReadonlyMap<number, Body | null>;
}

/** What the commands of a match are like. */
export interface Commands {
  readonly tickRate: number;
  /** The command of a tick for which nothing is known. */
  readonly neutral: HeldCommand;
  /** Return a command as it counts in a later tick without an input. */
  repeated(command: HeldCommand): HeldCommand;
}

export class Predictor {
  private readonly given = new Map<number, HeldCommand>();
  private readonly made = new Map<number, Made>();
  private readonly repeatTicks: number;
  private others: Body[] = [];

  constructor(
    private readonly game: PredictedGame,
    private readonly kinds: Kinds,
    private readonly commands: Commands,
    private readonly seat: number,
    /** Empty at first; `reconcile` fills it. */
    readonly world: PredictedWorld,
    private readonly emitted: (tick: number, events: readonly Emitted[]) => void,
  ) {
    this.repeatTicks = Math.floor(REPEAT_S * commands.tickRate);
  }

  /** The last tick that was predicted. */
  get tick(): number {
    return this.world.tick;
  }

  /** The command of a tick by the server's rule: a missing one repeats the last. */
  commandAt(tick: number): HeldCommand {
    for (let earlier = tick; earlier >= tick - this.repeatTicks; earlier--) {
      const command = this.given.get(earlier);
      if (command) return earlier === tick ? command : this.commands.repeated(command);
    }
    return this.commands.neutral;
  }

  // --- predicting -------------------------------------------------------------------------------

  /** Run the next tick with the command that was sent for it. */
  predict(tick: number, command: HeldCommand): void {
    this.given.set(tick, command);
    this.run(tick);
  }

  /** Go on behind a tick without running those before it; a snapshot will correct that. */
  skipTo(tick: number): void {
    this.world.tick = tick;
  }

  /** The present state of another's entity that prediction changed; null if it removed it. */
  touched(id: number): Body | null | undefined {
    if (!this.made.get(this.world.tick)?.touched.has(id)) return undefined;
    return this.world.get(id) ?? null;
  }

  /** The world one tick later, run with a command that was not sent, without events. */
  provisional(command: HeldCommand): PredictedWorld {
    const ahead = this.world.fork();
    ahead.tick = this.world.tick + 1;
    this.step(ahead, command);
    return ahead;
  }

  private run(tick: number): void {
    const { world } = this;
    world.tick = tick;
    world.events = [];
    this.step(world, this.commandAt(tick));
    const own = new Map<Ident, Body>();
    for (const body of world) if (body.owner === this.seat) own.set(identOf(body), cloned(body));
    this.made.set(tick, { own, touched: this.changed() });
    this.emitted(tick, world.events);
  }

  private step(world: PredictedWorld, command: HeldCommand): void {
    world.causedBy(this.seat, () => this.game.predict(world, this.seat, command));
  }

  private changed(): Map<number, Body | null> {
    const touched = new Map<number, Body | null>();
    for (const other of this.others) {
      const now = this.world.get(other.id);
      if (!now) touched.set(other.id, null);
      else if (!this.kinds.same(other, now)) touched.set(other.id, cloned(now));
    }
    return touched;
  }

  // --- reconciling ------------------------------------------------------------------------------

  /** Apply a snapshot; `before` returns that of the tick before it, or null. */
  reconcile(confirmed: Confirmed, before: () => Confirmed | null): Verdict {
    const made = this.made.get(confirmed.tick);
    const verdict = { tick: confirmed.tick, compared: made !== undefined, distance: 0 };
    const own = this.owned(confirmed.bodies.values());
    const differences = made ? this.differences(made, own, confirmed) : [];
    if (made && !differences.length) {
      this.accept(confirmed, own);
      return { ...verdict, differences, inputExplains: false };
    }
    const earlier = made ? before() : null;
    const inputExplains = this.missingExplains(confirmed, earlier, own);
    this.rebuild(confirmed);
    const distance = made ? farthest(made.own, own, earlier) : 0;
    return { ...verdict, differences, distance, inputExplains };
  }

  private owned(bodies: Iterable<Body>): Map<Ident, Body> {
    const own = new Map<Ident, Body>();
    for (const body of bodies) if (body.owner === this.seat) own.set(identOf(body), body);
    return own;
  }

  /** Keep the predicted entities, give them their ids, and bring all others up to the snapshot. */
  private accept(confirmed: Confirmed, own: ReadonlyMap<Ident, Body>): void {
    const { world } = this;
    this.standOn(confirmed);
    for (const body of world) {
      const named = body.owner === this.seat ? own.get(identOf(body)) : undefined;
      if (named && body.id < 0) {
        world.despawn(body);
        body.id = named.id;
        world.put(body);
      } else if (body.owner !== this.seat && !confirmed.bodies.has(body.id)) {
        world.despawn(body);
      }
    }
    const touched = new Set([...this.made.values()].flatMap((made) => [...made.touched.keys()]));
    for (const body of this.others) if (!touched.has(body.id)) world.put(cloned(body));
  }

  /** Reset the world to the snapshot and run all later commands again. */
  private rebuild(confirmed: Confirmed): void {
    const { world } = this;
    const last = Math.max(world.tick, confirmed.tick);
    const made = this.made.get(confirmed.tick);
    this.standOn(confirmed);
    for (const body of world) if (!confirmed.bodies.has(body.id)) world.despawn(body);
    for (const body of confirmed.bodies.values()) world.put(this.completed(cloned(body), made));
    world.tick = confirmed.tick;
    for (let tick = confirmed.tick + 1; tick <= last; tick++) this.run(tick);
  }

  /** Take the fields that are never sent from the predicted entity, if there is one. */
  private completed(body: Body, made: Made | undefined): Body {
    const known = body.owner === this.seat ? made?.own.get(identOf(body)) : undefined;
    if (known?.type !== body.type) return body;
    for (const name of this.kinds.of(body.type).plain) body.fields[name] = known.fields[name]!;
    return body;
  }

  private standOn({ tick, bodies }: Confirmed): void {
    this.others = [...bodies.values()].filter(({ owner }) => owner !== this.seat);
    for (const given of this.given.keys()) {
      if (given < tick - this.repeatTicks) this.given.delete(given);
    }
    for (const made of this.made.keys()) if (made <= tick) this.made.delete(made);
  }

  private missingExplains(
    { tick }: Confirmed,
    before: Confirmed | null,
    own: ReadonlyMap<Ident, Body>,
  ): boolean {
    if (!before) return false;
    const { map, options, salt, past, grids } = this.world;
    const world = new PredictedWorld(map, options, salt, past, grids);
    for (const body of before.bodies.values()) world.put(cloned(body));
    world.tick = tick;
    this.step(world, this.commands.repeated(this.commandAt(tick - 1)));
    const again = this.owned(world);
    return (
      again.size === own.size &&
      [...own].every(([ident, body]) => {
        const there = again.get(ident);
        return there?.type === body.type && this.kinds.same(body, there);
      })
    );
  }

  private differences(
    made: Made,
    own: ReadonlyMap<Ident, Body>,
    confirmed: Confirmed,
  ): Difference[] {
    const found: Difference[] = [];
    for (const [ident, predicted] of made.own) {
      found.push(...this.differing(ident, predicted, own.get(ident)));
    }
    for (const [ident, actual] of own) {
      if (!made.own.has(ident)) found.push(...this.differing(ident, null, actual));
    }
    for (const [id, predicted] of made.touched) {
      found.push(...this.differing(id, predicted, confirmed.bodies.get(id)));
    }
    return found;
  }

  private differing(ident: Ident, a: Body | null, b: Body | undefined): Difference[] {
    if (!a && !b) return [];
    if (!a || !b) {
      const [predicted, actual] = a ? ["alive", "gone"] : ["gone", "alive"];
      return [{ type: (a ?? b)!.type, ident, field: "", predicted, actual }];
    }
    return this.kinds.differing(a, b).map(({ name }) => {
      const [predicted, actual] = [a.fields[name], b.fields[name]];
      return { type: b.type, ident, field: name, predicted, actual };
    });
  }
}

/** The largest distance of an own entity from its predicted place. */
function farthest(
  predicted: ReadonlyMap<Ident, Body>,
  own: ReadonlyMap<Ident, Body>,
  before: Confirmed | null,
): number {
  let found = 0;
  for (const [ident, body] of predicted) {
    const other = own.get(ident);
    if (!other || body.fields.x === undefined || other.fields.x === undefined) continue;
    const earlier = before?.bodies.get(other.id);
    if (!earlier || distance(earlier, other) <= TELEPORT) {
      found = Math.max(found, distance(body, other));
    }
  }
  return found;
}

function distance({ fields: a }: Body, { fields: b }: Body): number {
  const dx = (a.x as number) - (b.x as number);
  const dy = (a.y as number) - (b.y as number);
  return Math.sqrt(dx * dx + dy * dy);
}
