/** Movement of fighters: eight directions, short acceleration, a dash, and sliding along walls. */

import { moveCircle } from "../geometry/collide.js";
import { vector } from "../geometry/fixed.js";
import type { ArenaCommand, ArenaWorld, Fighter, FighterFields } from "./entities.js";
import {
  ACCELERATION,
  DASH_COOLDOWN,
  DASH_SPEED,
  DASH_TICKS,
  HASTE_SPEED,
  RADIUS,
  SPEED,
} from "./tuning.js";

/** Steps of the angle from one direction of `move` to the next. */
const EIGHTH = 128;

/** Advance a living fighter by one tick. */
export function move(world: ArenaWorld, fighter: Fighter, command: ArenaCommand): void {
  const { fields } = fighter;
  fields.aim = command.aim;
  fields.hasty = world.tick < fields.haste_ends;
  if (command.dash && world.tick >= fields.dash_ready) beginDash(world, fighter, command);
  fields.dashing = world.tick < fields.dash_ends;
  if (!fields.dashing) accelerate(fields, command);
  if (fields.vx || fields.vy) advance(world, fields);
}

function beginDash(world: ArenaWorld, { owner, fields }: Fighter, command: ArenaCommand): void {
  const angle = command.move ? (command.move - 1) * EIGHTH : command.aim;
  [fields.vx, fields.vy] = vector(angle, DASH_SPEED);
  fields.dash_ends = world.tick + DASH_TICKS;
  fields.dash_ready = world.tick + DASH_COOLDOWN;
  world.emit("Dashed", { seat: owner, x: fields.x, y: fields.y });
}

function accelerate(fields: FighterFields, command: ArenaCommand): void {
  const speed = fields.hasty ? HASTE_SPEED : SPEED;
  const [x, y] = command.move ? vector((command.move - 1) * EIGHTH, speed) : [0, 0];
  fields.vx = towards(fields.vx, x);
  fields.vy = towards(fields.vy, y);
}

function towards(speed: number, wanted: number): number {
  // Deceleration after a dash or a blast is twice the acceleration of running.
  const step = Math.abs(speed) <= HASTE_SPEED ? ACCELERATION : 2 * ACCELERATION;
  return speed < wanted ? Math.min(wanted, speed + step) : Math.max(wanted, speed - step);
}

function advance(world: ArenaWorld, fields: FighterFields): void {
  const [x, y] = moveCircle(world.grids, fields.x, fields.y, RADIUS, fields.vx, fields.vy);
  // Speed into a wall is lost, or the fighter would jump forward when the wall ends.
  if (fields.vx && (x - fields.x) * fields.vx <= 0) fields.vx = 0;
  if (fields.vy && (y - fields.y) * fields.vy <= 0) fields.vy = 0;
  fields.x = x;
  fields.y = y;
}

/** Add to a fighter's speed, as a blast does; the speed is bounded. */
export function push(fields: FighterFields, dx: number, dy: number): void {
  fields.vx = Math.max(-DASH_SPEED, Math.min(DASH_SPEED, fields.vx + dx));
  fields.vy = Math.max(-DASH_SPEED, Math.min(DASH_SPEED, fields.vy + dy));
}
