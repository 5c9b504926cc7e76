/**
 * The client: signs in, sends requests, and reconnects by itself after a lost connection.
 *
 * Law: the application sees one continuous session. Each request is answered once, each event happens
 * once and in order; a lost connection is visible only as a change of `Client.status`.
 */

import { Address } from "./address.js";
import { Backoff } from "./backoff.js";
import { ClientView } from "./clientview.js";
import { pause } from "./clock.js";
import { Conversation } from "./conversation.js";
import {
  ConnectionLostError,
  ProtocolError,
  RequestError,
  RequestTimedOutError,
  ServerClosedError,
} from "./errors.js";
import { type Farewell, farewell, plainSentence } from "./farewell.js";
import { type Means, ROADS, surroundings } from "./links/link.js";
import { type ClientNamespace, Namespaces } from "./namespaces.js";
import { Roads } from "./roads.js";
import type { Answer } from "./session.js";
import type { ClientSettings, Happenings, Params } from "./settings.js";
import type { Status } from "./status.js";
import { memoryStore, type TokenStore, textToToken, tokenToText } from "./storage.js";
import type { RequestName } from "./wire/codec.js";
import type { Requests } from "./wire/tables.js";

/** Longest time for an orderly end: an unreachable server must not keep a page open. */
const FAREWELL_S = 1;
/** How long a server holds a seat in a lobby without a match; the welcome gives it for a match. */
const LOBBY_GRACE_S = 30;

const GAVE_UP = "You stopped trying to reconnect.";
const LEFT = "the application closed the client";

/**
 * Connect and sign in, or resume the kept session. Rejects with `ConnectionLostError` where nobody
 * answers, with `ServerClosedError` where the server refuses for good.
 */
export async function connect(address: string, settings: ClientSettings = {}): Promise<Client> {
  const client = new Client(address, settings);
  await client.start();
  return client;
}

/** One player's session on a server. Made by `connect`. */
export class Client extends ClientView {
  private readonly address: Address;
  private readonly means: Means;
  protected readonly talk: Conversation;
  protected readonly roads: Roads;
  private readonly storage: TokenStore;
  private readonly backoff = new Backoff();
  private readonly spaces = new Namespaces((name, params, options) =>
    this.request(name, ...([params, options] as unknown as Params<typeof name>)),
  );
  private readonly settings: Required<
    Pick<ClientSettings, "connectTimeoutS" | "requestTimeoutS" | "firstAttempts" | "signOut">
  >;
  private current: Status = { state: "connecting", attempt: 1 };
  private seatUntil: number | null = null;
  private hurry = new AbortController();
  private attempt = new AbortController();
  private readonly ended = new AbortController();
  private givenUp = false;
  private leaving = false;
  private signingOut = false;
  private life: Promise<void> | null = null;

  constructor(address: string, settings: ClientSettings = {}) {
    super();
    this.address = Address.parse(address);
    this.means = { ...surroundings, ...given(settings, ["clock", "WebSocket", "fetch"]) };
    this.settings = {
      connectTimeoutS: settings.connectTimeoutS ?? 5,
      requestTimeoutS: settings.requestTimeoutS ?? 30,
      firstAttempts: settings.firstAttempts ?? 3,
      signOut: settings.signOut ?? true,
    };
    this.storage = settings.storage ?? memoryStore();
    const { roads = ROADS, improveS, conditions } = settings;
    this.roads = new Roads(this.address, roads, this.means, improveS, conditions);
    const kept =
      settings.token ?? textToToken(this.stored(() => this.storage.load(this.key)) ?? "");
    this.talk = new Conversation(
      settings.name ?? "",
      kept,
      {
        clock: this.means.clock,
        client: settings.client ?? "gameserver-js",
        connectTimeoutS: this.settings.connectTimeoutS,
        play: settings.play ?? true,
      },
      {
        online: (resumed) => this.wentOnline(resumed),
        event: (name, fields) => {
          this.spaces.heard(name, fields);
          this.emit("event", { name, fields } as Happenings["event"]);
          this.emit(name, fields as never);
        },
        notice: (name, fields) => {
          this.spaces.heard(name, fields);
          this.emit("notice", { name, fields } as Happenings["notice"]);
          this.emit(name, fields as never);
        },
        sessionLost: (oldPlayerId) => {
          this.spaces.sessionLost();
          this.emit("sessionLost", { oldPlayerId });
        },
        matchReady: () => this.match && this.emit("match", this.match),
        token: (token) => this.keepToken(token),
      },
    );
  }

  // --- state --------------------------------------------------------------------------------

