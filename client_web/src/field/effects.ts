/**
 * Effects on the field: tracers, sparks, blasts, rings, words. An event starts them; they fade out.
 *
 * When full: the oldest are dropped.
 */

import { Container, Sprite, type Texture } from "pixi.js";
import type { Figures } from "./figures.js";

const MOST = 400;

type Kind = "tracer" | "glow" | "ring" | "spark" | "word";

/** Times in seconds, places and sizes in pixels, speeds in pixels a second. */
interface Effect {
  readonly sprite: Sprite;
  readonly kind: Kind;
  readonly x: number;
  readonly y: number;
  readonly life: number;
  readonly size: number;
  readonly vx: number;
  readonly vy: number;
  age: number;
}

export class Effects {
  readonly view = new Container();
  private live: Effect[] = [];
  private readonly spare: Sprite[] = [];

  constructor(private readonly figures: Figures) {}

  tracer(x: number, y: number, x1: number, y1: number, colour: number): void {
    const sprite = this.add("tracer", this.figures.streak(), colour, { x, y, life: 0.13 });
    sprite.anchor.set(0, 0.5);
    sprite.rotation = Math.atan2(y1 - y, x1 - x);
    sprite.scale.set(Math.hypot(x1 - x, y1 - y) / 64, 1);
    this.glow(x, y, 22, 0.08, colour);
    this.sparks(x1, y1, 4, 130, 0xffe2a0);
  }

  glow(x: number, y: number, size: number, life: number, colour: number): void {
    this.add("glow", this.figures.glow(), colour, { x, y, life, size }).blendMode = "add";
  }

  ring(x: number, y: number, size: number, life: number, colour: number): void {
    this.add("ring", this.figures.ring(6), colour, { x, y, life, size }).blendMode = "add";
  }

  sparks(x: number, y: number, count: number, speed: number, colour: number): void {
    for (let n = 0; n < count; n++) {
      const turn = Math.random() * 2 * Math.PI;
      const fast = speed * (0.2 + 0.8 * Math.random());
      const life = 0.18 + 0.27 * Math.random();
      const [vx, vy] = [Math.cos(turn) * fast, Math.sin(turn) * fast];
      this.add("spark", this.figures.disc(), colour, { x, y, life, vx, vy });
    }
  }

  word(x: number, y: number, text: string, colour: number, rise: number, life: number): void {
    this.add("word", this.figures.word(text, 15, colour), 0xffffff, { x, y, life, vy: -rise });
  }

  blast(x: number, y: number): void {
    this.glow(x, y, 120, 0.42, 0xffb05c);
    this.ring(x, y, 88, 0.45, 0xffce8c);
    this.sparks(x, y, 22, 300, 0xffc46e);
  }

  /** Age all effects by some seconds. */
  advance(elapsed: number): void {
    for (const effect of this.live) {
      effect.age += elapsed;
      if (effect.age < effect.life) show(effect);
      else this.end(effect);
    }
    this.live = this.live.filter(({ age, life }) => age < life);
  }

  clear(): void {
    for (const effect of this.live) this.end(effect);
    this.live = [];
  }

  private add(
    kind: Kind,
    texture: Texture,
    colour: number,
    how: { x: number; y: number; life: number; size?: number; vx?: number; vy?: number },
  ): Sprite {
    if (this.live.length >= MOST) this.end(this.live.shift()!);
    const sprite = this.spare.pop() ?? new Sprite();
    sprite.texture = texture;
    sprite.anchor.set(0.5);
    sprite.rotation = 0;
    sprite.scale.set(1);
    sprite.tint = colour;
    sprite.blendMode = "normal";
    sprite.position.set(how.x, how.y);
    this.view.addChild(sprite);
    const effect = { sprite, kind, size: 1, vx: 0, vy: 0, ...how, age: 0 };
    this.live.push(effect);
    show(effect);
    return sprite;
  }

  private end({ sprite }: Effect): void {
    this.view.removeChild(sprite);
    this.spare.push(sprite);
  }
}

function show({ sprite, kind, x, y, life, age, size, vx, vy }: Effect): void {
  const left = 1 - age / life;
  sprite.alpha = kind === "word" ? Math.min(1, left * 3) : left;
  switch (kind) {
    case "ring":
      return void sprite.scale.set((size * (1 - left * left) + 4) / 50);
    case "glow":
      return void sprite.scale.set((size / 32) * (1 - 0.25 * left));
    case "spark": {
      const passed = age * (1 - 0.4 * (1 - left));
      sprite.scale.set(left > 0.5 ? 0.11 : 0.08);
      return void sprite.position.set(x + vx * passed, y + vy * passed);
    }
    case "word":
      return void sprite.position.set(x + vx * age, y + vy * age);
  }
}
