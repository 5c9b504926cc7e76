/** The texts in the language of the player: chosen in the menu, else the browser's. */

import type { FormField } from "gameserver-client";
import { apart } from "./apart.js";
import { de } from "./de.js";
import { deSayings } from "./desayings.js";
import { deWords } from "./dewords.js";
import { en, type TextKey, type Texts } from "./en.js";
import { type Sayings, told } from "./told.js";

export type { TextKey } from "./en.js";

/** Texts of games in a language, by the game's name and the game's own text. */
export type GameWords = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Language {
  readonly name: string;
  readonly texts: Texts;
  /** What stands before the tenths of a number. */
  readonly decimal: string;
  readonly words: GameWords;
  /** Null in English, which the server speaks. */
  readonly sayings: Sayings | null;
}

export const LANGUAGES: Readonly<Record<string, Language>> = {
  en: { name: "English", decimal: ".", texts: en, words: {}, sayings: null },
  de: { name: "Deutsch", decimal: ",", texts: de, words: deWords, sayings: deSayings },
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
  const { texts, decimal } = LANGUAGES[current]!;
  const text: string = texts[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = String(values[name] ?? whole);
    return name === "seconds" ? value.replace(".", decimal) : apart(value);
  });
}

/** A lobby's title; one that the server makes of its host's name is in the language of the page. */
export function titleOf(title: string, host: string): string {
  if (title === `${host}'s lobby`) return t("lobbies.own", { name: host });
  return title === `${host}'s quick play` ? t("lobbies.ownQuick", { name: host }) : title;
}

/** The text of a key that a name of the server makes, or that name. */
export function named(group: "mode" | "level" | "weapon", name: string): string {
  const key = `${group}.${name}`;
  return isText(key) ? t(key) : name;
}

export function isText(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}

/** A text that a game gives, such as the label of an option: translated if this page knows it. */
export function worded(game: string, text: string): string {
  const { words } = LANGUAGES[current]!;
  const own = Object.hasOwn(words, game) ? words[game]! : {};
  return Object.hasOwn(own, text) ? own[text]! : text;
}

/**
 * What the server says under a code, or the SDK for a cause that a line is lost; as it is in English,
 * which both speak. `labelOf` names the fields of a form that are refused.
 */
export function sayingOf(
  code: string,
  said: string,
  details?: Readonly<Record<string, unknown>>,
  labelOf?: (field: string) => string,
): string {
  const { sayings } = LANGUAGES[current]!;
  return sayings ? told(sayings, code, said, details, labelOf) : said;
}

/** A number of a game's option with its unit; a limit of 0 is none. */
export function amountOf(game: string, field: FormField, value: number | string): string {
  const none = field.kind === "int" && field.lo === 0 && Number(value) === 0;
  if (none && /\blimit\b/i.test(field.label)) return t("create.noLimit");
  return `${value} ${worded(game, field.unit)}`.trim();
}

/** The label of one of the choices of a game's option, such as its mode. */
export function choiceOf(game: string, field: FormField | undefined, value: string): string {
  return worded(game, field?.choice_labels[field.choices.indexOf(value)] ?? value);
}

/** A number as its place: 1st, 2nd. */
export function ordinal(number: number): string {
  if (current === "de") return `${number}.`;
  const teen = [11, 12, 13].includes(number % 100);
  const ending = teen ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[number % 10] ?? "th");
  return `${number}${ending}`;
}
