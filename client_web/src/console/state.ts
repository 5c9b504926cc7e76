/** What the whole console shares: who is signed in, the dialog that is open, the last word said. */

import { useEffect, useRef, useState } from "preact/hooks";
import { type Me, Refused, signOut, whoAmI } from "./api.js";

/** An act that waits for its reason in the dialog. */
export interface Act {
  title: string;
  /** Whom or what it is done to, in the players' own words. */
  about: string;
  kind: "reason" | "sanction" | "name" | "text" | "drain";
  path: string;
  danger?: boolean;
  /** For a ban or mute. */
  sanction?: { kind: "ban" | "mute"; player: string; name: string; address: string };
}

class Shared {
  me: Me | null = null;
  /** Whether it was asked already who is signed in. */
  known = false;
  act: Act | null = null;
  /** When the server was heard last, in ms; the first figures of a page are older than that. */
  heardAt = 0;
  /** Whether it answers no more. */
  lost = false;
  /** What the operator told the server to do: it will be lost for that. */
  ending: "" | "drain" | "stop" = "";
  toast = "";
  toastBad = false;
  /** Rises with each act, so that tables are loaded anew. */
  acts = 0;
  private readonly watchers = new Set<() => void>();
  private toastTimer = 0;

  watch(told: () => void): () => void {
    this.watchers.add(told);
    return () => this.watchers.delete(told);
  }

  changed(): void {
    for (const told of this.watchers) told();
  }

  async begin(): Promise<void> {
    this.me = await whoAmI().catch(() => null);
    this.known = true;
    this.changed();
  }

  signedIn(me: Me): void {
    this.me = me;
    this.changed();
  }

  async leave(): Promise<void> {
    await signOut().catch(() => undefined);
    this.me = null;
    this.changed();
  }

  ask(act: Act | null): void {
    this.act = act;
    this.changed();
  }

  say(words: string, bad = false): void {
    this.toast = words;
    this.toastBad = bad;
    clearTimeout(this.toastTimer);
    this.toastTimer = window.setTimeout(() => this.say(""), bad ? 8000 : 4000);
    this.changed();
  }

  /** Note that the server has answered. */
  heard(): void {
    this.heardAt = Date.now();
    if (!this.lost) return;
    this.lost = false;
    this.ending = "";
    this.changed();
    void this.renew(); // another process may answer
  }

  /** Ask anew who is signed in, and at what: another operator may have let the server drain. */
  async renew(): Promise<void> {
    try {
      this.me = await whoAmI();
      this.changed();
    } catch (error) {
      this.failed(error);
    }
  }

  /**
   * Note a failure, and return what the place that met it should say.
   *
   * A sign-in that is over leads back to the form. That the server is silent is told once, for all.
   */
  failed(error: unknown): string {
    const status = error instanceof Refused ? error.status : -1;
    if (status === 401) {
      this.me = null;
      this.changed();
    } else if (status === 0) {
      if (!this.lost) {
        this.lost = true;
        this.changed();
      }
      return "";
    }
    return (error as Error).message;
  }

  /** Note what an act has begun. */
  begun(act: string): void {
    this.acts += 1;
    if (act !== "drain" && act !== "stop") return;
    this.ending = act;
    if (this.me) this.me = { ...this.me, draining: true };
  }
}

export const shared = new Shared();

export function useShared(): Shared {
  const [, again] = useState(0);
  useEffect(() => shared.watch(() => again((n) => n + 1)), []);
  return shared;
}

/**
 * Load a value now, at every change of `key` or `again`, and again and again while the page is seen.
 *
 * The value before stays until the next one is there; an older answer never replaces a newer one.
 * What is gone by the server's word does not come back: its `key` is not asked for any more.
 */
export function useLoaded<T>(
  load: () => Promise<T>,
  key: string,
  everyMs: number,
  again = 0,
): { value: T | null; fault: string; gone: boolean } {
  const [state, setState] = useState<{ value: T | null; fault: string; gone: boolean }>({
    value: null,
    fault: "",
    gone: false,
  });
  const gone = useRef("");
  useEffect(() => {
    if (gone.current === key) return;
    let over = false;
    let timer = 0;
    const turn = async () => {
      if (!document.hidden) {
        try {
          const value = await load();
          shared.heard();
          if (!over) setState({ value, fault: "", gone: false });
        } catch (error) {
          const fault = shared.failed(error);
          if (over) return;
          if (error instanceof Refused && error.status === 404) {
            gone.current = key;
            setState((before) => ({ ...before, gone: true }));
            return;
          }
          setState((before) => ({ ...before, fault }));
        }
      }
      if (!over) timer = window.setTimeout(turn, everyMs);
    };
    void turn();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [key, again, everyMs]);
  return state;
}
