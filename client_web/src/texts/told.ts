/**
 * What a server or the SDK says, in the language of the page.
 *
 * Law: nothing that was said is lost. A known sentence is translated with its values. Behind an
 * unknown one of a known code stands what was said; with an unknown code, such as one of an author's
 * own, it stands alone.
 */

import type { Code, OfflineCause } from "gameserver-client";
import { apart } from "./apart.js";

export interface Sayings {
  /** What each code means, for sentences that are not known. */
  readonly codes: Readonly<Record<Code, string>>;
  /** Why there is no connection, for sentences that are not known. */
  readonly causes: Readonly<Record<OfflineCause, string>>;
  /** By the English sentence; `{name}` stands for a value. */
  readonly sentences: Readonly<Record<string, string>>;
  /** What is wrong with a field of a form, by the rest of an English sentence. */
  readonly faults: Readonly<Record<string, string>>;
  /** What stands before an operator's reason. */
  readonly reason: string;
  /** A number of seconds, or a duration, as people of this language read it. */
  readonly measure: (text: string) => string;
}

type Details = Readonly<Record<string, unknown>>;

const REASON = " Reason: ";
/** Placeholders for what is measured; all others may stand for the words of a player. */
const MEASURES = ["seconds", "time"];
/** Codes whose details name the fields that are refused. */
const OF_FIELDS: readonly string[] = ["bad_params", "lobby.bad_options"] satisfies Code[];
const patterns = new Map<string, RegExp>();

/** Translate what was said under a code, or for a cause; `labelOf` names the fields of a form. */
export function told(
  sayings: Sayings,
  code: string,
  said: string,
  details: Details = {},
  labelOf: (field: string) => string = (field) => field,
): string {
  const faults = OF_FIELDS.includes(code) ? faultsOf(sayings, details, labelOf) : "";
  if (faults) return faults;
  const [sentence = "", ...why] = said.split(REASON);
  const known = among(sayings.sentences, sentence, sayings.measure);
  if (known) return why.length ? `${known} ${sayings.reason} ${why.join(REASON)}` : known;
  const general = meaningOf(sayings, code);
  if (!general) return said;
  return said ? `${general} (${said})` : general;
}

function meaningOf({ codes, causes }: Sayings, code: string): string {
  const all: Readonly<Record<string, string>> = { ...codes, ...causes };
  return Object.hasOwn(all, code) ? all[code]! : "";
}

function faultsOf(
  sayings: Sayings,
  { fields }: Details,
  labelOf: (field: string) => string,
): string {
  if (!areFaults(fields)) return "";
  const lines = Object.entries(fields).map(([field, fault]) => {
    const known = among(sayings.faults, fault, sayings.measure);
    return `${labelOf(field)}: ${known || fault}`;
  });
  return lines.join("; ");
}

/** Whether details are of the form that this server gives them: a sentence for each field. */
function areFaults(fields: unknown): fields is Readonly<Record<string, string>> {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return false;
  return Object.values(fields).every((fault) => typeof fault === "string");
}

/** Return the translation of a sentence with its values filled in; "" of an unknown one. */
function among(
  table: Readonly<Record<string, string>>,
  sentence: string,
  measure: Sayings["measure"],
): string {
  const said = plain(sentence);
  for (const [template, translated] of Object.entries(table)) {
    const groups = patternOf(template).exec(said)?.groups;
    if (said !== plain(template) && !groups) continue;
    return translated.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = groups?.[name];
      if (value === undefined) return whole;
      return MEASURES.includes(name) ? measure(value) : apart(value);
    });
  }
  return "";
}

function patternOf(template: string): RegExp {
  const known = patterns.get(template);
  if (known) return known;
  const literal = plain(template).replace(/[.*+?^$()[\]\\|]/g, "\\$&");
  const pattern = new RegExp(`^${literal.replace(/\{(\w+)\}/g, "(?<$1>.+?)")}$`, "s");
  patterns.set(template, pattern);
  return pattern;
}

/**
 * A sentence without its first capital letter and its full stop, since the SDK may have set both, and
 * without the page that authors of clients are sent to.
 */
function plain(sentence: string): string {
  const text = sentence.replace(/; see docs\/.*$/s, "").replace(/\.$/, "");
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
