/** The server's side of long polling, as docs/protocol.md has it, behind a `fetch`. */

import { pack, unpack } from "../../src/wire/pack.js";
import type { FakeClock } from "./fakes.js";

type Body = [link: Uint8Array, number: number, confirmed: number, wait: number, said: Uint8Array[]];

export class FakePoll {
  /** Every request that came, also those that were cut. */
  readonly requests: Body[] = [];
  /** Messages in the order in which they were applied. */
  readonly heard: string[] = [];
  /** What happens to the next requests: to the way there, or to the way back. */
  readonly faults: ("lost" | "cut" | number)[] = [];
  /** Body of the responses whose status is a fault. */
  refusal = "no";
  ending: string | null = null;
  /** What becomes of event streams: an older server has none, a proxy may keep them back. */
  streams: "pass" | "kept" | "none" = "none";
  /** Number of streams that were asked for. */
  followed = 0;
  private stream: ReadableStreamDefaultController<Uint8Array> | null = null;
  private sent = 0;
  private said: Uint8Array[] = [];
  private confirmed = 0;
  private applied = 0;
  private readonly early = new Map<number, Body>();
  private release: () => void = () => {};

  constructor(private readonly clock: FakeClock) {}

  /** Say a message to the client. */
  say(text: string): void {
    this.sayBytes(new TextEncoder().encode(text));
  }

  sayBytes(message: Uint8Array): void {
    this.said.push(message);
    this.tell();
    this.release();
  }

  /** The stream breaks, in the middle of an event if there are bytes. */
  cut(piece = ""): void {
    const { stream } = this;
    this.stream = null;
    if (piece) stream?.enqueue(new TextEncoder().encode(piece));
    stream?.error(new TypeError("cut"));
  }

  beat(): void {
    this.stream?.enqueue(new TextEncoder().encode(": beat\n\n"));
  }

  end(why: string): void {
    this.ending = why;
    this.tell();
    this.release();
  }

  readonly fetch = (async (_url: string, init: RequestInit) => {
    const body = unpack(init.body as Uint8Array) as Body;
    this.requests.push(body);
    const fault = this.faults.shift();
    if (fault === "lost") throw new TypeError("failed to fetch");
    if (typeof fault === "number") return new Response(this.refusal, { status: fault });
    const [, number, confirmed, wait] = body;
    this.confirmed = Math.max(this.confirmed, confirmed);
    this.early.set(number, body);
    this.release(); // a newer request lets an older one return
    for (let next = this.applied + 1; this.early.has(next); next = this.applied + 1) {
      for (const message of this.early.get(next)![4]) {
        this.heard.push(new TextDecoder().decode(message));
      }
      this.applied = next;
    }
    if (this.streams !== "none" && new Headers(init.headers).get("accept")) {
      return this.follow(init.signal as AbortSignal);
    }
    if (this.stream) return new Response(pack([this.applied, confirmed + 1, [], null]) as BodyInit);
    if (wait > 0 && this.said.length === this.confirmed && !this.ending) {
      await this.wait(wait / 1000, init.signal as AbortSignal);
    }
    if (fault === "cut") throw new TypeError("the response was cut");
    const left = this.said.slice(this.confirmed);
    const row = [this.applied, this.confirmed + 1, left, this.ending];
    return new Response(pack(row) as BodyInit);
  }) as typeof fetch;

  private follow(signal: AbortSignal): Response {
    this.followed += 1;
    this.stream = null;
    this.sent = this.confirmed;
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        signal.addEventListener("abort", () => {
          if (this.stream === stream) this.stream = null;
          stream.error(new TypeError("aborted"));
        });
        if (this.streams === "kept") return;
        this.stream = stream;
        this.tell(true);
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  /** Send what is new, in two pieces, as a network may. */
  private tell(always = false): void {
    const left = this.said.slice(this.sent);
    if (!this.stream || !(left.length || this.ending || always)) return;
    const row = pack([this.applied, this.sent + 1, left, this.ending]);
    this.sent = this.said.length;
    const event = new TextEncoder().encode(`data: ${Buffer.from(row).toString("base64")}\n\n`);
    this.stream.enqueue(event.slice(0, 9));
    this.stream.enqueue(event.slice(9));
    if (this.ending) this.stream.close();
  }

  private wait(seconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.clock.after(seconds, resolve);
      this.release = () => {
        stop();
        resolve();
      };
      signal.addEventListener("abort", () => reject(new TypeError("aborted")));
    });
  }
}
