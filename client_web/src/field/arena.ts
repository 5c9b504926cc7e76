/** Arena's entities and events, as plain values in pixels of the field. */

import type { Drawn, Entity, Frame, GameEvent, World } from "gameserver-client";

/** Sub-units of a pixel. */
export const SUB = 16;
/** Steps of a whole turn. */
export const TURN = 1024;
export const PHASE = { warmup: 0, play: 1, over: 2 } as const;
export const FLAG = { home: 0, carried: 1, dropped: 2 } as const;
export const FULL_HEALTH = 100;
const RIFLE_COOLDOWN = 5;
const ROCKET_COOLDOWN = 24;
const DASH_COOLDOWN = 50;

export interface Fighter {
  readonly seat: number;
  readonly name: string;
  readonly team: number;
  readonly x: number;
  readonly y: number;
  /** Radians, clockwise from east. */
  readonly aim: number;
  readonly hp: number;
  readonly alive: boolean;
  readonly dashing: boolean;
  readonly shielded: boolean;
  readonly hasty: boolean;
  readonly carrying: number;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
  readonly bot: boolean;
  readonly own: boolean;
  readonly entity: Entity;
}

export interface Board {
  readonly phase: number;
  readonly phaseEnds: number;
  readonly overtime: boolean;
  readonly scores: readonly [number, number];
  readonly scoreLimit: number;
}

/** The meters of the own fighter; parts from 0 to 1. */
export interface Meters {
  readonly hp: number;
  readonly ammo: number;
  readonly rockets: number;
  readonly rifle: number;
  readonly rocket: number;
  readonly dash: number;
  readonly shieldS: number;
  readonly hasteS: number;
  readonly carrying: number;
  readonly endless: boolean;
  /** Null while the fighter is alive. */
  readonly respawnS: number | null;
}

export function fightersOf(frame: Frame): Map<number, Fighter> {
  const found = new Map<number, Fighter>();
  for (const drawn of frame.drawn) {
    if (drawn.entity.type === "Fighter") found.set(drawn.entity.owner, fighter(drawn));
  }
  return found;
}

function fighter({ entity, x, y, angle, own }: Drawn): Fighter {
  const { fields } = entity;
  return {
    seat: entity.owner,
    name: String(fields.name),
    team: Number(fields.team),
    x: x / SUB,
    y: y / SUB,
    aim: (angle / TURN) * 2 * Math.PI,
    hp: Number(fields.hp),
    alive: fields.alive === true,
    dashing: fields.dashing === true,
    shielded: fields.shielded === true,
    hasty: fields.hasty === true,
    carrying: Number(fields.carrying),
    score: Number(fields.score),
    kills: Number(fields.kills),
    deaths: Number(fields.deaths),
    bot: fields.bot === true,
    own,
    entity,
  };
}

export function boardOf(world: World): Board | null {
  for (const { type, fields } of world.entities.values()) {
    if (type !== "Board") continue;
    return {
      phase: Number(fields.phase),
      phaseEnds: Number(fields.phase_ends),
      overtime: fields.overtime === true,
      scores: [Number(fields.team1), Number(fields.team2)],
      scoreLimit: Number(fields.score_limit),
    };
  }
  return null;
}

export function metersOf(own: Fighter, tick: number, rate: number, endless: boolean): Meters {
  const { fields } = own.entity;
  const left = (name: string) => Number(fields[name] ?? 0) - tick;
  const readiness = (name: string, cooldown: number) =>
    Math.max(0, Math.min(1, 1 - left(name) / cooldown));
  const seconds = (name: string) => Math.max(0, left(name) / rate);
  return {
    hp: own.hp,
    ammo: Number(fields.ammo ?? 0),
    rockets: Number(fields.rockets ?? 0),
    rifle: readiness("rifle_ready", RIFLE_COOLDOWN),
    rocket: readiness("rocket_ready", ROCKET_COOLDOWN),
    dash: readiness("dash_ready", DASH_COOLDOWN),
    shieldS: own.shielded ? seconds("shield_ends") : 0,
    hasteS: own.hasty ? seconds("haste_ends") : 0,
    carrying: own.carrying,
    endless,
    respawnS: own.alive ? null : seconds("respawns"),
  };
}

/** A field of an event as a number. */
export function number(event: GameEvent, name: string): number {
  return Number(event.fields[name] ?? 0);
}

/** A place of an event in pixels. */
export function place(event: GameEvent, x = "x", y = "y"): readonly [x: number, y: number] {
  return [number(event, x) / SUB, number(event, y) / SUB];
}
