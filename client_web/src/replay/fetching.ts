/**
 * Fetch what a server has of matches that are over: their list, and the film of one.
 *
 * Law: a page that was left fetches nothing more; the server's waits are kept.
 */

import { type Client, RequestError } from "gameserver-client";
import { Film } from "gameserver-client/film";
import { sentence } from "../store.js";
import { t } from "../texts/index.js";

const BASE = "/api/v1/replays";
const PART_BYTES = 4 << 20;
const MOST_BYTES = 64 << 20;
/** The page waits by itself so long and no longer. */
const LONGEST_WAIT_S = 30;
/** The status of a film that the server makes now. */
const PREPARING = 202;

/** One match of the list; see `/api/v1/docs`. */
export interface PlayedMatch {
  readonly match_id: string;
  readonly began_ms: number;
  readonly map: string;
  readonly mode: string;
  readonly seconds: number;
  readonly players: readonly string[];
  readonly bots: number;
  readonly reason: string;
  readonly winner: string;
  readonly team_scores: readonly number[];
}

export async function listReplays(
  client: Client,
  signal: AbortSignal,
): Promise<readonly PlayedMatch[]> {
  const answer = await ask(client, BASE, signal);
  const { matches, given } = (await answer.json()) as { matches: PlayedMatch[]; given: boolean };
  if (!given) throw new RequestError("match.not_recorded", "this server gives out no replays");
  return matches;
}

/** Return a film; the server makes it first if nobody has asked for it before. */
export async function fetchFilm(
  client: Client,
  matchId: string,
  told: (got: number, size: number) => void,
  signal: AbortSignal,
): Promise<Film> {
  const address = `${BASE}/${encodeURIComponent(matchId)}/film`;
  let tag = "";
  let whole = new Uint8Array();
  for (let got = 0; got === 0 || got < whole.length; ) {
    const range = `bytes=${got}-${got + PART_BYTES - 1}`;
    const answer = await ask(client, address, signal, { Range: range });
    const part = new Uint8Array(await answer.arrayBuffer());
    const size = Number(answer.headers.get("Content-Range")?.split("/")[1] ?? part.length);
    if (got === 0) {
      if (!(size <= MOST_BYTES)) throw new RequestError("too_large", "the replay is too long");
      tag = answer.headers.get("ETag") ?? "";
      whole = new Uint8Array(size);
    } else if (size !== whole.length || tag !== answer.headers.get("ETag")) {
      throw new RequestError("match.not_kept", "the replay has changed; try again");
    }
    if (!part.length || got + part.length > size) {
      throw new RequestError("match.not_kept", "the replay came in part only");
    }
    whole.set(part, got);
    got += part.length;
    told(got, size);
  }
  return new Film(whole);
}

/** Ask until there is an answer: while the server has too much to do, it tells how long to wait. */
async function ask(
  client: Client,
  address: string,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response> {
  for (;;) {
    const Authorization = `Bearer ${textOf(client.token)}`;
    const answer = await fetch(address, { headers: { ...headers, Authorization }, signal });
    if (answer.ok && answer.status !== PREPARING) return answer;
    if (!answer.ok) {
      const told = (await answer.json().catch(() => ({}))) as Partial<Problem>;
      const { code = "internal", detail = answer.statusText, details = {} } = told;
      const waits = code === "rate_limited" && waitOf(answer) <= LONGEST_WAIT_S;
      if (!waits)
        throw new RequestError(code, detail, { retry_after_s: waitOf(answer), ...details });
    }
    await new Promise((done) => setTimeout(done, 1000 * waitOf(answer)));
    signal.throwIfAborted();
  }
}

/** What the server says of a refusal (RFC 9457). */
interface Problem {
  code: string;
  detail: string;
  details: Record<string, unknown>;
}

function waitOf(answer: Response): number {
  return Number(answer.headers.get("Retry-After")) || 1;
}

/** A token as headers have it: base64 for addresses, without padding. */
function textOf(token: Uint8Array): string {
  const text = btoa(String.fromCharCode(...token));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Why there is no replay, as a sentence. */
export function troubleOf(error: unknown): string {
  if (error instanceof RequestError) {
    if (error.code === "match.not_recorded") return t("replay.refused");
    if (error.code === "match.not_kept") {
      return t(error.details.reason === "too_slow" ? "replay.tooSlow" : "replay.gone");
    }
    if (error.code === "rate_limited") {
      const minutes = Math.ceil(Number(error.details.retry_after_s ?? 60) / 60);
      return t("replay.later", { minutes });
    }
    if (error.code === "forbidden") return t("replay.forbidden");
  }
  return sentence(error);
}
