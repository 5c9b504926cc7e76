/**
 * A link whose messages travel in requests to `/poll`: what long polling and event streams share.
 *
 * Law: a request whose response did not come whole is sent again with its number, and the server
 * applies it once; each message of the server has a number, and counts once. So no message is lost
 * or doubled at any cut.
 */

import type { Address } from "../address.js";
import { pause } from "../clock.js";
import { ConnectionLostError, ProtocolError } from "../errors.js";
import { LOST } from "../farewell.js";
import { shown } from "../text.js";
import { pack, unpack } from "../wire/pack.js";
import { isInteger } from "../wire/shape.js";
import { BaseLink } from "./base.js";
import type { Means } from "./link.js";

/** Shortest time between the starts of two requests: messages of this time share one. */
const GAP_S = 0.05;
/** Pause before a request is sent again. */
export const RETRY_S = 0.2;
/** Time without any response, other than that of a waiting request, after which a link is lost. */
export const LOST_S = 5;
const MOST_FLYING = 2;
const MOST_MESSAGES = 32;
const QUEUED_MESSAGES = 1024;
const LEAVE_S = 1;

export interface Request {
  number: number;
  messages: Uint8Array[];
  waitMs: number;
}

/** The server refuses, or the link has ended: sending again is of no use. */
export class Refused extends ConnectionLostError {}

export abstract class ExchangeLink extends BaseLink {
  /** Number of the last message that came. */
  protected came = 0;
  /** Number of the last message that the newest request confirms. */
  protected confirmed = 0;
  protected flying = 0;
  /** Ends the requests under way. */
  protected readonly life = new AbortController();
  private readonly id: Uint8Array;
  private number = 0;
  private started: number;
  private up: Uint8Array[] = [];
  /** Whether the next request waits for the end of the gap. */
  private due = false;

  constructor(
    protected readonly address: Address,
    protected readonly means: Means,
    /** Time for which a request waits at the server. */
    private readonly waitMs: number,
  ) {
    super();
    this.id = means.randomBytes(16);
    this.started = means.clock.now() - GAP_S;
  }

  /** Whether a request is needed although there is nothing to say. */
  protected abstract wantsRequest(): boolean;

  /** Make the first request, which shows whether the server can be reached this way. */
  protected abstract first(timeoutS: number): Promise<void>;

