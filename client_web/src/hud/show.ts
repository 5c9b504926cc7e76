/** What the events of a match start: effects, sounds, lines of the kill feed, banners. */

import type { GameEvent, ToldEvent } from "gameserver-client";
import { type Fighter, number, place } from "../field/arena.js";
import type { Field } from "../field/field.js";
import { sounds } from "../sound/player.js";
import { SOUNDS, type SoundName } from "../sound/synth.js";
import { t } from "../texts/index.js";
import { fighterColour, pickupColour, teamName } from "../theme.js";

/** Seconds for which a line of the kill feed, a banner and a direction are shown. */
const KILL_S = 7;
const BANNER_S = 4;
const DIRECTION_S = 1.2;
const KILLS = 5;
/** Seconds of a match for which the line is not rated, and after which a trouble is told. */
const LOADING_S = 3;
const LASTING_S = 4;
const DIRECTIONS = 4;

export interface Person {
  readonly name: string;
  readonly team: number;
  readonly seat: number;
}

export interface Kill {
  readonly id: number;
  readonly at: number;
  /** Null for a fighter that destroyed itself. */
  readonly killer: Person | null;
  readonly victim: Person;
  readonly weapon: string;
  readonly own: boolean;
}

export interface Banner {
  readonly at: number;
  readonly text: string;
  /** The team that gains by it. */
  readonly team: number;
}

export class Show {
  kills: Kill[] = [];
  banner: Banner | null = null;
  /** How the own fighter was destroyed last. */
  defeat: Kill | null = null;
  /** Strength of the red border, and of the hit marker, from 0 to 1. */
  flash = 0;
  marker = 0;
  /** Where attacks came from, in radians, and until when that is shown. */
  directions: { turn: number; until: number }[] = [];
  private seen = new Map<number, Fighter>();
  private lastId = 0;
  /** From when on the line counts, and since when it has been in trouble without a pause. */
  private ratedFrom: number | null = null;
  private troubledSince = Number.POSITIVE_INFINITY;
  /** Whether the line is in trouble for long enough to tell it. */
  troubled = false;

  constructor(private readonly field: Field) {}

  advance(now: number, elapsed: number): void {
    this.flash = Math.max(0, this.flash - 1.8 * elapsed);
    this.marker = Math.max(0, this.marker - 4 * elapsed);
    this.kills = this.kills.filter(({ at }) => now - at < KILL_S);
    this.directions = this.directions.filter(({ until }) => now < until);
    if (this.banner && now - this.banner.at > BANNER_S) this.banner = null;
  }

  /**
   * Note whether the line is in trouble now. A page that loads, or one burst, is none to tell of: the
   * figures remember it for seconds.
   */
  rate(inTrouble: boolean, now: number): void {
    this.ratedFrom ??= now + LOADING_S;
    const counts = inTrouble && now >= this.ratedFrom;
    this.troubledSince = counts ? Math.min(this.troubledSince, now) : Number.POSITIVE_INFINITY;
    this.troubled = now - this.troubledSince >= LASTING_S;
  }

  /** The server goes on behind an earlier tick: what was told of its end is void. */
  forget(): void {
    this.kills = [];
    this.defeat = null;
    this.field.effects.clear();
  }

  take(
    events: readonly ToldEvent[],
    fighters: ReadonlyMap<number, Fighter>,
    me: number,
    followed: number,
    now: number,
  ): void {
    for (const [seat, fighter] of fighters) this.seen.set(seat, fighter);
    const ear = this.seen.get(followed);
    for (const event of events) {
      if (event.phase === "taken-back") this.takeBack(event);
      else if (event.phase !== "confirmed") this.one(event, me, ear, now);
    }
  }

  /** A kill that was expected did not happen; sparks and sounds are over by themselves. */
  private takeBack(event: GameEvent): void {
    if (event.type !== "Killed") return;
    const target = number(event, "target");
    const at = this.kills.findLastIndex(({ victim }) => victim.seat === target);
    this.kills = this.kills.filter((_, n) => n !== at);
    if (this.defeat?.victim.seat === target) this.defeat = null;
  }

