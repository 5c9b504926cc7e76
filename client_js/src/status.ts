/** States of a client's connection: plain values, to be kept, compared and shown. */

import type { Code } from "./wire/tables.js";

/** Why there is no connection. */
export type OfflineCause =
  /** The connection broke. */
  | "lost"
  /** Nothing was received for too long. */
  | "silent"
  /** No connection could be made. */
  | "unreachable"
  /** The server announced that it stops; its sessions and lobbies end with it. */
  | "stopping"
  /** The server is full or busy. */
  | "full"
  /** The server ended the connection for another reason, which the sentence tells. */
  | "refused";

/** The first connection is being made; `attempt` counts from 1. */
export interface Connecting {
  readonly state: "connecting";
  readonly attempt: number;
}

/** The session is connected; `resumed` is false for a new session. */
export interface Online {
  readonly state: "online";
  readonly resumed: boolean;
}

/** The connection is lost; the client connects again by itself. */
export interface Reconnecting {
  readonly state: "reconnecting";
  readonly retryInS: number;
  /** Failed attempts since the connection was lost, the loss itself included. */
  readonly attempt: number;
  /** Why the connection ended, as one sentence for the player. */
  readonly reason: string;
  readonly cause: OfflineCause;
  /** Time of the next attempt, on the clock of `Client.now`. */
  readonly retryAt: number;
  /** Until when the server holds this player's seat, on the same clock; null if unknown. */
  readonly seatUntil: number | null;
}

/** The client has ended and does not reconnect. */
export interface Closed {
  readonly state: "closed";
  /** The code of the server's goodbye; null if the application ended the client. */
  readonly code: Code | null;
  readonly sentence: string;
}

export type Status = Connecting | Online | Reconnecting | Closed;
