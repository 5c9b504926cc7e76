/** A clock that tests move, and a server behind a WebSocket that never leaves the process. */

import type { Clock } from "../../src/clock.js";
import type { WebSocketLike } from "../../src/links/link.js";
import { pack } from "../../src/wire/pack.js";
import { KIND, PROTOCOL_VERSION } from "../../src/wire/tables.js";
import { decodeClient } from "./from_client.js";

export class FakeClock implements Clock {
  private time = 1000;
  private timers: { at: number; call: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(seconds: number, call: () => void): () => void {
    const timer = { at: this.time + seconds, call };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Let time pass; what is due is called at its time, with all that follows from it. */
  async pass(seconds: number): Promise<void> {
    const end = this.time + seconds;
    await settled();
    for (;;) {
      const [first] = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!first) break;
      this.timers = this.timers.filter((timer) => timer !== first);
      this.time = Math.max(this.time, first.at);
      first.call();
      await settled();
    }
    this.time = end;
  }
}

/** Let all promises that are ready go on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export const TOKEN = (n: number) => new Uint8Array(16).fill(n);

export const WELCOME = {
  version: PROTOCOL_VERSION,
  server: "fake 1.0",
  player_id: "p-ann",
  player_name: "Ann",
  token: TOKEN(1),
  resumed: false,
  epoch: 1,
  game: "skirmish",
  heartbeat_s: 5,
  resume_grace_s: 60,
  limits: { message_bytes: 4096, requests_per_s: 20, chat_chars: 300, name_chars: 20 },
  minor: 2,
};

/** One connection on the server's side. */
export class FakeSocket implements WebSocketLike {
  binaryType = "";
  readyState = 0;
  bufferedAmount = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown } & never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: { code: number; reason: string } & never) => void) | null = null;
  /** What the client said, as arrays. */
  readonly heard: unknown[][] = [];
  /** Bytes of messages in both directions. */
  bytesIn = 0;
  bytesOut = 0;
  /** Whether the client ended it. */
  closed = false;

  constructor(private readonly server: FakeServer) {
    server.sockets.push(this);
    queueMicrotask(() => {
      if (server.mode === "open") this.onopen?.({} as never);
      if (server.mode === "refuse") this.onerror?.({ message: "refused" } as never);
    });
  }

  send(data: Uint8Array): void {
    this.bytesIn += data.length;
    for (const { row } of decodeClient(data)) {
      this.heard.push(row);
      queueMicrotask(() => this.server.answers(this, row));
    }
  }

  close(): void {
    this.closed = true;
    queueMicrotask(() => this.break(1000));
  }

  /** Say one message or more, in one frame. */
  say(...rows: unknown[]): void {
    const bytes = Buffer.concat(rows.map((row) => pack(row)));
    const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    this.bytesOut += data.byteLength;
    this.onmessage?.({ data } as never);
  }

  /** The connection breaks. */
  break(code = 1006, reason = ""): void {
    this.onclose?.({ code, reason } as never);
  }

  /** The id of the first request of this name. */
  idOf(name: string): number {
    return this.requests(name)[0]![0];
  }

  /** Requests that the client made, as `[id, name, fields]`. */
  requests(name: string): [number, string, Record<string, unknown>][] {
    return this.heard
      .filter((row) => row[0] === KIND.request && row[2] === name)
      .map((row) => row.slice(1) as [number, string, Record<string, unknown>]);
  }
}

/** Answers hellos and pings; all else is up to the test. */
export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  mode: "open" | "refuse" | "silent" = "open";
  /** What the next hello is answered with; null for nothing. */
  welcome: object | null = WELCOME;
  readonly WebSocket: new (
    url: string,
    protocol: string,
  ) => FakeSocket;

  constructor() {
    const server = this;
    this.WebSocket = class extends FakeSocket {
      constructor() {
        super(server);
      }
    };
  }

  get last(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  answers(socket: FakeSocket, row: unknown[]): void {
    if (row[0] === KIND.hello && this.welcome) socket.say([KIND.welcome, this.welcome]);
    if (row[0] === KIND.ping) socket.say([KIND.pong, row[1], 1]);
  }
}
