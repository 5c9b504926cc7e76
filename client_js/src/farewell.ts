/** Why a connection ended, and whether to reconnect. The first reason counts. */

import type { OfflineCause } from "./status.js";
import { shown } from "./text.js";
import { type Code, ENUMS, type Goodbye } from "./wire/tables.js";

export const LOST = "the connection was lost";

/**
 * Codes of goodbyes after which the client reconnects even without `retry_after_s`. Its hello is
 * expected no more if the page was blocked for seconds, or the line was: the next one is in time.
 */
const COMES_BACK: readonly Code[] = [
  "server_stopping",
  "server_full",
  "rate_limited",
  "hello_expected",
];

const CAUSES: Partial<Record<Code, OfflineCause>> = {
  server_stopping: "stopping",
  server_full: "full",
  server_busy: "full",
  rate_limited: "full",
};

export interface Farewell {
  readonly sentence: string;
  readonly code: Code | null;
  readonly cause: OfflineCause;
  readonly retryAfterS: number | null;
  /** Whether the client must not reconnect. */
  readonly final: boolean;
  /** Reconnect without waiting: the server is there, but did not know the session. */
  readonly atOnce: boolean;
}

export function farewell(sentence: string, more: Partial<Farewell> = {}): Farewell {
  return {
    sentence: shown(sentence),
    code: null,
    cause: "lost",
    retryAfterS: null,
    final: false,
    atOnce: false,
    ...more,
  };
}

/** Translate a server's goodbye. */
export function farewellOf(goodbye: Goodbye): Farewell {
  const code = knownCode(goodbye.code);
  const comesBack = goodbye.retry_after_s !== null || COMES_BACK.includes(code);
  const sentence =
    code === "version_unsupported"
      ? `Server and client speak different versions; update the older side (${goodbye.sentence}).`
      : goodbye.sentence;
  return farewell(sentence, {
    code,
    cause: CAUSES[code] ?? "refused",
    retryAfterS: goodbye.retry_after_s,
    final: !comesBack,
  });
}

/** Return a server's code; one that only a newer server knows becomes `internal`. */
export function knownCode(code: string): Code {
  return ENUMS.Code!.includes(code) ? (code as Code) : "internal";
}

/** Return a reason as a whole sentence: with a capital letter and a full stop. */
export function plainSentence(text: string): string {
  const plain = text.trim() || LOST;
  return plain[0]!.toUpperCase() + plain.slice(1) + (/[.!?]$/.test(plain) ? "" : ".");
}
