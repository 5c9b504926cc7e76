/**
 * Keys, mouse and buttons for the command of any game: by what its author binds, else by the names
 * and bounds of its fields.
 *
 * Law: every field can be reached, also one whose name says nothing: presses and switches get keys
 * and buttons, all other numbers a slider.
 */

import type { CommandField } from "gameserver-client";
import { changedKey, keyNames, keyOf, RUN_ACTIONS, runCodes } from "../controls/keys.js";

/** How a field is held. */
export type Binding = { readonly field: CommandField; readonly keys: readonly string[] } & (
  | {
      /** 0 stands still, 1 is east, then clockwise. */ readonly kind: "compass";
      directions: number;
    }
  | { readonly kind: "axis"; readonly along: "x" | "y" /** -1 where up is more. */; sign: 1 | -1 }
  | { readonly kind: "angle"; readonly steps: number }
  | { /** A coordinate of what the pointer is on. */ readonly kind: "point"; along: "x" | "y" }
  | { readonly kind: "hold" }
  | { readonly kind: "press" }
  | { readonly kind: "number" }
);

const COMPASS = /^(move|dir|direction|run|walk|go|way|step)$/i;
const ALONG_X = /(^|_)(x|dx|vx|horizontal|strafe|sideways|steer|turn|rotate)$/i;
const ALONG_Y = /(^|_)(y|dy|vy|vertical)$/i;
const FORWARD = /(^|_)(forward|thrust|throttle|accelerate|speed|gas)$/i;
const ANGLE = /(^|_)(aim|angle|heading|look|facing|bearing)$/i;
const POINT = /^(point|pointer|cursor|mouse|target|at)_([xy])$/i;
const FIRE = /^(fire|shoot|attack|hit|throw|act|action|use|pick|place|click)$/i;
const JUMP = /^(jump|dash|boost|dodge)$/i;

/** Keys for what has no usual one, and buttons of a gamepad. */
const POOL = ["KeyE", "KeyQ", "KeyR", "KeyF", "KeyC", "KeyX", "KeyV", "KeyZ", "KeyG", "KeyT"];
const PAD_POOL = ["PadEast", "PadWest", "PadNorth", "PadR1", "PadL2"];
const FIRE_KEYS = ["Space", "Mouse", "PadR2", "PadSouth"];
const JUMP_KEYS = ["ShiftLeft", "PadL1"];

/** By what name the key is kept that a player has chosen for a field of a game. */
export function fieldKey(game: string, { name }: CommandField): string {
  return `${game}.${name}`;
}

/** Bind all fields of a game; keys that the player has chosen count before all others. */
export function bind(game: string, command: readonly CommandField[]): Binding[] {
  return guess(command).map((each) => {
    const chosen = changedKey(fieldKey(game, each.field));
    if (chosen === undefined || (each.kind !== "hold" && each.kind !== "press")) return each;
    return { ...each, keys: [chosen, ...each.keys.filter((key) => /^(Pad|Mouse)/.test(key))] };
  });
}

function guess(command: readonly CommandField[]): Binding[] {
  const taken = new Set([...command.flatMap(({ bound }) => bound.keys ?? []), ...runCodes()]);
  const left = (keys: readonly string[]) => keys.filter((key) => !taken.has(key));
  const [free, freePad] = [left(POOL), left(PAD_POOL)];
  let fires = false;
  return command.map((field): Binding => {
    const { name, lo, hi, edge } = field;
    const told = boundBy(field);
    if (told) return told;
    if (!edge && COMPASS.test(name) && lo === 0 && (hi === 4 || hi === 8)) {
      return { field, keys: [], kind: "compass", directions: hi };
    }
    if (!edge && ANGLE.test(name) && lo === 0 && hi >= 7) {
      return { field, keys: [], kind: "angle", steps: hi + 1 };
    }
    const point = edge ? null : POINT.exec(name);
    if (point) {
      return { field, keys: [], kind: "point", along: point[2]!.toLowerCase() as "x" | "y" };
    }
    if (!edge && lo < 0 && hi > 0) {
      if (ALONG_X.test(name)) return { field, keys: [], kind: "axis", along: "x", sign: 1 };
      if (ALONG_Y.test(name)) return { field, keys: [], kind: "axis", along: "y", sign: 1 };
      if (FORWARD.test(name)) return { field, keys: [], kind: "axis", along: "y", sign: -1 };
    }
    if (!edge && !(lo === 0 && hi === 1)) return { field, keys: [], kind: "number" };
    let keys: string[];
    if (FIRE.test(name) && !fires) {
      fires = true;
      keys = left(FIRE_KEYS);
    } else if (JUMP.test(name)) {
      keys = left(JUMP_KEYS);
    } else {
      keys = [...free.splice(0, 1), ...freePad.splice(0, 1)];
    }
    return { field, keys, kind: edge ? "press" : "hold" };
  });
}

/** What the author of the game binds to a field; null for nothing. */
function boundBy(field: CommandField): Binding | null {
  const { edge, hi, bound } = field;
  const { keys, axis, pointer } = bound;
  if (Array.isArray(keys)) return { field, keys: keys.map(String), kind: edge ? "press" : "hold" };
  if (axis === "compass") return { field, keys: [], kind: "compass", directions: hi };
  const way = /^(-?)([xy])$/.exec(axis ?? "");
  if (way) {
    const along = way[2] as "x" | "y";
    return { field, keys: [], kind: "axis", along, sign: way[1] ? -1 : 1 };
  }
  if (pointer === "angle") return { field, keys: [], kind: "angle", steps: hi + 1 };
  if (pointer === "x" || pointer === "y") {
    return { field, keys: [], kind: "point", along: pointer };
  }
  return null;
}

/** Whether a stick or the keys for directions mean anything. */
export function runs(bindings: readonly Binding[]): boolean {
  return bindings.some(({ kind }) => kind === "compass" || kind === "axis");
}

/** The actions of the directions that mean anything. */
export function runActions(bindings: readonly Binding[]): readonly (typeof RUN_ACTIONS)[number][] {
  const along = (way: "x" | "y") =>
    bindings.some(
      (each) => each.kind === "compass" || (each.kind === "axis" && each.along === way),
    );
  return RUN_ACTIONS.filter((each) => along(each === "up" || each === "down" ? "y" : "x"));
}

/** The keys for directions that mean anything. */
export function runKeys(bindings: readonly Binding[]): string {
  return keyNames(runActions(bindings).map(keyOf));
}
