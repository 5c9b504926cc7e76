/**
 * The field of a match on a canvas, by PixiJS: the map, and everything on it.
 *
 * Law: a frame places sprites and makes no pictures; those are made when something is seen first.
 */

import "pixi.js/unsafe-eval";
import type { Frame, Match } from "gameserver-client";
import { Container, Sprite, Texture, WebGLRenderer } from "pixi.js";
import { mix, teamColour } from "../theme.js";
import { type Fighter, FLAG, SUB } from "./arena.js";
import { Camera } from "./camera.js";
import { Effects } from "./effects.js";
import { Fighters } from "./fighters.js";
import { Figures } from "./figures.js";
import { drawGround, TILE_PX } from "./ground.js";
import { clamp } from "./numbers.js";

const BACKGROUND = 0x0f131a;
/** Finest scale at which the map is drawn: more is not seen, and takes memory. */
const MOST_SCALE = 2;

export interface Seen {
  readonly frame: Frame;
  readonly fighters: ReadonlyMap<number, Fighter>;
  /** Seats of whom nothing is heard. */
  readonly silent: ReadonlySet<number>;
  /** The seat that is followed. */
  readonly followed: number;
  /** The place that is seen, where it is not that of the one followed. */
  readonly eye?: { x: number; y: number } | null;
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
  private readonly fighters = new Fighters(this.figures, this.camera);
  private readonly world = new Container();
  private readonly ground = new Container();
  private readonly things = new Container();
  private readonly rockets = new Container();
  private readonly thingOf = new Map<string, Sprite[]>();
  private groundScale = 0;
  private quality = 1;
  private wide = 1;
  private high = 1;

  /** Pixels at the right edge of the screen under which nothing of the field is seen. */
  covered = 0;

  private constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly match: Pick<Match, "map">,
  ) {
    this.world.addChild(
      this.ground,
      this.things,
      this.fighters.bodies,
      this.rockets,
      this.effects.view,
      this.fighters.tags,
    );
    this.stage.addChild(this.world);
  }

  /** Rejects where the browser has no WebGL. */
  static async open(canvas: HTMLCanvasElement, match: Pick<Match, "map">): Promise<Field> {
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

  /** Zoom in a replay; in a match all see as much. */
  zoomBy(factor: number): void {
    this.camera.magnified = clamp(this.camera.magnified * factor, 0.4, 3);
    this.camera.resize(this.wide, this.high);
  }

  /** Draw with fewer pixels, since this machine is slow; down to a half of each side. */
  coarser(): void {
    if (this.quality <= 0.5) return;
    this.quality -= 0.25;
    this.resize();
  }

  /** Where the middle of what is seen lies on the screen, from its left edge. */
  get centre(): number {
    return (this.wide - this.covered) / 2;
  }

  /** A place on the field, in pixels of the screen. */
  onScreen(x: number, y: number): { x: number; y: number } {
    const { zoom } = this.camera;
    return {
      x: this.centre + (x - this.camera.x) * zoom,
      y: this.high / 2 + (y - this.camera.y) * zoom,
    };
  }

  draw(seen: Seen): void {
    const target = seen.eye ?? seen.fighters.get(seen.followed) ?? this.middle();
    const map = { wide: this.match.map.width * TILE_PX, high: this.match.map.height * TILE_PX };
    this.camera.follow(
      target,
      seen.ahead,
      map,
      { wide: 2 * this.centre, high: this.high },
      seen.elapsed,
    );
    const origin = this.camera.origin(2 * this.centre, this.high);
    this.world.position.set(origin.x, origin.y);
    this.world.scale.set(this.camera.zoom);
    this.effects.advance(seen.elapsed);
    this.drawThings(seen);
    this.fighters.draw(seen);
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
}
