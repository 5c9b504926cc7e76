/**
 * One player's session across all its connections, without I/O.
 *
 * Law: each request is answered once, and each event is applied once and in order, however often the
 * connection is lost. Answers are put in order among the events: one that arrives before the event
 * that it was decided after is held until that event has been applied; one that arrives late is
 * marked as old, and its state must not replace that of later events.
 */

import { ProtocolError } from "./errors.js";
import type { FromServer, RequestName } from "./wire/codec.js";
import { type Hello, PROTOCOL_VERSION, type Welcome } from "./wire/tables.js";

export type Result = Extract<FromServer, { kind: "result" }>;
export type Refusal = Extract<FromServer, { kind: "refusal" }>;
export type Answer = Result | Refusal;

/** Age of an answer, compared with the events that were applied. */
export type AnswerAge =
  | "new"
  /** The request was sent over an earlier connection; the answer may be as old as that. */
  | "repeated"
  /** Events that the server decided later have been applied already. */
  | "old";

/** Takes a request's answer; null if none will come. */
export type Settle = (answer: Answer | null) => void;

/** Applies a result to the client's state, before the request is settled. */
export type Learn = (result: Result, age: AnswerAge) => void;

/** A request without an answer yet. */
export interface Waiting {
  readonly id: number;
  readonly name: RequestName;
  /** The request as it is sent, and sent again. */
  readonly bytes: Uint8Array;
  settle: Settle;
  readonly learn: Learn;
  repeated: boolean;
  held: { answer: Answer; after: number } | null;
}

export class Session {
  playerId = "";
  lastEvent = 0;
  private nextRequest = 1;
  private waiting = new Map<number, Waiting>();
  /** Requests that timed out: their results are still applied to the state. */
  private readonly abandoned = new Map<number, Waiting>();
  private acked: readonly [number, number] = [0, 0];
  private tokenAcked = true;

  constructor(
    private readonly client: string,
    public playerName: string,
    /** The newest resume token; empty before the first welcome. */
    public token: Uint8Array = new Uint8Array(),
  ) {}

  // --- connecting ---------------------------------------------------------------------------

  /** Return the first message of a connection; it resumes the session if there is a token. */
  hello(): Hello {
    return {
      version: PROTOCOL_VERSION,
      client: this.client,
      player_name: this.playerName,
      token: this.token,
      last_event: this.token.length ? this.lastEvent : 0,
    };
  }

  /** Apply a welcome; return whether the session is new, so that the old one is gone. */
  welcomed(welcome: Welcome): boolean {
    const isNew = !welcome.resumed;
    if (isNew) {
      this.lastEvent = 0;
      this.nextRequest = 1;
      this.giveUp();
    }
    this.token = welcome.token;
    this.abandoned.clear();
    this.nextRequest = Math.max(this.nextRequest, welcome.next_request);
    this.lastEvent = Math.max(this.lastEvent, welcome.last_event);
    this.playerId = welcome.player_id;
    this.playerName = welcome.player_name;
    this.tokenAcked = false;
    return isNew;
  }

  /** Drop the token, which the server does not know: the next hello signs in a new guest. */
  loseToken(): void {
    this.token = new Uint8Array();
  }

  /** Settle every waiting request with null: no answer will come. */
  giveUp(): void {
    const waiting = this.waiting;
    this.waiting = new Map();
    for (const item of waiting.values()) item.settle(null);
  }

  // --- requests -----------------------------------------------------------------------------

  /** Give a request its id and keep it until it is answered. */
  ask(
    name: RequestName,
    encode: (id: number) => Uint8Array,
    settle: Settle,
    learn: Learn,
  ): Waiting {
    const id = this.nextRequest;
    const bytes = encode(id);
    this.nextRequest += 1;
    const item: Waiting = { id, name, bytes, settle, learn, repeated: false, held: null };
    this.waiting.set(id, item);
    return item;
  }

  /** Return the requests to send again after a resume, oldest first. */
  unanswered(): Waiting[] {
    const again = [...this.waiting.values()].filter((item) => !item.held);
    for (const item of again) item.repeated = true;
    return again;
  }

  /** Return the name of an unanswered request: it declares the shape of the result. */
  requestOf(id: number): RequestName | undefined {
    return this.find(id)?.name;
  }

  /** Stop waiting for an answer; the request is not sent again after a resume. */
  abandon(id: number): void {
    const item = this.waiting.get(id);
    if (!item) return;
    this.waiting.delete(id);
    item.settle = () => {};
    this.abandoned.set(id, item);
  }

  /** Settle a request, or hold its answer until the event before it has been applied. */
  answered(answer: Answer): void {
    const item = this.find(answer.id);
    if (!item) return; // a second answer
    const { after } = answer;
    if (after !== null && after > this.lastEvent) {
      item.held = { answer, after };
      return;
    }
    this.waiting.delete(answer.id);
    this.abandoned.delete(answer.id);
    const old = after !== null && after < this.lastEvent;
    if (answer.kind === "result") {
      item.learn(answer, old ? "old" : item.repeated ? "repeated" : "new");
    }
    item.settle(answer);
  }

  /** Settle the answers that were held for the last event; call after applying an event. */
  settleHeld(): void {
    for (const item of [...this.waiting.values(), ...this.abandoned.values()]) {
      if (item.held && item.held.after <= this.lastEvent) this.answered(item.held.answer);
    }
  }

  private find(id: number): Waiting | undefined {
    return this.waiting.get(id) ?? this.abandoned.get(id);
  }

  // --- events -------------------------------------------------------------------------------

  /**
   * Advance the count of events and return whether to apply this one: false for a repeated one. The
   * first may have any number: the session may come from an earlier run of the program.
   */
  isNext(number: number): boolean {
    if (number <= this.lastEvent) return false;
    if (this.lastEvent && number !== this.lastEvent + 1) {
      throw new ProtocolError(`event ${number} came after event ${this.lastEvent}`);
    }
    this.lastEvent = number;
    return true;
  }

  /** Return the next acknowledgement; null if nothing new has arrived since the last one. */
  ack(): readonly [event: number, reply: number] | null {
    const oldest = this.waiting.keys().next().value ?? this.nextRequest;
    const arrived = [this.lastEvent, oldest - 1] as const;
    if (this.tokenAcked && arrived[0] === this.acked[0] && arrived[1] === this.acked[1])
      return null;
    this.acked = arrived;
    this.tokenAcked = true;
    return arrived;
  }
}
