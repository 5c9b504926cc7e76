/**
 * The keys of a match: the usual ones, and those that the player has changed.
 *
 * Law: a key is a place on the keyboard (`KeyboardEvent.code`), the same in every layout; the layout
 * decides only by which name it is shown. What is kept may hold anything: what is no key is not used.
 */

import { en, type TextKey } from "../texts/en.js";
import { t } from "../texts/index.js";

const KEPT = "gameserver.keys";

/** What keys do in a match of any game, and in Arena; their usual keys. */
const USUAL = {
  up: "KeyW",
  left: "KeyA",
  down: "KeyS",
  right: "KeyD",
  dash: "ShiftLeft",
  rocket: "Space",
  chat: "Enter",
  scores: "Tab",
  inspect: "F2",
  net: "F3",
  tape: "F8",
} as const;

export type Action = keyof typeof USUAL;

export const RUN_ACTIONS = ["up", "left", "down", "right"] as const;

const ARROWS: Readonly<Record<string, (typeof RUN_ACTIONS)[number]>> = {
  ArrowUp: "up",
  ArrowLeft: "left",
  ArrowDown: "down",
  ArrowRight: "right",
};
const WAYS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  up: [0, -1],
  left: [-1, 0],
  down: [0, 1],
  right: [1, 0],
};
const CODE = /^[A-Z][A-Za-z0-9]{0,30}$/;
/** Keys that the browser or the system has a use for, and the one that always opens the menu. */
const FOREIGN =
  /^(Escape|(Control|Alt|Meta|OS)(Left|Right)?|F5|F11|F12|ContextMenu|CapsLock|PrintScreen|Unidentified)$/;

/** Keys that the player has changed, by what they do: an `Action`, or `GAME.FIELD` of another game. */
let changed = read();

function read(): ReadonlyMap<string, string> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    const pairs = Object.entries(found as object).filter(
      (pair): pair is [string, string] => typeof pair[1] === "string" && mayBe(pair[1]),
    );
    return new Map(pairs);
  } catch {
    return new Map();
  }
}

/** Whether a key can be bound. */
export function mayBe(code: string): boolean {
  return CODE.test(code) && !FOREIGN.test(code);
}

/** The key of an action. */
export function keyOf(action: Action): string {
  return changed.get(action) ?? USUAL[action];
}

/** The key that the player has chosen, by what it does; undefined while it is the usual one. */
export function changedKey(what: string): string | undefined {
  return changed.get(what);
}

export function isKey(action: Action, { code }: KeyboardEvent): boolean {
  return (code === "NumpadEnter" ? "Enter" : code) === keyOf(action);
}

export function changeKey(what: string, code: string): void {
  const usual = (USUAL as Readonly<Record<string, string>>)[what];
  const now = new Map(changed);
  if (code === usual) now.delete(what);
  else now.set(what, code);
  keep(now);
}

/** Give these the usual keys again. */
export function resetKeys(these: readonly string[]): void {
  const now = new Map(changed);
  for (const what of these) now.delete(what);
  keep(now);
}

function keep(now: ReadonlyMap<string, string>): void {
  changed = now;
  localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(now)));
}

/** The keys of all directions. */
export function runCodes(): string[] {
  return RUN_ACTIONS.map(keyOf);
}

/** Where a key runs to; null for one that does not. An arrow runs unless the player uses it. */
export function wayOf(code: string): readonly [x: number, y: number] | null {
  const action = RUN_ACTIONS.find((each) => keyOf(each) === code);
  if (action) return WAYS[action]!;
  const arrow = ARROWS[code];
  return arrow && ![...changed.values()].includes(code) ? WAYS[arrow]! : null;
}

/** Names of keys in the player's layout, as far as they are known. */
const names = new Map<string, string>();

/** Learn how a key is named from its press. */
export function learnKey({ code, key, shiftKey, altKey }: KeyboardEvent): void {
  if (!shiftKey && !altKey && [...key].length === 1 && key.trim()) names.set(code, key);
}

interface LayoutMap {
  forEach(each: (key: string, code: string) => void): void;
}

/** Ask the browser for the names of all keys, where it tells them. */
export async function learnLayout(): Promise<void> {
  const { keyboard } = navigator as { keyboard?: { getLayoutMap?: () => Promise<LayoutMap> } };
  try {
    const map = await keyboard?.getLayoutMap?.();
    map?.forEach((key, code) => {
      names.set(code, key);
    });
  } catch {
    // A page within another one is not told: keys have the names of the US layout.
  }
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};

/** The name of a key for people. */
export function keyName(code: string): string {
  const named = SIGNS[code] ?? names.get(code)?.toUpperCase();
  if (named) return named;
  const word = `key.${code}`;
  if (word in en) return t(word as TextKey);
  return code.replace(/^(Key|Digit)/, "").replace(/(?<=[a-z])(?=[A-Z0-9])/g, " ");
}

/** The names of keys, without the buttons of a gamepad. */
export function keyNames(codes: readonly string[]): string {
  return codes
    .filter((code) => !code.startsWith("Pad"))
    .map(keyName)
    .join(" ");
}
