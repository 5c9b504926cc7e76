/** Arena's rules for one seat, integer for integer those of the server: `PredictedGame` of Arena. */

import type { HeldCommand, PredictedGame } from "../predict/game.js";
import type { Emitted, PredictedWorld } from "../predict/world.js";
import {
  type ArenaCommand,
  type ArenaWorld,
  type BoardFields,
  DEFAULTS,
  type FighterFields,
  OVER,
  type RocketFields,
} from "./entities.js";
import { move } from "./movement.js";
import { take } from "./pickups.js";
import { fire, fly } from "./weapons.js";

export * from "./entities.js";

/** Advance a seat's fighter and its rockets by one tick. */
function predict(state: PredictedWorld, seat: number, held: HeldCommand): void {
  const world = state as ArenaWorld;
  const command = held as ArenaCommand;
  const board = world.one<BoardFields>("Board");
  if (!board || board.fields.phase === OVER) return;
  // In the order of their launches: the ids of the last ones are not known yet.
  const rockets = world.all<RocketFields>("Rocket").filter(({ owner }) => owner === seat);
  rockets.sort((a, b) => a.born - b.born || a.ordinal - b.ordinal);
  for (const rocket of rockets) fly(world, rocket);
  const fighter = world.owned<FighterFields>(seat, "Fighter");
  if (!fighter?.fields.alive) return;
  move(world, fighter, command);
  fire(world, fighter, command);
  fighter.fields.shielded = world.tick < fighter.fields.shield_ends;
  take(world, fighter);
}

/** Events between two seats, of which both are told on arrival. */
const INJURIES = ["Hit", "Hurt", "Killed"];

export const arena: PredictedGame = {
  predict,
  defaults: DEFAULTS,
  rewindable: ["Fighter"],
  compared: {
    Shot: ["seat"],
    Hit: ["seat", "target"],
    Hurt: ["seat", "target"],
    Launched: ["seat"],
    Exploded: ["seat", "born", "ordinal"],
    PickedUp: ["seat", "pickup"],
    Dashed: ["seat"],
    Spawned: ["seat"],
  },
  shownAtOnce({ type, fields }: Emitted, seat: number): boolean {
    return fields.seat === seat || (INJURIES.includes(type) && fields.target === seat);
  },
};
