/**
 * Connect the client's state with its links: send, receive, dispatch.
 *
 * Law: each message is dispatched by a plain call, in order, before the next one is decoded. State
 * that outlives a link is in `Session`, `ClientState` and `MatchKeeper`.
 *
 * While the session moves to another link, whatever the old one brings counts. Events that both
 * bring are told apart by their numbers.
 */

import type { Clock } from "./clock.js";
import { ProtocolError, RequestError } from "./errors.js";
import { type Farewell, farewell, farewellOf } from "./farewell.js";
import { type Line, Lines } from "./lines.js";
import type { Link } from "./links/link.js";
import { MatchKeeper, type SnapshotPart } from "./play/matchkeeper.js";
import { type AnswerAge, Session, type Settle } from "./session.js";
import { ClientState } from "./state.js";
import * as codec from "./wire/codec.js";
import { FROM_CLIENT } from "./wire/pack.js";
import { scan } from "./wire/scan.js";
import {
  type Events,
  type Goodbye,
  LIMITS,
  type Notices,
  type Requests,
  type Welcome,
} from "./wire/tables.js";

/** Period of the timer that does all that is due; the shortest is one second. */
const CHORES_EVERY_S = 0.25;
/** Longest time an event or answer stays unacknowledged. */
const ACK_S = 1;
/** Time between measurements of the round trip while a match runs. */
const PING_S = 1;
/** Pings sent right after the welcome, so that the round trip is known before the first match. */
const FIRST_PINGS = 3;
/** Number of round trips whose minimum is shown. */
const SHOWN_PINGS = 6;

/** What the conversation tells its client. */
export interface Told {
  online(resumed: boolean): void;
  event(name: codec.EventName, fields: Events[codec.EventName]): void;
  notice(name: codec.NoticeName, fields: Notices[codec.NoticeName]): void;
  sessionLost(oldPlayerId: string): void;
  matchReady(): void;
  /** The newest token; empty if the session is gone. */
  token(token: Uint8Array): void;
}

export interface ConversationSettings {
  readonly clock: Clock;
  readonly client: string;
  readonly connectTimeoutS: number;
  readonly play: boolean;
}

export class Conversation {
  readonly session: Session;
  readonly state: ClientState;
  readonly matches: MatchKeeper;
  welcome: Welcome | null = null;
  private readonly lines: Lines;
  private online = false;
  private stops = false;
  private stopChores: () => void = () => {};
  private readonly pings = new Map<number, number>();
  private nonce = 0;
  private lastPing = 0;
  private lastAck = 0;
  private roundTrips: number[] = [];
  private historyOf = "";
  private matchSince = 0;

  constructor(
    playerName: string,
    token: Uint8Array,
    private readonly settings: ConversationSettings,
    private readonly told: Told,
  ) {
    this.session = new Session(settings.client, playerName, token);
    this.state = new ClientState(playerName);
    this.lines = new Lines(settings.clock, {
      hello: () => codec.encodeHello(this.session.hello()),
      receive: (line, message) => this.receive(line, message),
      stayed: () => this.stayed(),
      ended: () => this.disconnected(),
    });
    this.matches = new MatchKeeper(settings.play, {
      ask: (name, params, settle) => this.ask(name, params, settle),
      abandon: (id) => this.session.abandon(id),
      post: (message) => this.lines.play(message),
      ready: () => told.matchReady(),
      roundTrips: () => this.roundTrips,
      now: () => settings.clock.now(),
      client: settings.client,
    });
  }

  // --- for the client -----------------------------------------------------------------------

  /** Smallest of the last round trips in seconds; null before the first. */
  get rttS(): number | null {
    return this.roundTrips.length ? Math.min(...this.roundTrips.slice(-SHOWN_PINGS)) : null;
  }

  /** Seconds since the last message while a match is live; else 0. */
  get silentS(): number {
    const line = this.lines.current;
    if (!line || !this.online || !this.matches.match?.live) return 0;
    return Math.max(0, this.settings.clock.now() - line.lastHeard);
  }

  get bytesIn(): number {
    return this.lines.bytesIn;
  }

  get bytesOut(): number {
    return this.lines.bytesOut;
  }

  /** Send a request now, or as soon as there is a link again. Throws what tells why not. */
  ask<N extends codec.RequestName>(name: N, params: Requests[N]["params"], settle: Settle): number {
    const learn = (
      { result, after }: { result: unknown; after: number | null },
      age: AnswerAge,
    ) => {
      this.state.applyResult(name, params, result, age);
      // An answer that was repeated after a resume may belong to an earlier match.
      if (name === "lobby.leave_match" && (after ?? this.matchSince) >= this.matchSince) {
        this.matches.stepOut();
      }
    };
    const encode = (id: number) => this.fitting(codec.encodeRequest(id, name, params), name);
    const { id, bytes } = this.session.ask(name, encode, settle, learn);
    if (this.online) this.lines.ask(bytes);
    return id;
  }

