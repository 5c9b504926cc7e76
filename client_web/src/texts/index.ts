/** The texts in the language of the player: chosen in the menu, else the browser's. */

import { de } from "./de.js";
import { deWords } from "./dewords.js";
import { en, type TextKey, type Texts } from "./en.js";

export type { TextKey } from "./en.js";

interface Language {
  readonly name: string;
  readonly texts: Texts;
  /** Texts of games in this language, by their own. */
  readonly words: Readonly<Record<string, string>>;
}

export const LANGUAGES: Readonly<Record<string, Language>> = {
  en: { name: "English", texts: en, words: {} },
  de: { name: "Deutsch", texts: de, words: deWords },
};

const KEPT = "gameserver.language";

let current = localStorage.getItem(KEPT) ?? navigator.language.slice(0, 2);
if (!LANGUAGES[current]) current = "en";
document.documentElement.lang = current;

export function language(): string {
  return current;
}

export function speak(chosen: string): void {
  if (!LANGUAGES[chosen]) return;
  current = chosen;
  localStorage.setItem(KEPT, chosen);
  document.documentElement.lang = chosen;
}

/** The text of a key, with its `{names}` filled in. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const text: string = LANGUAGES[current]!.texts[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The text of a key that a name of the server makes, or the server's own word. */
export function named(group: "mode" | "level" | "weapon", name: string, other = name): string {
  const key = `${group}.${name}`;
  return isText(key) ? t(key) : worded(other);
}

export function isText(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

/** A text that a game gives, such as the label of an option: translated if this page knows it. */
export function worded(text: string): string {
  const { words } = LANGUAGES[current]!;
  return Object.hasOwn(words, text) ? words[text]! : text;
}

/** A number as its place: 1st, 2nd. */
export function ordinal(number: number): string {
  if (current === "de") return `${number}.`;
  const teen = [11, 12, 13].includes(number % 100);
  const ending = teen ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[number % 10] ?? "th");
  return `${number}${ending}`;
}