  /** State of the connection to the server. */
  get status(): Status {
    return this.current;
  }

  /** The clock of all times in this package, in seconds. */
  now(): number {
    return this.means.clock.now();
  }

  // --- operations ---------------------------------------------------------------------------

  /**
   * Send a request and wait for its answer, also across reconnects. When it resolves, all events
   * that were decided before the answer have been applied.
   *
   * Rejects with `RequestError` (refused, or not fit to be sent), `RequestTimedOutError`,
   * `ConnectionLostError` (the session was lost first) or `ServerClosedError`.
   */
  request<N extends RequestName>(
    name: N,
    ...[params, options]: Params<N>
  ): Promise<Requests[N]["result"]> {
    return new Promise((resolve, reject) => {
      this.checkOpen();
      const limit = options?.timeoutS ?? this.settings.requestTimeoutS;
      let id = 0;
      const stop = this.means.clock.after(limit, () => {
        this.talk.session.abandon(id);
        reject(new RequestTimedOutError(`${name}: no answer within ${limit} s`));
      });
      const settle = (answer: Answer | null) => {
        stop();
        if (answer?.kind === "result") return resolve(answer.result as Requests[N]["result"]);
        reject(this.failure(name, answer));
      };
      try {
        id = this.talk.ask(name, params ?? {}, settle);
      } catch (error) {
        stop();
        const unfit = error instanceof ProtocolError;
        reject(unfit ? new RequestError("bad_params", error.message) : error);
      }
    });
  }

  private failure(name: string, answer: Answer | null): Error {
    if (answer?.kind === "refusal") {
      return new RequestError(answer.code, answer.sentence, answer.details);
    }
    if (this.current.state === "closed") {
      return new ServerClosedError(this.current.code, this.current.sentence);
    }
    return new ConnectionLostError(`${name}: the session ended before the answer came`);
  }

  /** Return the events of an author's namespace; `ClientNamespace.join` enters it. */
  namespace(name: string): ClientNamespace {
    return this.spaces.of(name);
  }

  /** Wait until the session is connected. Rejects with `ServerClosedError`. */
  async online(): Promise<void> {
    while (this.current.state !== "online") {
      this.checkOpen();
      await this.once("status");
    }
  }

  /** Cut the connection, as a lost network would; for tests and demonstrations. */
  dropConnection(): void {
    this.talk.cut();
  }

  /** Watch the match that `lobby.leave_match` left; the happening `match` follows. */
  watchMatch(): void {
    this.talk.matches.watch();
  }

  /** End the wait before the next attempt to connect; without effect at other times. */
  tryNow(): void {
    this.hurry.abort();
  }

  /** Stop connecting: the client closes. Without effect while it is online. */
  giveUp(): void {
    if (this.current.state === "online") return;
    this.givenUp = true;
    this.hurry.abort();
    this.attempt.abort();
  }

  /** Sign out, if the settings say so, and close; takes a second at most. */
  async close(): Promise<void> {
    if (this.leaving || this.current.state === "closed") return;
    this.leaving = true;
    this.signingOut = this.settings.signOut && this.current.state === "online";
    if (this.signingOut) {
      // Its errors mean that the session is gone already.
      await this.request("session.sign_out", {}, { timeoutS: FAREWELL_S }).then(
        () => this.keepToken(new Uint8Array()),
        () => {},
      );
    }
    this.signingOut = false;
    const deadline = new AbortController();
    await Promise.race([
      this.talk.sayGoodbye(),
      pause(this.means.clock, FAREWELL_S, deadline.signal),
    ]);
    deadline.abort();
    this.hurry.abort();
    this.attempt.abort();
    this.talk.cut();
    await this.life;
    if (!this.isClosed()) this.end(farewell(LEFT, { final: true }));
  }

  // --- lifecycle ----------------------------------------------------------------------------

  /** Begin; resolves with the first connection. `connect` calls it. */
  async start(): Promise<void> {
    if (this.life) return this.online();
    this.watchNetwork();
    const failed = new Promise<never>((_, reject) => {
      this.life = this.keepConnected().catch((error: Error) => {
        this.end(farewell(error.message, { final: true }));
        reject(error);
      });
    });
    failed.catch(() => {}); // heard below, unless the session was online before
    await Promise.race([this.online(), failed]);
  }

  /** A browser says when its network is back: then no wait is of use. */
  private watchNetwork(): void {
    const page = globalThis as Partial<Pick<typeof globalThis, "addEventListener">>;
    const { signal } = this.ended;
    page.addEventListener?.("online", () => this.tryNow(), { signal });
  }

