/**
 * One connection to the server, whatever carries it.
 *
 * Law: messages arrive whole, once and in order, in both directions, until the link ends. It ends
 * once; what it had received before is handed on first.
 */

import type { Address } from "../address.js";
import { type Clock, realClock } from "../clock.js";

/** Names of the roads to a server; the best one first. */
export const ROADS = ["websocket", "sse", "long-polling"] as const;

export type Road = (typeof ROADS)[number];

export interface Link {
  readonly road: Road;
  /** Bytes of messages so far, without what their transport adds. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Hand on messages from now on; `ended` is called once, with the reason as a sentence. */
  start(receive: (message: Uint8Array) => void, ended: (sentence: string) => void): void;
  /** Queue a message; without effect once the link has ended. */
  send(message: Uint8Array): void;
  /** Send what is queued, then close. */
  close(): Promise<void>;
  /** End now; what is queued is lost. */
  abort(): void;
}

/** The part of a browser's WebSocket that is used; `ws` for Node has it, too. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown } & never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: { code: number; reason: string } & never) => void) | null;
  send(data: Uint8Array): void;
  close(code?: number): void;
}

/** What links are made of. */
export interface Means {
  readonly clock: Clock;
  readonly WebSocket: (new (url: string, protocol: string) => WebSocketLike) | undefined;
  readonly fetch: typeof fetch;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** The means of these surroundings. A browser has all; Node's are completed in `node.ts`. */
export const surroundings: { -readonly [K in keyof Means]: Means[K] } = {
  clock: realClock,
  WebSocket: globalThis.WebSocket as unknown as Means["WebSocket"],
  fetch: (...args) => globalThis.fetch(...args),
  randomBytes: (count) => globalThis.crypto.getRandomValues(new Uint8Array(count)),
};

/**
 * Open a link. Rejects with `ConnectionLostError` if there is none within `timeoutS`, or when the
 * signal is aborted.
 */
export type OpenLink = (
  address: Address,
  timeoutS: number,
  means: Means,
  signal: AbortSignal,
) => Promise<Link>;
