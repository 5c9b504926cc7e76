/**
 * Server-sent events and POST as a link, where no WebSocket passes; docs/protocol.md, "Event stream".
 *
 * Law: messages come as the events of one response that does not end, and go in requests of their
 * own. A stream that ends is asked for again behind the last message that came, so it is no lost
 * connection. A link is open once the first event has come: a proxy that keeps responses until they
 * end would let nothing through, and is no road.
 *
 * It is `fetch` that reads the stream: `EventSource` can send neither a body nor a header.
 */

import { pause } from "../clock.js";
import { ConnectionLostError } from "../errors.js";
import { LOST } from "../farewell.js";
import { ExchangeLink, LOST_S, RETRY_S, Refused, type Request } from "./exchange.js";
import type { OpenLink } from "./link.js";

const EVENTS = "text/event-stream";
/** Silence after which a stream is dead: the server's beats come every 5 s. */
const SILENT_S = 8;
/** Age at which a stream that ended is asked for again without a pause. */
const LONG_S = 1;
/** Time until what came is confirmed, where no message takes the word along. */
const CONFIRM_S = 1;
/** Bytes that have come since the last confirmation, above which there is one at once. */
const CONFIRM_BYTES = 32 * 1024;
/** Longest line of a stream: a response of 128 KiB in base64, and more. */
const LINE_CHARS = 4 << 20;

export const openSse: OpenLink = (address, timeoutS, means, signal) =>
  new SseLink(address, means, 0).open(timeoutS, signal);

class SseLink extends ExchangeLink {
  readonly road = "sse";
  private unconfirmedBytes = 0;
  private confirmNow = false;
  private stopConfirm: (() => void) | null = null;

  protected first(timeoutS: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.means.clock.after(timeoutS, () => {
        reject(new ConnectionLostError(`no event came from ${this.address.there}`));
        this.abort();
      });
      const opened = () => {
        stop();
        resolve();
      };
      const failed = (error: unknown) => {
        stop();
        reject(error);
      };
      this.keepFollowing(opened).then(() => failed(new ConnectionLostError(this.over)), failed);
    });
  }

  protected wantsRequest(): boolean {
    return this.confirmNow;
  }

  protected override next(waitMs: number): Request {
    this.confirmNow = false;
    this.unconfirmedBytes = 0;
    this.stopConfirm?.();
    this.stopConfirm = null;
    return super.next(waitMs);
  }

  protected override release(): void {
    super.release();
    this.stopConfirm?.();
  }

  /** Follow streams until the link ends. Rejects if the first one does not bring an event. */
  private async keepFollowing(opened: () => void): Promise<void> {
    const { clock } = this.means;
    let isOpen = false;
    let giveUpAt = clock.now() + LOST_S;
    let request = this.next(0);
    while (!this.over) {
      const began = clock.now();
      let applied = 0;
      try {
        await this.follow(request, (number) => {
          applied = number;
          isOpen = true;
          opened();
        });
      } catch (error) {
        if (!isOpen) throw error;
        if (error instanceof Refused) return this.end(error.message);
      }
      const now = clock.now();
      if (applied) giveUpAt = now + LOST_S;
      else if (now >= giveUpAt) return this.end(LOST);
      if (applied >= request.number) request = this.next(0);
      if (now - began < LONG_S) await pause(clock, RETRY_S, this.life.signal);
    }
  }

  /** Read one stream to its end. Rejects with `ConnectionLostError` where there is none. */
  private async follow(request: Request, applied: (number: number) => void): Promise<void> {
    const { clock } = this.means;
    const cut = this.cutter();
    let stop = clock.after(LOST_S, cut.now);
    try {
      const response = await this.ask(request, cut.signal, { accept: EVENTS });
      const kind = response.headers.get("content-type") ?? "";
      if (response.status !== 200 || !kind.startsWith(EVENTS) || !response.body) {
        const body = await this.whole(response);
        this.take(body); // a full server says so
        throw new Refused(this.over || `${this.address.there} has no event streams`);
      }
      const events = new EventLines();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
        stop();
        if (done || !value) return;
        stop = clock.after(SILENT_S, cut.now);
        this.bytesIn += value.length;
        for (const data of events.feed(value)) {
          const before = this.came;
          applied(this.take(data));
          if (this.came > before) this.confirmSoon(data.length);
        }
      }
    } finally {
      stop();
      cut.release();
      cut.now();
    }
  }

  private confirmSoon(bytes: number): void {
    this.unconfirmedBytes += bytes;
    const confirm = () => {
      this.stopConfirm = null;
      this.confirmNow = this.came > this.confirmed;
      this.pump();
    };
    if (this.unconfirmedBytes > CONFIRM_BYTES) confirm();
    else this.stopConfirm ??= this.means.clock.after(CONFIRM_S, confirm);
  }
}

/** Finds the data of events in a stream that comes in pieces. */
class EventLines {
  private readonly decoder = new TextDecoder();
  private rest = "";

  /** Return the data of the events that are whole with this piece. Throws if it is no such stream. */
  feed(piece: Uint8Array): Uint8Array[] {
    const lines = (this.rest + this.decoder.decode(piece, { stream: true })).split("\n");
    this.rest = lines.pop() ?? "";
    if (this.rest.length > LINE_CHARS) throw new Refused("the server's events are too long");
    // Each event of the server has one line of data.
    return lines.filter((line) => line.startsWith("data: ")).map((line) => bytesOf(line.slice(6)));
  }
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64.trim()), (char) => char.charCodeAt(0));
  } catch {
    throw new Refused("the server's events are no base64");
  }
}