  private isClosed(): boolean {
    return this.current.state === "closed";
  }

  private async keepConnected(): Promise<void> {
    for (;;) {
      this.hurry = new AbortController();
      const reason = await this.useConnection();
      const wasOnline = this.talk.welcome !== null;
      if (this.givenUp) return this.end(farewell(GAVE_UP, { final: true }));
      if (reason.final) return this.end(reason);
      if (this.leaving && (reason.atOnce || !this.signingOut)) {
        // No session is left to sign out, or the application keeps the token for a later run: a
        // resume would use that token up.
        return this.end(farewell(LEFT, { final: true }));
      }
      if (!wasOnline && !reason.atOnce && this.backoff.attempt + 1 >= this.settings.firstAttempts) {
        throw new ConnectionLostError(reason.sentence);
      }
      const wait = reason.atOnce ? 0 : this.backoff.nextWait(reason.retryAfterS);
      this.setStatus(this.waiting(reason, wait, wasOnline));
      if (wait > 0) await pause(this.means.clock, wait, this.hurry.signal);
      if (this.givenUp) return this.end(farewell(GAVE_UP, { final: true }));
      if (this.leaving && !this.signingOut) return this.end(farewell(LEFT, { final: true }));
    }
  }

  /** Return the status until the next attempt to connect. */
  private waiting(reason: Farewell, wait: number, wasOnline: boolean): Status {
    const { attempt } = this.backoff;
    const now = this.now();
    if (!wasOnline) return { state: "connecting", attempt: attempt + 1 };
    if (this.current.state === "online" && this.talk.welcome) {
      const most = this.talk.welcome.resume_grace_s;
      this.seatUntil = now + (this.match ? most : Math.min(most, LOBBY_GRACE_S));
    }
    if (reason.cause === "stopping" || !this.lobby) this.seatUntil = null;
    return {
      state: "reconnecting",
      retryInS: wait,
      attempt,
      reason: plainSentence(reason.sentence),
      cause: reason.cause,
      retryAt: now + wait,
      seatUntil: this.seatUntil !== null && this.seatUntil > now ? this.seatUntil : null,
    };
  }

  private async useConnection(): Promise<Farewell> {
    this.attempt = new AbortController();
    const { signal } = this.attempt;
    try {
      const link = await this.roads.open(this.settings.connectTimeoutS, signal);
      const over = this.talk.over(link);
      const done = new AbortController();
      if (this.roads.canImprove) void this.improve(done.signal);
      try {
        return await over;
      } finally {
        done.abort();
      }
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error;
      return farewell(error.message, { cause: "unreachable" });
    }
  }

  /** Move the session to the best road as soon as that is open. */
  private async improve(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.roads.canImprove) {
      const link = await this.roads.waitBetter(this.settings.connectTimeoutS, signal);
      if (!link) return;
      if (signal.aborted) return link.abort();
      if (await this.talk.moveTo(link)) {
        this.roads.take(link.road);
        this.emit("road", link.road);
      }
    }
  }

  private wentOnline(resumed: boolean): void {
    if (this.backoff.attempt || this.current.state === "reconnecting") this.reconnects += 1;
    this.backoff.succeeded();
    this.setStatus({ state: "online", resumed });
    if (this.road) this.emit("road", this.road);
  }

  private end(reason: Farewell): void {
    if (reason.code === "session.token_unknown") this.keepToken(new Uint8Array());
    this.ended.abort();
    this.setStatus({ state: "closed", code: reason.code, sentence: reason.sentence });
    this.talk.end();
  }

  private setStatus(status: Status): void {
    this.current = status;
    this.emit("status", status);
  }

  private checkOpen(): void {
    if (this.current.state === "closed") {
      throw new ServerClosedError(this.current.code, this.current.sentence);
    }
  }

  // --- the kept token -----------------------------------------------------------------------

  private get key(): string {
    return this.address.there;
  }

  private keepToken(token: Uint8Array): void {
    this.stored(() => {
      if (token.length) this.storage.save(this.key, tokenToText(token));
      else this.storage.clear(this.key);
    });
  }

  /** A browser may forbid its storage: then nothing is kept. */
  private stored<T>(use: () => T): T | undefined {
    try {
      return use();
    } catch {
      return undefined;
    }
  }
}

/** Return those of the keys that are set. */
function given<T, K extends keyof T>(from: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const set = keys.filter((key) => from[key] !== undefined);
  return Object.fromEntries(set.map((key) => [key, from[key]])) as Partial<Pick<T, K>>;
}