  /** A message out of bounds would end this connection, and each later one that repeats it. */
  private fitting(bytes: Uint8Array, name: string): Uint8Array {
    scan(bytes, 0, FROM_CLIENT);
    const most = this.welcome?.limits.message_bytes ?? LIMITS.client_message_bytes;
    if (bytes.length <= most) return bytes;
    throw new RequestError(
      "too_large",
      `${name} has ${bytes.length} bytes; the server takes ${most}`,
    );
  }

  /** Cut the link, if there is one. */
  cut(): void {
    this.lines.current?.link.abort();
  }

  /** Settle all waiting requests with null and leave the match. */
  end(): void {
    this.session.giveUp();
    this.matches.forget();
  }

  /** Say goodbye and close the link; what is queued is sent first. */
  async sayGoodbye(): Promise<void> {
    const line = this.lines.current;
    if (!line) return;
    const goodbye: Goodbye = {
      code: "closed",
      sentence: "the client was closed",
      retry_after_s: null,
    };
    this.lines.post(codec.encodeGoodbye(goodbye));
    await line.link.close();
  }

  // --- links --------------------------------------------------------------------------------

  /** Use a link until it ends; resolves with the reason. */
  async over(link: Link): Promise<Farewell> {
    this.stops = false;
    const over = this.lines.over(link);
    this.stopChores = this.settings.clock.after(CHORES_EVERY_S, () => this.chores());
    const reason = await over;
    if (!this.stops || reason.cause !== "lost") return reason;
    return { ...reason, sentence: "the server stopped", cause: "stopping" };
  }

  /**
   * Let the session go on over this link, without a pause for what is played; resolves with whether
   * it does. Requests and the last inputs are sent right behind the hello.
   */
  async moveTo(link: Link): Promise<boolean> {
    if (!this.online) {
      link.abort();
      return false;
    }
    const moving = this.lines.moveTo(link, this.settings.connectTimeoutS);
    if (this.lines.next?.link === link) {
      for (const { bytes } of this.session.unanswered()) link.send(bytes);
      for (const message of this.matches.cross()) link.send(message);
    }
    return moving;
  }

  private stayed(): void {
    this.matches.stayed();
    for (const { bytes } of this.session.unanswered()) this.lines.post(bytes);
  }

  private disconnected(): void {
    this.online = false;
    this.stopChores();
    this.pings.clear();
    this.matches.disconnected();
  }

  // --- what is due --------------------------------------------------------------------------

  private chores(): void {
    const { welcome } = this;
    const line = this.lines.current;
    if (!line) return;
    this.stopChores = this.settings.clock.after(CHORES_EVERY_S, () => this.chores());
    const now = this.settings.clock.now();
    if (!welcome || !this.online) {
      if (now - line.lastHeard > this.settings.connectTimeoutS) {
        this.lines.lost(line, farewell("The server did not answer.", { cause: "silent" }));
      }
      return;
    }
    const silent = 2 * welcome.heartbeat_s;
    if (now - line.lastHeard > silent) {
      const sentence = `Nothing was heard from the server for ${silent} s.`;
      return this.lines.lost(line, farewell(sentence, { cause: "silent" }));
    }
    if (now - this.lastPing >= (this.matches.match ? PING_S : welcome.heartbeat_s / 2)) {
      this.ping(now);
    }
    if (now - this.lastAck >= ACK_S) this.ack(now);
    this.matches.match?.acknowledge(now);
  }

  private ping(now: number): void {
    this.nonce += 1;
    this.pings.set(this.nonce, now);
    this.lastPing = now;
    this.lines.post(codec.encodePing(this.nonce));
  }

  private ack(now: number): void {
    this.lastAck = now;
    const arrived = this.session.ack();
    if (arrived) this.lines.post(codec.encodeAck(...arrived));
  }

  // --- received messages --------------------------------------------------------------------

  private receive(line: Line, bytes: Uint8Array): void {
    const now = this.settings.clock.now();
    try {
      const parts: SnapshotPart[] = [];
      for (const message of codec.decodeServer(bytes, (id) => this.session.requestOf(id))) {
        if (message.kind === "delta" && !this.welcome) {
          throw new ProtocolError("a snapshot came before any match");
        }
        if (message.kind === "snapshot" || message.kind === "delta") parts.push(message);
        else if (line === this.lines.current) this.dispatch(line, message, now);
        else if (line === this.lines.next) this.dispatchNext(line, message, now);
      }
      if (parts.length && line === this.lines.current) this.matches.snapshot(parts, now);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const sentence = `the server sent what is no message of docs/protocol.md: ${error.message}`;
      this.lines.lost(line, farewell(sentence, { cause: "refused" }));
    }
  }

