/**
 * Pack what this client had of a section in the last ticks, for a server that asks for it.
 *
 * Law: a server may ask only behind a wrong checksum, and for `MOST_BYTES` at most.
 */

import { deflated } from "../deflate.js";
import { ProtocolError } from "../errors.js";
import type { Answer, Settle } from "../session.js";
import { pack } from "../wire/pack.js";
import type { DesyncNoted, ReportDesyncParams, SendViewParams } from "../wire/tables.js";
import { bodyOfWorld } from "./keyed.js";
import type { World } from "./reader.js";

/** Bytes of a view in one message, of which a server takes 4 KiB. */
export const PART_BYTES = 2048;
/** Most bytes of a view that are sent, whatever a server asks for. */
export const MOST_BYTES = 64 * 1024;

/** What this client had of a section when its checksum was wrong. */
export interface Seen {
  readonly report: ReportDesyncParams;
  readonly seat: number;
  /** Its last worlds, oldest first. */
  readonly worlds: readonly World[];
  /** The section itself; null if it could not be decoded. */
  readonly present: Uint8Array | null;
}

export interface AsksMatch {
  ask(name: "match.desync", params: ReportDesyncParams, settle: Settle): unknown;
  ask(name: "match.view", params: SendViewParams, settle: Settle): unknown;
}

/** Sends one view at a time, part by part, each when the one before has been taken. */
export class ViewSender {
  private busy = false;

  constructor(private readonly reach: AsksMatch) {}

  /** Report a wrong checksum, and send the view if the server wants it. */
  report(seen: Seen): void {
    this.reach.ask("match.desync", seen.report, (answer) => void this.noted(seen, answer));
  }

  private async noted(seen: Seen, answer: Answer | null): Promise<void> {
    if (answer?.kind !== "result" || this.busy) return;
    const wanted = (answer.result as DesyncNoted).view_bytes;
    if (wanted <= 0) return;
    this.busy = true;
    const data = await packed(seen, Math.min(wanted, MOST_BYTES));
    if (data.length) this.send(seen, data, 0);
    else this.busy = false;
  }

  private send(seen: Seen, data: Uint8Array, offset: number): void {
    const end = offset + PART_BYTES;
    const last = end >= data.length;
    const { match_id } = seen.report;
    const part = { match_id, offset, data: data.subarray(offset, end), last };
    this.reach.ask("match.view", part, (answer) => {
      if (!last && answer?.kind === "result") this.send(seen, data, end);
      else this.busy = false;
    });
  }
}

/**
 * Return the ticks, or the last half or quarter and so on of them, in `most` bytes; nothing if not
 * even the last tick fits.
 */
export async function packed(seen: Seen, most: number): Promise<Uint8Array> {
  let ticks = ticksOf(seen);
  while (ticks.length) {
    const data = await deflated(pack(ticks));
    if (data.length <= most) return data;
    ticks = ticks.slice(Math.floor((ticks.length + 1) / 2));
  }
  return new Uint8Array();
}

function ticksOf({ report, seat, worlds, present }: Seen): [tick: number, body: Uint8Array][] {
  const { section, tick: last } = report;
  let made: [number, Uint8Array][] = [];
  // Of these two sections both ends know which entities they have: by the world and the seat.
  const audience = section === 0 ? "public" : section === 1 ? "owner" : null;
  try {
    for (const world of audience ? worlds : []) {
      if (world.tick <= last) made.push([world.tick, bodyOfWorld(world, audience!, seat)]);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    made = []; // values that no honest server sends
  }
  if (present && made.at(-1)?.[0] !== last) made.push([last, present]);
  return made;
}
