/** The rifle and the rocket launcher, without the damage to others, which the server decides. */

import { div, length, scaleTo, vector } from "../geometry/fixed.js";
import { lineOfSight, raycast, segmentCircle } from "../geometry/raycast.js";
import type { ArenaCommand, ArenaWorld, Fighter, FighterFields, Rocket } from "./entities.js";
import { type BoardFields, PLAY, WARMUP } from "./entities.js";
import { push } from "./movement.js";
import * as tuning from "./tuning.js";

type Ray = readonly [x0: number, y0: number, x1: number, y1: number];

/** Fire the weapons of the command that are loaded, if the match allows it. */
export function fire(world: ArenaWorld, fighter: Fighter, command: ArenaCommand): void {
  if (!weaponsWork(world)) return;
  const { fields } = fighter;
  const [loaded, armed] = [fields.ammo > 0, fields.rockets > 0];
  if (command.fire && world.tick >= fields.rifle_ready && loaded) shoot(world, fighter, command);
  if (command.rocket && world.tick >= fields.rocket_ready && armed) launch(world, fighter);
}

/** Whether weapons work now; exact also where the board is some ticks old. */
function weaponsWork(world: ArenaWorld): boolean {
  const board = world.one<BoardFields>("Board")?.fields;
  if (!board) return false;
  return board.phase === PLAY || (board.phase === WARMUP && world.tick > board.phase_ends);
}

function shoot(world: ArenaWorld, fighter: Fighter, command: ArenaCommand): void {
  const { fields, owner: seat } = fighter;
  fields.rifle_ready = world.tick + tuning.RIFLE_COOLDOWN;
  fields.ammo -= world.options.pickups ? tuning.RIFLE_USES : 0;
  fields.shield_ends = 0;
  const [dx, dy] = vector(fields.aim, tuning.RIFLE_RANGE);
  const { x, y } = fields;
  let [x1, y1] = raycast(world.grids, x, y, x + dx, y + dy);
  const hit = firstHit(world, fighter, command.view, [x, y, x1, y1]);
  if (hit) {
    const reach = Math.max(1, length(x1 - x, y1 - y));
    x1 = x + div((x1 - x) * hit.distance, reach);
    y1 = y + div((y1 - y) * hit.distance, reach);
  }
  const [mx, my] = vector(fields.aim, tuning.MUZZLE);
  world.emit("Shot", { seat, x: x + mx, y: y + my, x1, y1 });
  if (!hit) return;
  const target = hit.target.owner;
  world.emit("Hit", { seat, target, damage: tuning.RIFLE_DAMAGE, x: x1, y: y1 });
  if (hit.target.fields.hp <= tuning.RIFLE_DAMAGE) {
    world.emit("Killed", { seat, target, weapon: "rifle" });
  }
}

/** The first fighter on the ray, in the world as the shooter saw it. */
function firstHit(
  world: ArenaWorld,
  fighter: Fighter,
  view: number,
  ray: Ray,
): { target: Fighter; distance: number } | null {
  let nearest: { target: Fighter; distance: number } | null = null;
  for (const ghost of world.rewound<FighterFields>(view, "Fighter")) {
    if (ghost.owner === fighter.owner || !ghost.fields.alive) continue;
    const distance = segmentCircle(ray, ghost.fields.x, ghost.fields.y, tuning.HIT_RADIUS);
    if (distance === null || (nearest && distance >= nearest.distance)) continue;
    const target = world.get(ghost.id) as Fighter | undefined;
    if (target?.type === "Fighter" && mayHurt(world, fighter, target)) {
      nearest = { target, distance };
    }
  }
  return nearest;
}

/** Whether the rules let one fighter hurt another, or itself. */
function mayHurt(world: ArenaWorld, shooter: Fighter, target: Fighter): boolean {
  if (!target.fields.alive || target.fields.shielded) return false;
  const team = shooter.fields.team;
  const same = team !== 0 && team === target.fields.team;
  return shooter === target || !same || Boolean(world.options.friendly_fire);
}

function launch(world: ArenaWorld, { fields, owner: seat }: Fighter): void {
  fields.rocket_ready = world.tick + tuning.ROCKET_COOLDOWN;
  fields.rockets -= 1;
  fields.shield_ends = 0;
  const [dx, dy] = vector(fields.aim, tuning.MUZZLE);
  const [x, y] = raycast(world.grids, fields.x, fields.y, fields.x + dx, fields.y + dy);
  world.spawn("Rocket", { x, y, angle: fields.aim, team: fields.team }, seat);
  world.emit("Launched", { seat, x, y });
}

/** Advance a rocket by one tick; it explodes at a wall or when its time is over. */
export function fly(world: ArenaWorld, rocket: Rocket): void {
  const { fields } = rocket;
  const [dx, dy] = vector(fields.angle, tuning.ROCKET_SPEED);
  const [x, y, wall] = raycast(world.grids, fields.x, fields.y, fields.x + dx, fields.y + dy);
  fields.x = x;
  fields.y = y;
  if (wall || world.tick - rocket.born >= tuning.ROCKET_TICKS) explode(world, rocket);
}

/** Let a rocket explode where it is; only the server decides whether its owner dies. */
function explode(world: ArenaWorld, rocket: Rocket): void {
  const { x, y } = rocket.fields;
  const { owner: seat, born, ordinal } = rocket;
  world.emit("Exploded", { seat, born, ordinal, x, y, direct: -1 });
  world.despawn(rocket);
  const owner = world.owned<FighterFields>(seat, "Fighter");
  const damage = owner ? blown(world, owner, x, y) : 0;
  if (!owner || !damage) return;
  owner.fields.hp = Math.max(0, owner.fields.hp - damage);
  world.emit("Hurt", { seat, target: seat, damage });
}

/** Push a fighter away from its own blast, and return the damage; 0 for none. */
function blown(world: ArenaWorld, owner: Fighter, x: number, y: number): number {
  if (!mayHurt(world, owner, owner)) return 0;
  const { fields } = owner;
  const [dx, dy] = [fields.x - x, fields.y - y];
  const near = tuning.BLAST_RADIUS - length(dx, dy);
  if (near <= 0 || !lineOfSight(world.grids, x, y, fields.x, fields.y)) return 0;
  push(fields, ...scaleTo(dx, dy, div(tuning.KNOCK * near, tuning.BLAST_RADIUS)));
  const damage = div(tuning.ROCKET_DAMAGE * near, tuning.BLAST_RADIUS);
  return div(damage * tuning.OWN_BLAST_PERCENT, 100);
}
