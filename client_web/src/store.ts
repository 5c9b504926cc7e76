/**
 * What the pages know and do: the session, which screen is open, and requests with their refusals.
 *
 * Law: the client of the SDK holds the state of the server; here is only what a page adds to it.
 */

import {
  arena,
  Client,
  ConnectionLostError,
  type LobbyConfig,
  type LobbyForm,
  type LobbyState,
  RequestError,
  type RequestName,
  type Requests,
  RequestTimedOutError,
  ServerClosedError,
  webStore,
} from "gameserver-client";
import { useEffect, useState } from "preact/hooks";
import { isText, sayingOf, type TextKey, t, worded } from "./texts/index.js";

const NAME = "gameserver.name";
/** Set in a tab that is signed in: a reload goes on at once. */
const SIGNED_IN = "gameserver.in";
/** The code of the lobby in which this tab was last, or wanted to be. */
const CODE = "gameserver.code";
/** Refusals of a lobby that will not take one in later either. */
const GONE = ["lobby.unknown", "lobby.banned"];
const TOAST_MS = 6000;
/** Toasts of a match that its menu tells again. */
const HEARD = 3;

/** A lobby that asks for a password. */
export interface Locked {
  lobby_id?: string;
  code?: string;
  spectate?: boolean;
}

class Store {
  client: Client | null = null;
  busy = false;
  /** Why there is no session, as a sentence. */
  ended = "";
  toast = "";
  /** What was said last in the present match, newest first: a toast has no room for all of it. */
  heard: readonly string[] = [];
  form: LobbyForm | null = null;
  /** The form for a lobby is open: for a new one, or for the present one. */
  editing: "new" | "change" | null = null;
  locked: Locked | null = null;
  /** The list of replays is open, and which match of it is watched. */
  replays = false;
  watched = "";
  /** The settings lie over the screen. */
  settings = false;
  /** Match that the player left for the room; its results are not shown. */
  leftMatch = "";
  /** Until when the countdown of a lobby runs, on the clock of the client. */
  countdownUntil: number | null = null;
  private timed = "";
  private toastTimer = 0;
  private readonly listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed = (): void => {
    this.noteCountdown();
    this.noteAddress();
    if (this.client?.lobby?.phase === "in_match") {
      if (this.client.match) this.settings = false; // the match has its own, in its menu
      this.replays = false; // the next match ends what is watched
      this.watched = "";
    }
    for (const listener of this.listeners) listener();
  };

  get name(): string {
    return localStorage.getItem(NAME) ?? "";
  }

  get resumes(): boolean {
    return sessionStorage.getItem(SIGNED_IN) !== null;
  }

  /** The invite code of the address, `/join/CODE`. */
  get invited(): string {
    const code = /^\/join\/([^/]+)\/?$/.exec(location.pathname)?.[1] ?? "";
    return /^[\w-]{1,32}$/.test(code) ? code : "";
  }

  /** The code of a lobby that this tab knows: of the address, or where one was last. */
  get knownCode(): string {
    return this.invited || (sessionStorage.getItem(CODE) ?? "");
  }

  private know(code: string): void {
    if (code) sessionStorage.setItem(CODE, code);
    else sessionStorage.removeItem(CODE);
  }

