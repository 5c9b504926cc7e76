/**
 * The field of a match on a canvas, by PixiJS: the map, and everything on it.
 *
 * Law: a frame places sprites and makes no pictures; those are made when something is seen first.
 */

import "pixi.js/unsafe-eval";
import type { Frame, Match } from "gameserver-client";
import { Container, Sprite, Texture, WebGLRenderer } from "pixi.js";
import { fighterColour, mix, teamColour } from "../theme.js";
import { type Fighter, FLAG, FULL_HEALTH, SUB } from "./arena.js";
import { Camera } from "./camera.js";
import { Effects } from "./effects.js";
import { Figures } from "./figures.js";
import { drawGround, TILE_PX } from "./ground.js";
import { clamp } from "./numbers.js";

const BACKGROUND = 0x0f131a;
/** Finest scale at which the map is drawn: more is not seen, and takes memory. */
const MOST_SCALE = 2;

interface Body {
  readonly all: Container;
  readonly shade: Sprite;
  readonly trail: Sprite[];
  readonly ring: Sprite;
  readonly body: Sprite;
  readonly shield: Sprite;
}

interface Tag {
  readonly all: Container;
  readonly name: Sprite;
  readonly back: Sprite;
  readonly health: Sprite;
  readonly silent: Sprite;
}

export interface Seen {
  readonly frame: Frame;
  readonly fighters: ReadonlyMap<number, Fighter>;
  /** Seats of whom nothing is heard. */
  readonly silent: ReadonlySet<number>;
  /** The seat that is followed. */
  readonly followed: number;
  /** From the followed fighter to where the player points, in pixels of the field. */
  readonly ahead: { x: number; y: number };
  /** In seconds; `elapsed` since the last frame. */
  readonly now: number;
  readonly elapsed: number;
}

export class Field {
  readonly camera = new Camera();
  readonly figures = new Figures();
  readonly effects = new Effects(this.figures);
  private readonly renderer = new WebGLRenderer<HTMLCanvasElement>();
  private readonly stage = new Container();
  private readonly world = new Container();
  private readonly ground = new Container();
  private readonly things = new Container();
  private readonly bodies = new Container();
  private readonly rockets = new Container();
  private readonly tags = new Container();
  private readonly bodyOf = new Map<number, Body>();
  private readonly tagOf = new Map<number, Tag>();
  private readonly thingOf = new Map<string, Sprite[]>();
  private groundScale = 0;
  private quality = 1;
  private wide = 1;
  private high = 1;

