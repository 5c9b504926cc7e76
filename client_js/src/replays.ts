/**
 * Fetch the replay of a match that is over, page by page.
 *
 * Law: a server is not trusted with sizes or the number of pages. The bytes are those of the file
 * whose digest was announced, or there are none.
 */

import type { Client } from "./client.js";
import { pause, realClock } from "./clock.js";
import { ConnectionLostError, RequestError } from "./errors.js";
import { joined } from "./wire/pack.js";
import type { ReplayPage } from "./wire/tables.js";

/** Largest file that is fetched, unless the caller says otherwise. */
const MOST_BYTES = 256 * 1024 * 1024;
const WAIT_S = 1;
const LONGEST_WAIT_S = 60;
/** How often a fetch begins: a journal that is compressed meanwhile is another file. */
const STARTS = 3;

export interface ReplayOptions {
  /** Called with the bytes that have come and the bytes of the whole file. */
  progress?: (got: number, size: number) => void;
  /** A larger file is not fetched. */
  mostBytes?: number;
}

/** What is needed of a `Client`. */
export type AsksReplays = Pick<Client, "request">;

/**
 * Return the journal of a match that is over, in which this player had a seat, as the file that
 * `gameserver replay` and the pygame client open.
 *
 * Rejects with `RequestError` (`match.running`, `match.not_kept`, `match.not_recorded`, `forbidden`;
 * `too_large` above `mostBytes`), and as `Client.request` does. `ConnectionLostError` also tells that
 * what came is not the file that was announced.
 */
export async function fetchReplay(
  client: AsksReplays,
  matchId: string,
  options: ReplayOptions = {},
): Promise<Uint8Array> {
  for (let start = 0; start < STARTS; start++) {
    const found = await attempt(client, matchId, options);
    if (found !== null) return found;
  }
  throw new ConnectionLostError("what came of the replay is not the file that was announced");
}

async function attempt(
  client: AsksReplays,
  matchId: string,
  options: ReplayOptions,
): Promise<Uint8Array | null> {
  let page = await pageAt(client, matchId, 0);
  const { size, digest } = page;
  const most = options.mostBytes ?? MOST_BYTES;
  if (size > most) {
    throw new RequestError("too_large", `the replay has ${size} bytes, more than ${most}`);
  }
  if (size < 0) return null;
  const pages: Uint8Array[] = []; // memory for what has come, not for what is announced
  let got = 0;
  while (page.data.length > 0) {
    if (got + page.data.length > size) return null;
    pages.push(page.data);
    got += page.data.length;
    options.progress?.(got, size);
    if (got === size) break;
    page = await pageAt(client, matchId, got);
    if (page.size !== size || page.digest !== digest || page.offset !== got) return null;
  }
  if (got !== size) return null;
  const whole = joined(pages);
  return (await fits(whole, digest)) ? whole : null;
}

async function pageAt(client: AsksReplays, matchId: string, offset: number): Promise<ReplayPage> {
  for (;;) {
    try {
      return await client.request("match.replay", { match_id: matchId, offset });
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== "rate_limited") throw error;
      const told = error.details.retry_after_s;
      const wait = typeof told === "number" ? told : WAIT_S;
      // A wait that is no number, or none at all, must not become a flood.
      // biome-ignore lint/complexity/useMathMinMax: the larger one of NaN and a number is NaN
      await pause(realClock, Math.min(LONGEST_WAIT_S, wait > 0.05 ? wait : 0.05));
    }
  }
}

/**
 * Tell whether bytes have a digest. Browsers compute it for pages with TLS and of this machine only;
 * elsewhere nothing is checked, as whoever could change the bytes could change the digest as well.
 */
async function fits(data: Uint8Array, digest: string): Promise<boolean> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  return !subtle || (await sha256(subtle, data)) === digest;
}

async function sha256(subtle: SubtleCrypto, data: Uint8Array): Promise<string> {
  const found = await subtle.digest("SHA-256", data as Uint8Array<ArrayBuffer>);
  return [...new Uint8Array(found)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
