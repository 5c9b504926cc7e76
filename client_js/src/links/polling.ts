/**
 * Long polling as a link, where no WebSocket passes; docs/protocol.md, "Long polling".
 *
 * Law: two requests at most are under way. One waits at the server for messages; the other is free
 * for messages of this side, and the server answers it as soon as it has something. A request whose
 * response did not come whole is sent again with its number, and the server applies it once: no
 * message is lost or doubled at any cut.
 */

import type { Address } from "../address.js";
import { pause } from "../clock.js";
import { ConnectionLostError, ProtocolError } from "../errors.js";
import { LOST } from "../farewell.js";
import { shown } from "../text.js";
import { pack, unpack } from "../wire/pack.js";
import { isInteger } from "../wire/shape.js";
import type { Link, Means, OpenLink } from "./link.js";

/** Time for which a request waits at the server; proxies allow at least 30 s. */
const WAIT_MS = 20_000;
/** Shortest time between the starts of two requests: messages of this time share one. */
const GAP_S = 0.05;
/** Pause before a request is sent again. */
const RETRY_S = 0.2;
/** Time without any response, other than that of a waiting request, after which a link is lost. */
const LOST_S = 5;
const MOST_FLYING = 2;
const MOST_MESSAGES = 32;
const QUEUED_MESSAGES = 1024;
const LEAVE_S = 1;

interface Request {
  number: number;
  messages: Uint8Array[];
  waitMs: number;
}

export const openPolling: OpenLink = async (address, timeoutS, means, signal) => {
  const link = new PollingLink(address, means);
  await link.open(timeoutS, signal);
  return link;
};

/** The server refuses, or the link has ended: sending again is of no use. */
class Refused extends ConnectionLostError {}

class PollingLink implements Link {
  readonly road = "long-polling";
  bytesIn = 0;
  bytesOut = 0;
  private readonly id: Uint8Array;
  private number = 0;
  private confirmed = 0;
  private flying = 0;
  private started: number;
  private over = "";
  private up: Uint8Array[] = [];
  private readonly early: Uint8Array[] = [];
  private receive: (message: Uint8Array) => void = (message) => this.early.push(message);
  private ended: (sentence: string) => void = () => {};
  /** Ends the requests under way. */
  private readonly life = new AbortController();
  /** Whether the next request waits for the end of the gap. */
  private due = false;

  constructor(
    private readonly address: Address,
    private readonly means: Means,
  ) {
    this.id = means.randomBytes(16);
    this.started = means.clock.now() - GAP_S;
  }

  /** Make the first request, which shows whether the server can be reached this way. */
  async open(timeoutS: number, signal: AbortSignal): Promise<void> {
    const cancel = () => this.abort();
    signal.addEventListener("abort", cancel);
    try {
      this.take(await this.post(this.next(0), timeoutS));
    } catch (error) {
      this.abort();
      throw error;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
    this.pump();
  }

  start(receive: (message: Uint8Array) => void, ended: (sentence: string) => void): void {
    this.receive = receive;
    this.ended = ended;
    for (const message of this.early.splice(0)) receive(message);
    if (this.over) ended(this.over);
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
    this.life.abort();
    this.ended(this.over);
  }

  abort(): void {
    this.lose(LOST);
  }

  private lose(sentence: string): void {
    if (this.over) return;
    this.over = sentence;
    this.life.abort();
    this.ended(sentence);
  }

  // --- requests -----------------------------------------------------------------------------

  /** Begin a request if one is needed: for messages, or because none waits at the server. */
  private pump(): void {
    const needed = this.up.length > 0 || this.flying === 0;
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
    void this.carry(this.next(WAIT_MS)).finally(() => {
      this.flying -= 1;
      this.pump();
    });
    this.pump();
  }

  private next(waitMs: number): Request {
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
        if (error instanceof Refused) return this.lose(error.message);
        giveUpAt = Math.min(giveUpAt, clock.now() + LOST_S);
        if (clock.now() >= giveUpAt) return this.lose(LOST);
      }
      await pause(clock, RETRY_S, this.life.signal);
    }
  }

  /** Send a request and return the body of its response. Rejects with `ConnectionLostError`. */
  private async post(request: Request, timeoutS: number): Promise<Uint8Array> {
    const { there, http } = this.address;
    const { number, messages, waitMs } = request;
    const body = pack([this.id, number, this.confirmed, waitMs, messages]);
    const cut = new AbortController();
    const abort = () => cut.abort();
    const stop = this.means.clock.after(timeoutS, abort);
    this.life.signal.addEventListener("abort", abort);
    if (this.life.signal.aborted) abort();
    let response: Response;
    let found: Uint8Array;
    try {
      response = await this.means.fetch(`${http}/poll`, {
        method: "POST",
        headers: { "content-type": "application/msgpack" },
        body: body as BodyInit,
        cache: "no-store",
        credentials: "omit",
        signal: cut.signal,
        keepalive: waitMs < 0,
      });
      found = new Uint8Array(await response.arrayBuffer());
    } catch {
      throw new ConnectionLostError(`no whole answer from ${there}`);
    } finally {
      stop();
      this.life.signal.removeEventListener("abort", abort);
    }
    this.bytesOut += body.length;
    this.bytesIn += found.length;
    if (response.status !== 200) throw new Refused(refusal(there, response.status, found));
    return found;
  }

  /** Take the messages of a response; return the number of the last applied request. */
  private take(body: Uint8Array): number {
    let fresh: Uint8Array[];
    let applied: number;
    let ending: unknown;
    try {
      const row = unpack(body) as [number, number, Uint8Array[], string | null];
      const [, first, messages] = row;
      if (!isInteger(row[0]) || !isInteger(first)) throw new ProtocolError("no numbers");
      [applied, , , ending] = row;
      fresh = messages.slice(Math.max(0, this.confirmed + 1 - first));
      if (!fresh.every((message) => message instanceof Uint8Array)) {
        throw new ProtocolError("no messages");
      }
      this.confirmed = Math.max(this.confirmed, first + messages.length - 1);
    } catch {
      throw new Refused(`${this.address.there} answers, but not as a gameserver`);
    }
    for (const message of fresh) if (!this.over) this.receive(message);
    if (ending !== null) {
      this.lose(`the server closed the connection: ${shown(String(ending), 200)}`);
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
