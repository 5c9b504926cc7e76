/**
 * The fighters on the field, and what is written above them.
 *
 * Law: each has sprites of its own, by its id: when another player takes over a seat, perhaps in
 * another team, that is another fighter.
 */

import { Container, Sprite, Texture } from "pixi.js";
import { fighterColour, mix } from "../theme.js";
import { type Fighter, FULL_HEALTH } from "./arena.js";
import type { Camera } from "./camera.js";
import type { Seen } from "./field.js";
import type { Figures } from "./figures.js";
import { clamp } from "./numbers.js";

interface Body {
  readonly all: Container;
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

interface Shown {
  readonly body: Body;
  readonly tag: Tag;
}

export class Fighters {
  readonly bodies = new Container();
  readonly tags = new Container();
  private readonly shown = new Map<number, Shown>();

  constructor(
    private readonly figures: Figures,
    private readonly camera: Camera,
  ) {}

  draw(seen: Seen): void {
    const fighters = [...seen.fighters.values()].sort((a, b) => a.y - b.y);
    for (const fighter of fighters) this.fighter(fighter, seen);
    const there = new Set(fighters.map(({ entity }) => entity.id));
    for (const [id, { body, tag }] of this.shown) {
      if (there.has(id)) continue;
      for (const { all } of [body, tag]) all.destroy({ children: true });
      this.shown.delete(id);
    }
  }

  private begin(fighter: Fighter): Shown {
    const made = { body: this.newBody(fighter), tag: this.newTag(fighter) };
    this.shown.set(fighter.entity.id, made);
    return made;
  }

  private fighter(fighter: Fighter, seen: Seen): void {
    const { body, tag } = this.shown.get(fighter.entity.id) ?? this.begin(fighter);
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
    this.bodies.addChild(all);
    return { all, trail, ring, body, shield };
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
    return { all, name: word, back, health, silent };
  }
}
