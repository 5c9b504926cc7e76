/** The numbers of Arena that prediction needs: sub-units, sub-units a tick, ticks. */

import { SUB } from "../geometry/fixed.js";

export const RADIUS = 14 * SUB;
export const HIT_RADIUS = 16 * SUB;
export const SPEED = 8 * SUB;
export const HASTE_SPEED = 11 * SUB;
export const ACCELERATION = 2 * SUB;
export const HEALTH = 100;
export const MAX_HEALTH = 150;
export const DASH_SPEED = 24 * SUB;
export const DASH_TICKS = 5;
export const DASH_COOLDOWN = 50;

export const RIFLE_COOLDOWN = 5;
export const RIFLE_DAMAGE = 15;
export const RIFLE_RANGE = 900 * SUB;
export const MUZZLE = 18 * SUB;
export const RIFLE_USES = 1;
export const START_AMMO = 60;
export const MAX_AMMO = 150;

export const ROCKET_COOLDOWN = 24;
export const ROCKET_SPEED = 14 * SUB;
export const ROCKET_TICKS = 75;
export const ROCKET_DAMAGE = 70;
export const BLAST_RADIUS = 84 * SUB;
export const KNOCK = 22 * SUB;
export const OWN_BLAST_PERCENT = 50;
export const START_ROCKETS = 2;
export const MAX_ROCKETS = 8;

export const PICKUP_REACH = 26 * SUB;
export const GIVES_HEALTH = 40;
export const GIVES_AMMO = 40;
export const GIVES_ROCKETS = 3;
export const HASTE_TICKS = 240;
export const PICKUP_RETURNS: Readonly<Record<string, number>> = {
  health: 450,
  ammo: 300,
  rockets: 600,
  haste: 900,
};
