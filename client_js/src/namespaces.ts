/**
 * Authors' namespaces, as the application uses them; docs/own-events.md.
 *
 * Law: handlers are called in the order of the events; what one returns is the ack, and an event
 * without a handler has none, as with Socket.IO. A membership outlives its session and a restart of
 * the server: the client joins again by itself. Where that is refused, the membership has ended.
 */

import { RequestError, RequestTimedOutError } from "./errors.js";
import type { RequestOptions } from "./settings.js";
import type { RequestName } from "./wire/codec.js";
import type { Emitted, EmittedLatest, NamespaceEnded, Requests } from "./wire/tables.js";

/**
 * Takes the arguments of an event, as the author's code sent them. What it returns, or what its
 * promise resolves to, is the ack: an array stands for several arguments, nothing for none.
 */
// biome-ignore lint/suspicious/noExplicitAny: only the application knows what its events carry
export type HandleEvent = (...args: any[]) => unknown;

/** Sends a request and waits for its answer. */
type Ask = <N extends RequestName>(
  name: N,
  params: Requests[N]["params"],
  options?: RequestOptions,
) => Promise<Requests[N]["result"]>;

/** Stands for all events without a handler; its handler gets the event's name first. */
const ANY = "*";
/** Stands for the end of the membership; its handler gets code and sentence. */
const ENDED = "disconnect";
/** Code of the end of a membership because the server was restarted. */
const RESTARTED = "namespace.restarted";

/** One namespace of the server's author. Made by `Client.namespace`. */
export class ClientNamespace {
  /** Whether the server let the session in. */
  joined = false;
  private auth: Readonly<Record<string, unknown>> = {};
  /** Whether a new session is to join again. */
  private member = false;
  private readonly handlers = new Map<string, HandleEvent>();

  constructor(
    readonly name: string,
    private readonly ask: Ask,
  ) {}

  /**
   * Set the handler of an event, in place of an earlier one. `*` stands for all events without a
   * handler, whose handler gets the event's name first; `disconnect` for the end of the membership,
   * whose handler gets code and sentence. The returned function takes the handler away.
   */
  on(event: string, handler: HandleEvent): () => void {
    this.handlers.set(event, handler);
    return () => {
      if (this.handlers.get(event) === handler) this.handlers.delete(event);
    };
  }

  /** Enter the namespace; set the handlers before. Rejects with `RequestError` where refused. */
  async join(auth: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.auth = auth;
    await this.ask("namespace.join", { namespace: this.name, auth });
    this.joined = this.member = true;
  }

  /** Leave the namespace and its rooms. */
  async leave(): Promise<void> {
    this.joined = this.member = false;
    await this.ask("namespace.leave", { namespace: this.name });
  }

  /** Send an event; resolves when the server has taken it. Rejects as `Client.request` does. */
  async emit(event: string, ...args: unknown[]): Promise<void> {
    await this.ask("namespace.emit", { namespace: this.name, event, args });
  }

  /**
   * Send an event and wait for what its handler returns: undefined without an argument, an array of
   * several. Rejects with `RequestError` where the handler refuses (with the author's own code) or
   * fails or there is none, with `RequestTimedOutError` where no ack comes in time.
   */
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown> {
    return this.acknowledged(event, args);
  }

  /** The same with another longest wait: `guild.timeout(5).emitWithAck("invite", "Bob")`. */
  timeout(timeoutS: number): { emitWithAck(event: string, ...args: unknown[]): Promise<unknown> } {
    return { emitWithAck: (event, ...args) => this.acknowledged(event, args, { timeoutS }) };
  }

  private async acknowledged(
    event: string,
    args: unknown[],
    options?: RequestOptions,
  ): Promise<unknown> {
    const params = { namespace: this.name, event, args, ack: true };
    const answer = await this.ask("namespace.emit", params, options);
    return answer.args.length > 1 ? answer.args : answer.args[0];
  }

  // --- from the client ----------------------------------------------------------------------

  /** Call the handler of an event, and send the ack if the server waits for one. */
  happened({ event, args, ack }: Emitted | (EmittedLatest & { ack?: 0 })): void {
    const answer = this.call(event, args);
    // Without a handler an ack would say that there was one; the author's time-out tells him.
    if (!ack || !answer) return;
    void answer.then((given) => {
      const values = given === undefined ? [] : Array.isArray(given) ? given : [given];
      const params = { ack, args: values, namespace: this.name };
      return this.ask("namespace.ack", params).catch((error: Error) => {
        // The author's time-out is over, or the session is; what cannot be sent is the handler's fault.
        if (error instanceof RequestError && error.code === "bad_params") throw error;
      });
    });
  }

  ended({ code, sentence }: NamespaceEnded): void {
    if (code === RESTARTED) return this.sessionLost();
    this.end(code, sentence);
  }

  private end(code: string, sentence: string): void {
    this.joined = this.member = false;
    void this.call(ENDED, [code, sentence]);
  }

  /** Join again, in the new session or on the restarted server; where that is refused, the membership has ended. */
  sessionLost(): void {
    this.joined = false;
    if (this.member) void this.rejoin();
  }

  private async rejoin(): Promise<void> {
    try {
      await this.ask("namespace.join", { namespace: this.name, auth: this.auth });
      this.joined = this.member;
    } catch (error) {
      if (error instanceof RequestError) {
        this.end(error.code, error.sentence);
      } else if (error instanceof RequestTimedOutError) {
        this.end("namespace.timed_out", error.message);
      } // else the next session joins, if one comes
    }
  }

  /**
   * Call now; what is returned is at hand later. Returns null where nothing is to be called. A handler
   * that throws disturbs nobody.
   */
  private call(event: string, args: unknown[]): Promise<unknown> | null {
    const own = this.handlers.get(event);
    const any = event === ENDED ? undefined : this.handlers.get(ANY);
    if (!own && !any) return null;
    try {
      return Promise.resolve(own ? own(...args) : any?.(event, ...args));
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

/** The namespaces that an application uses, by name. */
export class Namespaces {
  private readonly used = new Map<string, ClientNamespace>();

  constructor(private readonly ask: Ask) {}

  of(name: string): ClientNamespace {
    const found = this.used.get(name) ?? new ClientNamespace(name, this.ask);
    this.used.set(name, found);
    return found;
  }

  /** Hand on an event or notice of a namespace; without effect for others. */
  heard(name: string, fields: unknown): void {
    const space = this.used.get((fields as { namespace?: string }).namespace ?? "");
    if (!space) return;
    if (name === "namespace.emitted" || name === "namespace.latest") {
      space.happened(fields as Emitted);
    } else if (name === "namespace.ended") {
      space.ended(fields as NamespaceEnded);
    }
  }

  sessionLost(): void {
    for (const space of this.used.values()) space.sessionLost();
  }
}
