/** The keys that a player can change, as a list, and the sentences that tell of them. */

import { type Binding, fieldKey, runActions } from "../any/bindings.js";
import { wordOf } from "../any/looks.js";
import { t } from "../texts/index.js";
import { type Action, keyName, keyNames, keyOf, runCodes } from "./keys.js";

/** One thing that a key does. */
export interface KeyRow {
  /** By what name its key is kept. */
  readonly what: string;
  readonly label: string;
  /** Its keys; another one takes the place of all. */
  readonly codes: readonly string[];
}

const ARENA = ["up", "left", "down", "right", "dash", "rocket"] as const;
const PANELS = ["chat", "inspect", "net", "tape"] as const;

function rowOf(action: Action): KeyRow {
  return { what: action, label: t(`keys.${action}`), codes: [keyOf(action)] };
}

export function arenaRows(): KeyRow[] {
  return [...ARENA, "chat" as const, "scores" as const, ...PANELS.slice(1)].map(rowOf);
}

/** The rows of another game; without its bindings, those that every game has. */
export function anyRows(game: string, bindings: readonly Binding[] | null): KeyRow[] {
  const fields = (bindings ?? []).filter(({ kind }) => kind === "hold" || kind === "press");
  return [
    ...(bindings ? runActions(bindings) : ARENA.slice(0, 4)).map(rowOf),
    ...fields.map(({ field, keys }) => ({
      what: fieldKey(game, field),
      label: wordOf(field.name),
      codes: keys.filter((key) => !/^(Pad|Mouse)/.test(key)),
    })),
    ...PANELS.map(rowOf),
  ];
}

/** For each row that shares a key, the labels of the others. */
export function sharedKeys(rows: readonly KeyRow[]): Map<string, string[]> {
  const shared = rows.map((row): [string, string[]] => [
    row.what,
    rows
      .filter((each) => each !== row && each.codes.some((code) => row.codes.includes(code)))
      .map(({ label }) => label),
  ]);
  return new Map(shared.filter(([, others]) => others.length > 0));
}

/** What the keys do in Arena, a line each. */
export function arenaKeys(): string[] {
  return [
    t("menu.keysRun", { keys: runNames() }),
    t("menu.keysAim"),
    t("menu.keysRocket", { key: keyName(keyOf("rocket")) }),
    t("menu.keysDash", { key: keyName(keyOf("dash")) }),
    t("menu.keysChat", { ...commonKeys(), scores: keyName(keyOf("scores")) }),
  ];
}

/** The names of the keys that every game has, for a sentence. */
export function commonKeys(): Record<"chat" | "inspect" | "net", string> {
  const name = (action: Action) => keyName(keyOf(action));
  return { chat: name("chat"), inspect: name("inspect"), net: name("net") };
}

export function runNames(): string {
  return keyNames(runCodes());
}
