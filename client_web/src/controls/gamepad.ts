/** The first gamepad of the standard layout, as every browser names sticks and buttons. */

import type { Push } from "./controls.js";

const DEAD = 0.25;
const AIM = 0.5;
const PULLED = 0.3;
/** Buttons of the standard layout. */
const [SOUTH, WEST, LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_TRIGGER, RIGHT_TRIGGER] = [
  0, 2, 4, 5, 6, 7,
];
const [UP, DOWN, LEFT, RIGHT] = [12, 13, 14, 15];

export interface Pad {
  readonly run: Push;
  readonly aim: Push;
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
  const down = (...buttons: number[]) =>
    buttons.some((each) => (pad.buttons[each]?.value ?? 0) > PULLED);
  const run = stick(pad.axes[0], pad.axes[1], DEAD);
  run.x += Number(down(RIGHT)) - Number(down(LEFT));
  run.y += Number(down(DOWN)) - Number(down(UP));
  const aim = stick(pad.axes[2], pad.axes[3], AIM);
  const now = {
    rocket: down(LEFT_TRIGGER, RIGHT_SHOULDER, WEST),
    dash: down(SOUTH, LEFT_SHOULDER),
  };
  const fire = down(RIGHT_TRIGGER);
  const found = {
    run,
    aim,
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
