/** The entities of Arena with the fields that its rules read, and its options and command. */

import type { HeldCommand } from "../predict/game.js";
import type { Body, PredictedWorld } from "../predict/world.js";
import { HEALTH, START_AMMO, START_ROCKETS } from "./tuning.js";

export const WARMUP = 0;
export const PLAY = 1;
export const OVER = 2;

export interface BoardFields {
  phase: number;
  phase_ends: number;
}

export interface FighterFields {
  x: number;
  y: number;
  aim: number;
  hp: number;
  alive: boolean;
  dashing: boolean;
  shielded: boolean;
  hasty: boolean;
  team: number;
  vx: number;
  vy: number;
  ammo: number;
  rockets: number;
  rifle_ready: number;
  rocket_ready: number;
  dash_ready: number;
  dash_ends: number;
  shield_ends: number;
  haste_ends: number;
}

export interface RocketFields {
  x: number;
  y: number;
  angle: number;
  team: number;
}

export interface PickupFields {
  kind: string;
  x: number;
  y: number;
  ready: boolean;
  returns: number;
}

export type Fighter = Body<FighterFields>;
export type Rocket = Body<RocketFields>;

export interface ArenaOptions {
  readonly friendly_fire?: unknown;
  readonly pickups?: unknown;
}

export type ArenaWorld = PredictedWorld<ArenaOptions>;

/** `move` is 0 for none, else 1 to 8 from east clockwise; `aim` is from 0 east to 1023. */
export type ArenaCommand = HeldCommand &
  Readonly<Record<"move" | "aim" | "fire" | "rocket" | "dash", number>>;

/** First values of what only the owner is sent, or nobody. */
export const DEFAULTS = {
  Fighter: {
    hp: HEALTH,
    vx: 0,
    vy: 0,
    ammo: START_AMMO,
    rockets: START_ROCKETS,
    rifle_ready: 0,
    rocket_ready: 0,
    dash_ready: 0,
    dash_ends: 0,
    shield_ends: 0,
    haste_ends: 0,
    respawns: 0,
  },
  Pickup: { returns: 0 },
};