  /** Sign in, or resume the session of this tab; then enter the lobby that the address names. */
  async signIn(name: string, then?: "quick" | "known"): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.ended = "";
    localStorage.setItem(NAME, name);
    this.changed();
    const client = new Client(location.origin, {
      name,
      storage: webStore(sessionStorage),
      client: "gameserver-web 0.1.0",
    });
    const invited = this.invited || (then === "known" ? this.knownCode : "");
    for (const happening of ["status", "road", "event", "notice", "match"] as const) {
      client.on(happening, this.changed);
    }
    client.on("match", (match) => {
      this.heard = [];
      if (match.started.game === "arena") match.predict(arena);
    });
    client.on("status", () => this.noteStatus(client));
    client.on("sessionLost", () => this.say(t("line.newSession")));
    client.on("lobby.left", ({ reason }) => {
      if (reason === "closed" || reason === "banned") this.know(""); // there is no way back
      if (isText(`left.${reason}`)) this.say(t(`left.${reason}` as "left.kicked"));
    });
    client.on("session.renamed", () => {
      // The form proposes a title with the player's name.
      const taken = (form: LobbyForm) => {
        this.form = form;
        this.changed();
      };
      client.request("lobby.form").then(taken, () => {}); // the older form does as well
    });
    client.on("server.message", ({ text }) => {
      this.say(t("line.server", { text: sayingOf("", text) }));
    });
    try {
      await client.start();
      this.client = client;
      sessionStorage.setItem(SIGNED_IN, "1");
      // The whispers before a reload: of no weight, so a refusal does not end the sign-in. They are
      // asked for before the form, so that they are old lines to the screen that it opens.
      client.request("chat.history", { channel: "whisper" }).catch(() => {});
      this.form = await client.request("lobby.form");
      if (!client.lobby && invited) await this.join({ code: invited });
      else if (!client.lobby && then === "quick") await this.ask("lobby.quick_play");
    } catch (error) {
      this.leave(sentence(error));
      client.dropConnection(); // the session lasts for a while, and its seat with it
      client.giveUp();
    }
    this.busy = false;
    this.changed();
  }

  async signOut(): Promise<void> {
    const { client } = this;
    this.leave("");
    this.changed();
    await client?.close();
  }

  /** Send a request; a refusal is shown as a sentence. Resolves with null then. */
  async ask<N extends RequestName>(
    name: N,
    params?: Requests[N]["params"],
  ): Promise<Requests[N]["result"] | null> {
    const { client } = this;
    if (!client) return null;
    try {
      const send = client.request.bind(client) as (
        name: N,
        params?: Requests[N]["params"],
      ) => Promise<Requests[N]["result"]>;
      return await send(name, params);
    } catch (error) {
      this.say(sentence(error));
      return null;
    } finally {
      this.changed();
    }
  }

  /** Enter a lobby; one with a password asks for it. */
  async join(into: Locked, password = ""): Promise<void> {
    const { client } = this;
    if (!client) return;
    try {
      await client.request("lobby.join", { ...into, password });
      this.locked = null;
    } catch (error) {
      const asks = error instanceof RequestError && error.code === "lobby.wrong_password";
      if (asks) {
        if (this.locked) this.say(sentence(error));
        this.locked = into;
      } else {
        this.say(sentence(error));
        if (into.code) {
          history.replaceState(null, "", "/");
          const gone = error instanceof RequestError && GONE.includes(error.code);
          this.know(gone ? "" : into.code);
        }
      }
    }
    this.changed();
  }

  async saveLobby(config: LobbyConfig, password: string): Promise<void> {
    const name = this.editing === "change" ? "lobby.configure" : "lobby.create";
    if (await this.ask(name, { config, password })) {
      this.editing = null;
      this.changed();
    }
  }

  /** Fill seats with bots so that a match can be played, and start it. */
  async startWithBots({ config }: LobbyState, bots: number): Promise<void> {
    const size = Math.max(config.size, bots + 1);
    const filled = { ...config, size, bots };
    if (await this.ask("lobby.configure", { config: filled, password: "" })) {
      await this.ask("lobby.start");
    }
  }

  async leaveMatch(): Promise<void> {
    this.leftMatch = this.client?.lobby?.match_id ?? "";
    await this.ask("lobby.leave_match");
  }

  edit(form: Store["editing"]): void {
    this.editing = form;
    this.changed();
  }

  showReplays(shown: boolean): void {
    this.replays = shown;
    this.changed();
  }

  /** Watch the replay of a match; of "" go back. */
  watch(matchId: string): void {
    this.watched = matchId;
    this.changed();
  }

  showSettings(shown: boolean): void {
    this.settings = shown;
    this.changed();
  }

  say(sentence: string): void {
    this.toast = sentence;
    const others = this.heard.filter((each) => each !== sentence);
    if (sentence) this.heard = [sentence, ...others].slice(0, HEARD);
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => {
      this.toast = "";
      this.changed();
    }, TOAST_MS) as unknown as number;
    this.changed();
  }

  private noteStatus(client: Client): void {
    const { status } = client;
    if (status.state !== "closed" || this.client !== client) return;
    this.leave(sayingOf(status.code ?? "", status.sentence));
    this.changed();
  }

  /** Be at the first screen, with a sentence why; nothing that was open is so at the next visit. */
  private leave(why: string): void {
    this.client = this.editing = this.locked = null;
    this.replays = false;
    this.watched = "";
    this.ended = why;
    sessionStorage.removeItem(SIGNED_IN);
  }

  /** The countdown of a lobby state runs from when that came. */
  private noteCountdown(): void {
    const { client } = this;
    const lobby = client?.lobby;
    const told = lobby ? `${lobby.lobby_id} ${lobby.revision}` : "";
    if (told === this.timed) return;
    this.timed = told;
    const left = lobby?.countdown_s;
    this.countdownUntil = client && typeof left === "number" ? client.now() + left : null;
    if (lobby?.phase === "countdown") this.editing = null;
  }

  /** The address names the lobby, so that it can be handed on as it is. */
  private noteAddress(): void {
    if (!this.client || this.busy) return;
    const { lobby } = this.client;
    if (lobby) {
      // A lobby ends with its last member: who is alone leaves nothing to come back to.
      const others = lobby.members.filter((each) => !each.bot).length > 1;
      this.know(others ? lobby.invite_code : "");
    }
    const path = lobby ? `/join/${lobby.invite_code}` : this.locked?.code ? null : "/";
    if (path && location.pathname !== path) history.replaceState(null, "", path);
  }
}

/** What is wrong, in the language of the page. */
export function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message } = error;
  if (error instanceof RequestError) return sayingOf(error.code, message, error.details, labelOf);
  if (error instanceof ServerClosedError) return sayingOf(error.code ?? "", message);
  if (error instanceof RequestTimedOutError) return sayingOf("silent", message);
  if (error instanceof ConnectionLostError) return sayingOf("unreachable", message);
  return message;
}

const LABELS: Readonly<Record<string, TextKey>> = {
  bot_level: "create.botLevel",
  bots: "create.bots",
  map: "create.map",
  password: "create.password",
  seat: "create.size",
  size: "create.size",
};

/** The label of a field that was refused, as the form of a lobby has it. */
function labelOf(field: string): string {
  if (Object.hasOwn(LABELS, field)) return t(LABELS[field]!);
  const found = store.form?.options.find(({ name }) => name === field);
  return found ? worded(store.form!.game, found.label) : field;
}

export const store = new Store();

/** Draw a component again whenever something has changed. */
export function useStore(): Store {
  const [, again] = useState(0);
  useEffect(() => store.subscribe(() => again((times) => times + 1)), []);
  return store;
}

/** Draw a component again every so many milliseconds, for what runs down. */
export function useClock(everyMs: number): void {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((times) => times + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