  async open(timeoutS: number, signal: AbortSignal): Promise<this> {
    const cancel = () => this.abort();
    signal.addEventListener("abort", cancel);
    try {
      if (signal.aborted) cancel();
      await this.first(timeoutS);
    } catch (error) {
      this.abort();
      throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
    this.pump();
    return this;
  }

  send(message: Uint8Array): void {
    if (this.over) return;
    if (this.up.length >= QUEUED_MESSAGES) {
      this.abort();
      return;
    }
    this.up.push(message);
    // What is said in one go shares a request.
    if (this.up.length === 1) queueMicrotask(() => this.pump());
  }

  async close(): Promise<void> {
    if (this.over) return;
    this.over = "this side closed the connection";
    try {
      while (this.up.length) await this.post(this.next(0), LEAVE_S);
      await this.post(this.next(-1), LEAVE_S);
    } catch {
      // The server notices by the silence.
    }
    this.release();
    this.ended(this.over);
  }

  protected release(): void {
    this.life.abort();
  }

  // --- requests -----------------------------------------------------------------------------

  /** Begin a request if one is needed. */
  protected pump(): void {
    const needed = this.up.length > 0 || this.wantsRequest();
    if (this.over || this.due || !needed || this.flying >= MOST_FLYING) return;
    const { clock } = this.means;
    const wait = this.started + GAP_S - clock.now();
    if (wait > 0) {
      this.due = true;
      clock.after(wait, () => {
        this.due = false;
        this.pump();
      });
      return;
    }
    this.started = clock.now();
    this.flying += 1;
    void this.carry(this.next(this.waitMs)).finally(() => {
      this.flying -= 1;
      this.pump();
    });
    this.pump();
  }

  protected next(waitMs: number): Request {
    this.number += 1;
    return { number: this.number, messages: this.up.splice(0, MOST_MESSAGES), waitMs };
  }

  /** Send a request until it is applied, or the link ends. */
  private async carry(request: Request): Promise<void> {
    const { clock } = this.means;
    let giveUpAt = Number.POSITIVE_INFINITY;
    while (!this.over) {
      try {
        const response = await this.post(request, request.waitMs / 1000 + LOST_S);
        if (this.over || this.take(response) >= request.number) return;
        giveUpAt = Number.POSITIVE_INFINITY;
      } catch (error) {
        if (error instanceof Refused) return this.end(error.message);
        giveUpAt = Math.min(giveUpAt, clock.now() + LOST_S);
        if (clock.now() >= giveUpAt) return this.end(LOST);
      }
      await pause(clock, RETRY_S, this.life.signal);
    }
  }

  /** Send a request and return the body of its response. Rejects with `ConnectionLostError`. */
  protected async post(request: Request, timeoutS: number): Promise<Uint8Array> {
    const cut = this.cutter();
    const stop = this.means.clock.after(timeoutS, cut.now);
    try {
      return await this.whole(await this.ask(request, cut.signal));
    } finally {
      stop();
      cut.release();
    }
  }

  /** Return a signal that ends one request, with the link at the latest. */
  protected cutter(): { signal: AbortSignal; now: () => void; release: () => void } {
    const cut = new AbortController();
    const now = () => cut.abort();
    this.life.signal.addEventListener("abort", now);
    if (this.life.signal.aborted) now();
    const release = () => this.life.signal.removeEventListener("abort", now);
    return { signal: cut.signal, now, release };
  }

  /** Send a request; resolves with the head of its response. Rejects with `ConnectionLostError`. */
  protected async ask(
    { number, messages, waitMs }: Request,
    signal: AbortSignal,
    more: Record<string, string> = {},
  ): Promise<Response> {
    const body = pack([this.id, number, this.came, waitMs, messages]);
    this.confirmed = this.came;
    try {
      const response = await this.means.fetch(`${this.address.http}/poll`, {
        method: "POST",
        headers: { "content-type": "application/msgpack", ...more },
        body: body as BodyInit,
        cache: "no-store",
        credentials: "omit",
        signal,
        keepalive: waitMs < 0,
      });
      this.bytesOut += body.length;
      return response;
    } catch {
      throw new ConnectionLostError(`no whole answer from ${this.address.there}`);
    }
  }

  /** Return the whole body of a response. Rejects with `ConnectionLostError`. */
  protected async whole(response: Response): Promise<Uint8Array> {
    const { there } = this.address;
    let found: Uint8Array;
    try {
      found = new Uint8Array(await response.arrayBuffer());
    } catch {
      throw new ConnectionLostError(`no whole answer from ${there}`);
    }
    this.bytesIn += found.length;
    if (response.status !== 200) throw new Refused(refusal(there, response.status, found));
    return found;
  }

  /** Take the messages of a response; return the number of the last applied request. */
  protected take(body: Uint8Array): number {
    let fresh: Uint8Array[];
    let applied: number;
    let ending: unknown;
    try {
      const row = unpack(body) as [number, number, Uint8Array[], string | null];
      const [, first, messages] = row;
      if (!isInteger(row[0]) || !isInteger(first)) throw new ProtocolError("no numbers");
      [applied, , , ending] = row;
      fresh = messages.slice(Math.max(0, this.came + 1 - first));
      if (!fresh.every((message) => message instanceof Uint8Array)) {
        throw new ProtocolError("no messages");
      }
      this.came = Math.max(this.came, first + messages.length - 1);
    } catch {
      throw new Refused(`${this.address.there} answers, but not as a gameserver`);
    }
    for (const message of fresh) if (!this.over) this.receive(message);
    if (ending !== null) {
      this.end(`the server closed the connection: ${shown(String(ending), 200)}`);
    }
    return applied;
  }
}

function refusal(there: string, status: number, body: Uint8Array): string {
  const text = shown(sentence(new TextDecoder().decode(body)).trim().slice(0, 400), 200);
  if (status === 410) return LOST;
  return `${there} refuses (${status})${text && !text.startsWith("<") ? `: ${text}` : ""}`;
}

/** Return the sentence of a problem (RFC 9457), or the text as it is. */
function sentence(text: string): string {
  try {
    const detail = (JSON.parse(text) as { detail?: unknown } | null)?.detail;
    return typeof detail === "string" ? detail : "";
  } catch {
    return text;
  }
}
