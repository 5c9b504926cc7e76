/** Settings of a client, and what its listeners hear. */

import type { Clock } from "./clock.js";
import type { Conditions } from "./links/conditions.js";
import type { Road, WebSocketLike } from "./links/link.js";
import type { Match } from "./play/match.js";
import type { Status } from "./status.js";
import type { TokenStore } from "./storage.js";
import type { EventName, NoticeName, RequestName } from "./wire/codec.js";
import type { Events, Notices, Requests } from "./wire/tables.js";

/** Settings of a client; all have defaults that suit a player's client. */
export interface ClientSettings {
  /** The player's name, for a new guest. */
  name?: string;
  /** Where the session's token is kept; by default for as long as the program runs. */
  storage?: TokenStore;
  /** Token of an earlier run, in place of the one in `storage`. */
  token?: Uint8Array;
  /** Whether to enter matches; false for clients that only use lobbies and chat. */
  play?: boolean;
  /** Name and version of the program, for the server's logs. */
  client?: string;
  /** Roads to use, the best one first. */
  roads?: readonly Road[];
  /** Longest wait for the connection, and again for the server's welcome. */
  connectTimeoutS?: number;
  /** Longest wait for an answer, reconnects included. */
  requestTimeoutS?: number;
  /** Number of attempts at the first connection before `connect` rejects. */
  firstAttempts?: number;
  /** Whether closing the client ends the session at once; else the seat is held for a while. */
  signOut?: boolean;
  /** First and longest pause between two looks whether a better road has opened, in seconds. */
  improveS?: readonly [first: number, longest: number];
  /** Simulated conditions of every connection, for tests and demonstrations. */
  conditions?: Conditions;
  /** Replaces the surroundings' own WebSocket. */
  WebSocket?: new (
    url: string,
    protocol: string,
  ) => WebSocketLike;
  /** Replaces the surroundings' own `fetch`. */
  fetch?: typeof fetch;
  /** Replaces the surroundings' own time, for tests and simulations. */
  clock?: Clock;
}

/** What a listener hears. Each event and each notice of the protocol is heard under its name, too. */
export interface Happenings extends Events, Notices {
  status: Status;
  /** A reliable event of any name: each exactly once, in order. */
  event: { [N in EventName]: { name: N; fields: Events[N] } }[EventName];
  /** A notice of any name: only the newest of each name counts. */
  notice: { [N in NoticeName]: { name: N; fields: Notices[N] } }[NoticeName];
  /** A match was entered: `client.match` is there. Again after each resume. */
  match: Match;
  /** The session goes on over another road. */
  road: Road;
  /** The server no longer knew the session: this is a new guest. */
  sessionLost: { oldPlayerId: string };
}

/** Requests without a needed field can be sent by their name alone. */
export type Params<N extends RequestName> =
  Record<never, never> extends Requests[N]["params"]
    ? [params?: Requests[N]["params"], options?: RequestOptions]
    : [params: Requests[N]["params"], options?: RequestOptions];

export interface RequestOptions {
  /** Longest wait for this answer. */
  timeoutS?: number;
}
