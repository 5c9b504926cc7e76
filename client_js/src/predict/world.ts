/**
 * The world that a client predicts: entities by rising id, and what happened in this tick.
 *
 * Law: it is what the game's rules read and change on the server, for the rules' own copy here.
 */

import { type Grids, gridsOf } from "../geometry/grids.js";
import type { TileMap } from "../play/map.js";
import type { Value } from "../play/rows.js";

/** An entity of a predicted world, which the game's rules may change. */
export interface Body<F = Record<string, Value>> {
  /** Negative for one that only this client knows so far. */
  id: number;
  readonly type: string;
  /** The seat that it belongs to; -1 if it is nobody's. */
  owner: number;
  /** Tick of the spawn, and the number among those that the owner's command caused; else 0 and -1. */
  born: number;
  ordinal: number;
  fields: F;
}

/** An event of the predicted rules. */
export interface Emitted {
  readonly type: string;
  readonly fields: Readonly<Record<string, Value>>;
}

/** Answers where rewindable entities were. */
export interface Past {
  /** As they were `view`/16 ticks before the world's tick, by rising id. */
  rewound(world: PredictedWorld, view: number): Body[];
}

const FIRST_OWN_ID = -(2 ** 30);
const NOBODY = -1;

export function cloned<F>(body: Body<F>): Body<F> {
  return { ...body, fields: { ...body.fields } };
}

export class PredictedWorld<O = Readonly<Record<string, unknown>>> {
  /** The tick being run, or the last one run. */
  tick = 0;
  events: Emitted[] = [];
  readonly grids: Grids;
  private entities = new Map<number, Body>();
  private sorted = true;
  private readonly lists = new Map<string, Body[]>();
  private nextId = 1;
  private cause = NOBODY;
  private ordinal = 0;

  constructor(
    readonly map: TileMap,
    readonly options: O,
    /** Public salt of the match. */
    readonly salt: number,
    readonly past: Past,
    grids?: Grids,
  ) {
    this.grids = grids ?? gridsOf(map);
  }

  // --- reading ------------------------------------------------------------------------------

  /** All entities by rising id; spawning and despawning meanwhile is safe. */
  [Symbol.iterator](): IterableIterator<Body> {
    return [...this.ordered().values()].values();
  }

  get(id: number): Body | undefined {
    return this.entities.get(id);
  }

  /** All entities of a class, by rising id. */
  all<F>(type: string): Body<F>[] {
    return [...this.listed(type)] as unknown as Body<F>[];
  }

  /** The only entity of a class, such as the score board; undefined where none is known. */
  one<F>(type: string): Body<F> | undefined {
    return this.listed(type)[0] as Body<F> | undefined;
  }

  /** The seat's first entity of a class. */
  owned<F>(seat: number, type: string): Body<F> | undefined {
    return this.listed(type).find(({ owner }) => owner === seat) as Body<F> | undefined;
  }

  /** Entities of a rewindable class as a player with this `view` saw them: copies, for hit tests. */
  rewound<F>(view: number, type: string): Body<F>[] {
    const past = this.past.rewound(this as unknown as PredictedWorld, view);
    return past.filter((body) => body.type === type) as unknown as Body<F>[];
  }

  // --- changing -----------------------------------------------------------------------------

  /** Add an entity and give it an id, as the server's world does. */
  spawn<F extends object>(type: string, fields: F, owner = NOBODY): Body<F> {
    const body: Body<F> = { id: 0, type, owner, born: this.tick, ordinal: -1, fields };
    body.id = FIRST_OWN_ID + this.nextId;
    this.nextId += 1;
    if (this.cause !== NOBODY && owner === this.cause) {
      body.ordinal = this.ordinal;
      this.ordinal += 1;
    }
    this.put(body as unknown as Body);
    return body;
  }

  /** Add an entity that has its id; replaces one of the same id. */
  put(body: Body): void {
    if (!this.entities.has(body.id)) this.sorted = false;
    this.entities.set(body.id, body);
    this.lists.clear();
  }

  despawn({ id }: { readonly id: number }): void {
    this.entities.delete(id);
    this.lists.clear();
  }

  emit(type: string, fields: Readonly<Record<string, Value>>): void {
    this.events.push({ type, fields });
  }

  /** Run the rules of a seat: its spawns are numbered. */
  causedBy(seat: number, run: () => void): void {
    [this.cause, this.ordinal] = [seat, 0];
    try {
      run();
    } finally {
      this.cause = NOBODY;
    }
  }

  /** An independent copy of tick and entities. */
  fork(): PredictedWorld<O> {
    const twin = new PredictedWorld(this.map, this.options, this.salt, this.past, this.grids);
    twin.tick = this.tick;
    twin.nextId = this.nextId;
    for (const body of this) twin.put(cloned(body));
    return twin;
  }

  private listed(type: string): Body[] {
    let known = this.lists.get(type);
    if (!known) {
      known = [...this.ordered().values()].filter((body) => body.type === type);
      this.lists.set(type, known);
    }
    return known;
  }

  private ordered(): Map<number, Body> {
    if (!this.sorted) {
      this.entities = new Map([...this.entities].sort(([a], [b]) => a - b));
      this.sorted = true;
    }
    return this.entities;
  }
}