  /** A message on the line that is about to take over: the welcome, or a refusal. */
  private dispatchNext(line: Line, message: codec.FromServer, now: number): void {
    if (message.kind === "ping") return line.link.send(codec.encodePong(message.nonce, ms(now)));
    if (message.kind === "refusal" || message.kind === "goodbye")
      return this.lines.giveUpMove(true);
    if (message.kind !== "welcome") return;
    this.lines.takeOver();
    this.welcomed(message.welcome, now, true);
  }

  private dispatch(line: Line, message: codec.FromServer, now: number): void {
    switch (message.kind) {
      case "ping":
        return line.link.send(codec.encodePong(message.nonce, ms(now)));
      case "pong":
        return this.ponged(message.nonce, now);
      case "steer":
      case "shift":
        return this.matches.retimed(message);
      case "event":
        return this.happened(message);
      case "result":
        return this.session.answered(message);
      case "refusal":
        return this.refused(line, message);
      case "notice":
        return this.noticed(message.name, message.fields as Notices[codec.NoticeName], now);
      case "welcome":
        return this.welcomed(message.welcome, now, false);
      case "goodbye":
        return this.lines.lost(line, farewellOf(message.goodbye));
    }
  }

  private welcomed(welcome: Welcome, now: number, moved: boolean): void {
    const old = this.session.playerId;
    const isNew = this.session.welcomed(welcome);
    this.welcome = welcome;
    this.online = true;
    this.state.welcomed(welcome);
    this.told.token(welcome.token);
    this.ack(now);
    if (!moved) for (const { bytes } of this.session.unanswered()) this.lines.post(bytes);
    if (isNew && old) {
      this.state.forget();
      this.matches.forget();
      this.historyOf = "";
      this.told.sessionLost(old);
    }
    if (isNew) this.ask("chat.history", { channel: "global" }, () => {});
    else if (!moved) this.matches.resumed();
    this.pings.clear();
    for (let i = 0; i < FIRST_PINGS; i++) this.ping(now);
    if (!moved || isNew) this.told.online(!isNew);
  }

  private refused(line: Line, refusal: Extract<codec.FromServer, { kind: "refusal" }>): void {
    if (refusal.id) return this.session.answered(refusal);
    if (refusal.code !== "session.token_unknown" || this.online) return;
    this.session.loseToken();
    this.told.token(this.session.token);
    const more = { code: refusal.code, cause: "refused", atOnce: true } as const;
    this.lines.lost(line, farewell(refusal.sentence, more));
  }

  private happened(event: Extract<codec.FromServer, { kind: "event" }>): void {
    if (!this.session.isNext(event.number)) return;
    if (event.name) {
      const fields = event.fields as Events[codec.EventName];
      this.state.applyEvent(event.name, fields);
      this.follow(event.name, fields, event.number);
      this.told.event(event.name, fields);
    }
    this.session.settleHeld();
  }

  /** Bring the match up to an event; ask for the history of a lobby just entered. */
  private follow(name: codec.EventName, fields: unknown, number: number): void {
    switch (name) {
      case "match.started":
        this.matchSince = number;
        return this.matches.started(fields as Events["match.started"]);
      case "match.ended":
        return this.matches.ended((fields as Events["match.ended"]).result.match_id);
      case "match.event":
        return this.matches.happened(fields as Events["match.event"]);
      case "lobby.left":
        this.matches.forget(); // no `match.ended` comes to a player who left the lobby
    }
    const lobbyId = this.state.lobby?.lobby_id ?? "";
    if (lobbyId && lobbyId !== this.historyOf) {
      this.ask("chat.history", { channel: "lobby" }, () => {});
    }
    this.historyOf = lobbyId;
  }

  private noticed(name: codec.NoticeName, fields: Notices[codec.NoticeName], now: number): void {
    this.state.applyNotice(name, fields, now);
    if (name === "server.message" && (fields as Notices["server.message"]).stops_in_s !== null) {
      this.stops = true;
    }
    this.told.notice(name, fields);
  }

  private ponged(nonce: number, now: number): void {
    const sent = this.pings.get(nonce);
    if (sent === undefined) return;
    this.pings.delete(nonce);
    this.roundTrips = [...this.roundTrips.slice(-63), now - sent];
    this.matches.match?.roundTrip(now - sent);
  }
}

/** The client's clock as the protocol wants it. */
function ms(now: number): number {
  return Math.floor(now * 1000);
}
