/** The field of a film, of Arena or of any other game, and what is told of the moment. */

import type { Film } from "gameserver-client/film";
import { boardOf, type Row, rowsOf, sentenceOf } from "../any/facts.js";
import { AnyField, inside } from "../any/field.js";
import { Looks } from "../any/looks.js";
import { type Fighter, fightersOf, metersOf } from "../field/arena.js";
import type { Field } from "../field/field.js";
import { Show } from "../hud/show.js";
import { type HudView, hudView, OFFLINE } from "../hud/view.js";
import type { Shown } from "./player.js";

/** Somebody who can be followed. */
export interface Followed {
  readonly seat: number;
  readonly name: string;
}

export interface Told {
  readonly people: readonly Followed[];
  /** The seat that is followed; -1 of nobody. */
  readonly followed: number;
  /** Of Arena. */
  readonly view: HudView | null;
  readonly rows: readonly Row[];
  readonly board: readonly (readonly [string, string])[];
  readonly feed: readonly string[];
}

export interface Stage {
  /** The seat to follow; the stage takes the first one where it is not there. */
  follow: number;
  draw(shown: Shown, now: number, elapsed: number): Told;
  /** Draw the view along by pixels of the screen, instead of following somebody. */
  drag(dx: number, dy: number): void;
  zoomBy(factor: number): void;
  /** Follow somebody again. */
  letGo(): void;
  resize(): void;
  destroy(): void;
}

const FEED = 6;
const AHEAD = { x: 0, y: 0 };

/** Rejects where the browser has no WebGL and the game needs it. */
export async function openStage(canvas: HTMLCanvasElement, film: Film): Promise<Stage> {
  if (film.started.game !== "arena") return new AnyStage(canvas, film);
  const { Field } = await import("../field/field.js");
  return new ArenaStage(await Field.open(canvas, film), film);
}

class ArenaStage implements Stage {
  follow = -1;
  private eye: { x: number; y: number } | null = null;
  private readonly show: Show;

  constructor(
    private readonly field: Field,
    private readonly film: Film,
  ) {
    this.show = new Show(field);
  }

  draw({ frame, events, jumped }: Shown, now: number, elapsed: number): Told {
    const { field, film, show } = this;
    if (jumped) show.forget();
    const fighters = fightersOf(frame);
    if (!fighters.has(this.follow)) this.follow = best(fighters);
    const { follow, eye } = this;
    show.take(events, fighters, -1, follow, now);
    show.advance(now, elapsed);
    const silent = new Set<number>();
    field.draw({ frame, fighters, silent, followed: follow, eye, ahead: AHEAD, now, elapsed });
    const view = hudView(OFFLINE, film, frame, fighters, follow, show);
    const own = fighters.get(follow);
    const endless = film.started.options.pickups === false;
    const meters = own ? metersOf(own, frame.tick, film.tickRate, endless) : null;
    const people = [...fighters.values()].sort((a, b) => a.seat - b.seat);
    return { ...NOTHING, people, followed: eye ? -1 : follow, view: view && { ...view, meters } };
  }

  drag(dx: number, dy: number): void {
    const { camera } = this.field;
    const { x, y } = this.eye ?? camera;
    this.eye = inside({ x: x - dx / camera.zoom, y: y - dy / camera.zoom }, this.film.map);
  }

  zoomBy(factor: number): void {
    this.field.zoomBy(factor);
  }

  letGo(): void {
    this.eye = null;
  }

  resize(): void {
    this.field.resize();
  }

  destroy(): void {
    this.field.destroy();
  }
}

const NOTHING = { view: null, rows: [], board: [], feed: [] };

function best(fighters: ReadonlyMap<number, Fighter>): number {
  const found = [...fighters.values()].sort((a, b) => b.score - a.score || a.seat - b.seat)[0];
  return found?.seat ?? -1;
}

class AnyStage implements Stage {
  follow = -1;
  private readonly field: AnyField;
  private readonly looks: Looks;
  private readonly feed: string[] = [];
  private count = 0;

  constructor(
    canvas: HTMLCanvasElement,
    private readonly film: Film,
  ) {
    this.field = new AnyField(canvas, film.map);
    this.looks = new Looks(OFFLINE, film);
  }

  draw({ frame, events, jumped }: Shown, _now: number, elapsed: number): Told {
    const { film, looks, feed } = this;
    const nameOf = (seat: number) => looks.nameOf(seat);
    if (jumped) feed.length = 0;
    for (const event of events) {
      this.count += 1;
      feed.push(`${this.count}. ${sentenceOf(event, nameOf)}`);
    }
    feed.splice(0, feed.length - FEED);
    const figures = frame.drawn.map((each) => looks.figure(each));
    const owned = figures.filter(({ entity }) => entity.owner >= 0);
    const followed = owned.find(({ entity }) => entity.owner === this.follow) ?? owned[0] ?? null;
    if (followed) this.follow = followed.entity.owner;
    this.field.draw(figures, followed, "", elapsed);
    const seats = [...new Set(owned.map(({ entity }) => entity.owner))].sort((a, b) => a - b);
    return {
      people: seats.map((seat) => ({ seat, name: nameOf(seat) })),
      followed: followed && !this.field.free ? this.follow : -1,
      view: null,
      rows: rowsOf(frame.world, film, nameOf),
      board: boardOf(frame.world, film.schema),
      feed: [...feed],
    };
  }

  drag(dx: number, dy: number): void {
    this.field.drag(dx, dy);
  }

  zoomBy(factor: number): void {
    this.field.zoomBy(factor);
  }

  letGo(): void {
    this.field.letGo();
  }

  resize(): void {
    this.field.resize();
  }

  destroy(): void {}
}
