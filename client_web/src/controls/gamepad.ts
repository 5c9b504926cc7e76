/** The first gamepad of the standard layout, as every browser names sticks and buttons. */

import type { Push } from "./controls.js";

const DEAD = 0.25;
const AIM = 0.5;
const PULLED = 0.3;
/** Buttons of the standard layout by their numbers; those without a name are not used. */
const NAMES: Readonly<Record<number, string>> = {
  0: "PadSouth",
  1: "PadEast",
  2: "PadWest",
  3: "PadNorth",
  4: "PadL1",
  5: "PadR1",
  6: "PadL2",
  7: "PadR2",
  12: "PadUp",
  13: "PadDown",
  14: "PadLeft",
  15: "PadRight",
};

export interface Pad {
  readonly run: Push;
  readonly aim: Push;
  /** Names of the buttons that are held. */
  readonly down: ReadonlySet<string>;
  readonly fire: boolean;
  /** Pressed since the last call. */
  readonly rocket: boolean;
  readonly dash: boolean;
  /** Whether anything of it is held. */
  readonly used: boolean;
}

let before = { rocket: false, dash: false };

export function readPad(): Pad | null {
  const pad = navigator
    .getGamepads?.()
    .find((each) => each?.connected && each.mapping === "standard");
  if (!pad) return null;
  const held = pad.buttons.flatMap(({ value }, n) => (value > PULLED ? (NAMES[n] ?? []) : []));
  const down = new Set(held);
  const holds = (...buttons: string[]) => buttons.some((each) => down.has(each));
  const run = stick(pad.axes[0], pad.axes[1], DEAD);
  run.x += Number(holds("PadRight")) - Number(holds("PadLeft"));
  run.y += Number(holds("PadDown")) - Number(holds("PadUp"));
  const aim = stick(pad.axes[2], pad.axes[3], AIM);
  const now = {
    rocket: holds("PadL2", "PadR1", "PadWest"),
    dash: holds("PadSouth", "PadL1"),
  };
  const fire = holds("PadR2");
  const found = {
    run,
    aim,
    down,
    fire,
    rocket: now.rocket && !before.rocket,
    dash: now.dash && !before.dash,
    used: Boolean(run.x || run.y || aim.x || aim.y || fire || now.rocket || now.dash),
  };
  before = now;
  return found;
}

function stick(x = 0, y = 0, dead: number): Push {
  return Math.hypot(x, y) < dead ? { x: 0, y: 0 } : { x, y };
}
