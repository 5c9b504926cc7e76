/** Pick-ups: health, ammunition, rockets, haste. */

import type { ArenaWorld, Fighter, FighterFields, PickupFields } from "./entities.js";
import * as tuning from "./tuning.js";

/** Let a living fighter take the useful pick-ups in reach. */
export function take(world: ArenaWorld, { owner: seat, fields }: Fighter): void {
  for (const { id, fields: pickup } of world.all<PickupFields>("Pickup")) {
    if (!pickup.ready) continue;
    const [dx, dy] = [pickup.x - fields.x, pickup.y - fields.y];
    if (dx * dx + dy * dy > tuning.PICKUP_REACH ** 2) continue;
    if (!give(world, fields, pickup.kind)) continue;
    pickup.ready = false;
    pickup.returns = world.tick + tuning.PICKUP_RETURNS[pickup.kind]!;
    world.emit("PickedUp", { seat, pickup: id, kind: pickup.kind });
  }
}

/** Give a fighter what is in a pick-up; tell whether it has a use for it. */
function give(world: ArenaWorld, fields: FighterFields, kind: string): boolean {
  const before = { ...fields };
  switch (kind) {
    case "health":
      fields.hp = Math.min(tuning.MAX_HEALTH, fields.hp + tuning.GIVES_HEALTH);
      return fields.hp > before.hp;
    case "ammo":
      fields.ammo = Math.min(tuning.MAX_AMMO, fields.ammo + tuning.GIVES_AMMO);
      return fields.ammo > before.ammo;
    case "rockets":
      fields.rockets = Math.min(tuning.MAX_ROCKETS, fields.rockets + tuning.GIVES_ROCKETS);
      return fields.rockets > before.rockets;
    default:
      fields.haste_ends = world.tick + tuning.HASTE_TICKS;
      return true;
  }
}