  private one(event: GameEvent, me: number, ear: Fighter | undefined, now: number): void {
    const { effects, camera } = this.field;
    const seat = number(event, "seat");
    const colour = this.colour(seat);
    const [x, y] = place(event);
    const sound = (name: SoundName, sx: number, sy: number, own = seat === me) => {
      if (ear) sounds.at(name, sx - ear.x, sy - ear.y, own);
    };
    switch (event.type) {
      case "Shot": {
        const [x1, y1] = place(event, "x1", "y1");
        effects.tracer(x, y, x1, y1, colour);
        return sound("shot", x, y);
      }
      case "Hit":
        return this.hit(event, x, y, me, now);
      case "Hurt": {
        const target = this.seen.get(number(event, "target"));
        if (target) this.hit(event, target.x, target.y, me, now);
        return;
      }
      case "Launched":
        effects.glow(x, y, 34, 0.15, 0xffbe78);
        return sound("launch", x, y);
      case "Exploded":
        effects.blast(x, y);
        camera.shake(seat === me ? 0.5 : 0.35);
        return sound("explosion", x, y);
      case "Dashed":
        effects.ring(x, y, 34, 0.3, colour);
        return sound("dash", x, y);
      case "Spawned":
        effects.ring(x, y, 64, 0.7, colour);
        effects.glow(x, y, 48, 0.5, colour);
        if (seat === me) this.defeat = null;
        return sound("spawn", x, y);
      case "PickedUp": {
        const taker = this.seen.get(seat);
        const kind = String(event.fields.kind);
        if (!taker) return;
        effects.ring(taker.x, taker.y, 44, 0.4, pickupColour(kind));
        if (seat === me)
          effects.word(taker.x, taker.y - 18, `+ ${kind}`, pickupColour(kind), 30, 0.9);
        return sound(kind in SOUNDS ? (kind as SoundName) : "ammo", taker.x, taker.y);
      }
      case "Killed":
        return this.killed(event, me, now, sound);
      default:
        return this.flag(event, seat, now);
    }
  }

  private hit(event: GameEvent, x: number, y: number, me: number, now: number): void {
    const { effects } = this.field;
    const [seat, target] = [number(event, "seat"), number(event, "target")];
    const damage = number(event, "damage");
    effects.sparks(x, y, 7, 160, 0xf26868);
    if (seat === me && target !== me) {
      this.marker = 1;
      effects.word(x, y - 20, String(damage), 0xe9eef4, 46, 0.7);
      sounds.chime("hit");
    }
    if (target !== me) return;
    this.flash = Math.min(1, this.flash + damage / 45);
    sounds.chime("hurt");
    const [from, own] = [this.seen.get(seat), this.seen.get(me)];
    if (seat === me || !from || !own) return;
    const turn = Math.atan2(from.y - own.y, from.x - own.x);
    this.directions = [
      ...this.directions.slice(1 - DIRECTIONS),
      { turn, until: now + DIRECTION_S },
    ];
  }

  private killed(
    event: GameEvent,
    me: number,
    now: number,
    sound: (name: SoundName, x: number, y: number, own: boolean) => void,
  ): void {
    const { effects, camera } = this.field;
    const [seat, target] = [number(event, "seat"), number(event, "target")];
    const victim = this.seen.get(target);
    this.lastId += 1;
    const kill: Kill = {
      id: this.lastId,
      at: now,
      killer: seat === target ? null : this.person(seat),
      victim: this.person(target),
      weapon: String(event.fields.weapon),
      own: me === seat || me === target,
    };
    this.kills = [...this.kills.slice(1 - KILLS), kill];
    if (target === me) this.defeat = kill;
    if (!victim) return;
    effects.sparks(victim.x, victim.y, 26, 240, this.colour(target));
    effects.ring(victim.x, victim.y, 58, 0.5, this.colour(target));
    if (target === me) camera.shake(0.9);
    sound("death", victim.x, victim.y, target === me);
  }

  private flag(event: GameEvent, seat: number, now: number): void {
    const flag = number(event, "team");
    const words = { name: this.person(seat).name, team: teamName(flag) };
    const other = 3 - flag;
    const tell = (text: string, team: number) => {
      this.banner = { at: now, text, team };
      sounds.chime("flag");
    };
    switch (event.type) {
      case "FlagTaken":
        return tell(t("match.took", words), other);
      case "FlagDropped":
        return tell(t("match.dropped", words), flag);
      case "FlagReturned":
        return tell(t("match.returned", words), flag);
      case "FlagCaptured":
        return tell(t("match.captured", words), other);
    }
  }

  private person(seat: number): Person {
    const fighter = this.seen.get(seat);
    return { name: fighter?.name ?? "?", team: fighter?.team ?? 0, seat };
  }

  private colour(seat: number): number {
    return fighterColour(this.seen.get(seat)?.team ?? 0, seat);
  }
}