  private constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly match: Match,
  ) {
    this.world.addChild(
      this.ground,
      this.things,
      this.bodies,
      this.rockets,
      this.effects.view,
      this.tags,
    );
    this.stage.addChild(this.world);
  }

  /** Rejects where the browser has no WebGL. */
  static async open(canvas: HTMLCanvasElement, match: Match): Promise<Field> {
    const field = new Field(canvas, match);
    await field.renderer.init({
      canvas,
      background: BACKGROUND,
      antialias: false,
      autoDensity: false,
      // Accessibility, pointer events and DOM elements of Pixi: the page has its own.
      skipExtensionImports: true,
      resolution: 1,
      powerPreference: "high-performance",
    });
    field.resize();
    return field;
  }

  /** Take the size that the canvas has on the page. */
  resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const fine = Math.min(window.devicePixelRatio || 1, 2) * this.quality;
    this.wide = Math.max(1, clientWidth);
    this.high = Math.max(1, clientHeight);
    this.renderer.resize(this.wide, this.high, fine);
    this.camera.resize(this.wide, this.high);
    const scale = clamp(Math.ceil(this.camera.zoom * fine * 2) / 2, 0.5, MOST_SCALE);
    if (scale !== this.groundScale) this.drawMap(scale);
  }

  /** Draw with fewer pixels, since this machine is slow; down to a half of each side. */
  coarser(): void {
    if (this.quality <= 0.5) return;
    this.quality -= 0.25;
    this.resize();
  }

  /** A place on the field, in pixels of the screen. */
  onScreen(x: number, y: number): { x: number; y: number } {
    const { zoom } = this.camera;
    return {
      x: this.wide / 2 + (x - this.camera.x) * zoom,
      y: this.high / 2 + (y - this.camera.y) * zoom,
    };
  }

  draw(seen: Seen): void {
    const target = seen.fighters.get(seen.followed) ?? this.middle();
    const map = { wide: this.match.map.width * TILE_PX, high: this.match.map.height * TILE_PX };
    this.camera.follow(target, seen.ahead, map, { wide: this.wide, high: this.high }, seen.elapsed);
    const origin = this.camera.origin(this.wide, this.high);
    this.world.position.set(origin.x, origin.y);
    this.world.scale.set(this.camera.zoom);
    this.effects.advance(seen.elapsed);
    this.drawThings(seen);
    this.drawFighters(seen);
    this.renderer.render(this.stage);
  }

  destroy(): void {
    this.stage.destroy({ children: true });
    this.figures.destroy();
    for (const child of this.ground.children) (child as Sprite).texture?.destroy(true);
    this.renderer.destroy();
  }

  private middle(): { x: number; y: number } {
    const { width, height } = this.match.map;
    return { x: (width * TILE_PX) / 2, y: (height * TILE_PX) / 2 };
  }

  private drawMap(scale: number): void {
    this.groundScale = scale;
    for (const child of this.ground.removeChildren())
      child.destroy({ texture: true, textureSource: true });
    for (const { canvas, x, y } of drawGround(this.match.map, scale)) {
      const sprite = new Sprite(Texture.from(canvas, true));
      sprite.position.set(x * TILE_PX, y * TILE_PX);
      sprite.scale.set(1 / scale);
      this.ground.addChild(sprite);
    }
  }

  // --- pick-ups, flags, rockets ---------------------------------------------------------------

  private drawThings(seen: Seen): void {
    const there = new Set<string>();
    for (const { key, entity, x, y, angle } of seen.frame.drawn) {
      const at = { x: x / SUB, y: y / SUB };
      if (entity.type === "Pickup") {
        there.add(key);
        this.pickup(key, String(entity.fields.kind), entity.fields.ready === true, at, seen.now);
      } else if (entity.type === "Flag") {
        there.add(key);
        this.flag(key, entity.fields, at, seen.fighters);
      } else if (entity.type === "Rocket") {
        there.add(key);
        const turn = (angle / 1024) * 2 * Math.PI;
        this.rocket(key, Number(entity.fields.team), entity.owner, at, turn);
      }
    }
    for (const [key, sprites] of this.thingOf) {
      if (there.has(key)) continue;
      for (const sprite of sprites) sprite.destroy();
      this.thingOf.delete(key);
    }
  }

  private sprites(key: string, into: Container, textures: () => Texture[]): Sprite[] {
    let found = this.thingOf.get(key);
    if (!found) {
      found = textures().map((texture) => {
        const sprite = new Sprite(texture);
        sprite.anchor.set(0.5);
        into.addChild(sprite);
        return sprite;
      });
      this.thingOf.set(key, found);
    }
    return found;
  }

  private pickup(
    key: string,
    kind: string,
    ready: boolean,
    at: { x: number; y: number },
    now: number,
  ): void {
    const { figures } = this;
    const [shade, plate, empty] = this.sprites(key, this.things, () => [
      figures.disc(),
      figures.pickup(kind),
      figures.ring(6),
    ]) as [Sprite, Sprite, Sprite];
    shade.visible = plate.visible = ready;
    empty.visible = !ready;
    const lift = 2 * (((now * 1.3 + at.x * 0.37) % 2) - 1) ** 2;
    shade.tint = 0x0c0f14;
    shade.alpha = 0.36;
    shade.scale.set(13 / 16);
    shade.position.set(at.x + 2, at.y + 6);
    plate.position.set(at.x, at.y - lift);
    empty.tint = 0x465060;
    empty.scale.set(13 / 50);
    empty.position.set(at.x, at.y);
  }

  private flag(
    key: string,
    fields: Readonly<Record<string, unknown>>,
    drawn: { x: number; y: number },
    fighters: ReadonlyMap<number, Fighter>,
  ): void {
    const { figures } = this;
    const team = Number(fields.team);
    const [stand, round, cloth] = this.sprites(key, this.things, () => [
      figures.ring(8),
      figures.ring(5),
      figures.flag(team),
    ]) as [Sprite, Sprite, Sprite];
    const carrier =
      fields.state === FLAG.carried ? fighters.get(Number(fields.carrier)) : undefined;
    const at = carrier ? { x: carrier.x - 10, y: carrier.y - 14 } : drawn;
    stand.tint = mix(teamColour(team), 0x14181e, 0.35);
    stand.scale.set(20 / 50);
    stand.position.set(Number(fields.home_x) / SUB, Number(fields.home_y) / SUB);
    round.visible = fields.state === FLAG.dropped;
    round.tint = teamColour(team);
    round.scale.set(24 / 50);
    round.position.set(at.x, at.y);
    cloth.anchor.set(4 / 32, 36 / 40);
    cloth.position.set(at.x, at.y);
  }

  private rocket(
    key: string,
    team: number,
    seat: number,
    at: { x: number; y: number },
    turn: number,
  ): void {
    const { figures } = this;
    const sprites = this.sprites(key, this.rockets, () => [
      figures.glow(),
      figures.disc(),
      figures.disc(),
      figures.disc(),
      figures.rocket(team, seat),
    ]);
    const [dx, dy] = [Math.cos(turn), Math.sin(turn)];
    const shades = [0xffb060, 0x966e5a, 0xf49650, 0xffd682];
    sprites.forEach((sprite, n) => {
      if (n === 4) {
        sprite.rotation = turn;
        sprite.position.set(at.x, at.y);
        return;
      }
      const back = n === 0 ? 6 : 9 * (4 - n);
      sprite.tint = shades[n]!;
      sprite.blendMode = n === 0 ? "add" : "normal";
      sprite.alpha = n === 0 ? 0.5 : 1;
      sprite.scale.set(n === 0 ? 0.9 : (1 + n) / 16);
      sprite.position.set(at.x - dx * back, at.y - dy * back);
    });
  }

  // --- fighters -------------------------------------------------------------------------------

  private drawFighters(seen: Seen): void {
    const seats = [...seen.fighters.values()].sort((a, b) => a.y - b.y);
    for (const fighter of seats) this.fighter(fighter, seen);
    for (const [seat, { all }] of this.bodyOf) all.visible &&= seen.fighters.has(seat);
    for (const [seat, { all }] of this.tagOf) all.visible &&= seen.fighters.has(seat);
  }

  private fighter(fighter: Fighter, seen: Seen): void {
    const body = this.bodyOf.get(fighter.seat) ?? this.newBody(fighter);
    const tag = this.tagOf.get(fighter.seat) ?? this.newTag(fighter);
    body.all.visible = tag.all.visible = fighter.alive;
    if (!fighter.alive) return;
    const colour = fighterColour(fighter.team, fighter.seat);
    body.all.position.set(fighter.x, fighter.y);
    body.body.rotation = fighter.aim;
    body.ring.visible = fighter.own || fighter.seat === seen.followed;
    body.shield.visible = fighter.shielded;
    if (fighter.shielded) {
      const swell = 22 + 1.5 * (((seen.now * 2) % 2) - 1) ** 2;
      body.shield.scale.set(swell / 50);
    }
    const [dx, dy] = [Math.cos(fighter.aim), Math.sin(fighter.aim)];
    body.trail.forEach((sprite, n) => {
      sprite.visible = fighter.dashing;
      sprite.tint = mix(colour, 0xffffff, 0.2);
      sprite.alpha = (90 - 22 * (n + 1)) / 255;
      sprite.scale.set((13 - 2 * (n + 1)) / 16);
      sprite.position.set(-dx * 9 * (n + 1), -dy * 9 * (n + 1));
    });
    this.tag(tag, fighter, seen);
  }

  private tag(tag: Tag, fighter: Fighter, seen: Seen): void {
    // On a small screen names stay readable: they shrink less than the field.
    const grow = Math.max(1, 0.85 / this.camera.zoom);
    const lift = fighter.carrying && !fighter.own ? 24 : 0;
    tag.all.scale.set(grow);
    tag.all.position.set(fighter.x, fighter.y - 20 - lift);
    tag.name.visible = !fighter.own;
    const hurt = !fighter.own && fighter.hp < FULL_HEALTH;
    tag.back.visible = tag.health.visible = hurt;
    if (hurt) {
      const part = clamp(fighter.hp / FULL_HEALTH, 0, 1);
      tag.health.scale.set(34 * part, 4);
      tag.health.tint = mix(0xf26868, 0x76d084, part);
    }
    tag.silent.visible = seen.silent.has(fighter.seat);
    tag.silent.position.set(0, fighter.own ? -14 : -40);
  }

  private newBody({ seat, team }: Fighter): Body {
    const { figures } = this;
    const all = new Container();
    const add = (texture: Texture) => {
      const sprite = new Sprite(texture);
      sprite.anchor.set(0.5);
      all.addChild(sprite);
      return sprite;
    };
    const colour = fighterColour(team, seat);
    const shade = add(figures.disc());
    shade.tint = 0x080a0e;
    shade.alpha = 0.44;
    shade.scale.set(14 / 16);
    shade.position.set(3, 6);
    const trail = [3, 2, 1].map(() => add(figures.disc()));
    const ring = add(figures.ring(5));
    ring.tint = mix(colour, 0xffffff, 0.5);
    ring.scale.set(20 / 50);
    const body = add(figures.fighter(team, seat));
    const shield = add(figures.ring(4));
    shield.tint = mix(colour, 0xffffff, 0.6);
    const made = { all, shade, trail, ring, body, shield };
    this.bodies.addChild(all);
    this.bodyOf.set(seat, made);
    return made;
  }

  private newTag({ seat, team, name }: Fighter): Tag {
    const { figures } = this;
    const all = new Container();
    const ink = mix(fighterColour(team, seat), 0xe9eef4, 0.45);
    const word = new Sprite(figures.word(name, 13, ink, team));
    word.anchor.set(0.5, 0.5);
    word.position.set(0, -17);
    const bar = (tint: number, anchorX: number, x: number) => {
      const sprite = new Sprite(Texture.WHITE);
      sprite.tint = tint;
      sprite.anchor.set(anchorX, 0.5);
      sprite.position.set(x, -4);
      return sprite;
    };
    const back = bar(0x0a0d12, 0.5, 0);
    back.scale.set(36, 6);
    const health = bar(0x76d084, 0, -17);
    const silent = new Sprite(figures.silent());
    silent.anchor.set(0.5);
    all.addChild(word, back, health, silent);
    this.tags.addChild(all);
    const made = { all, name: word, back, health, silent };
    this.tagOf.set(seat, made);
    return made;
  }
}
