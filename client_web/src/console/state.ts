/** What the whole console shares: who is signed in, the dialog that is open, the last word said. */

import { useEffect, useState } from "preact/hooks";
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

  /** Note a failure; a sign-in that is over leads back to the form. */
  failed(error: unknown): void {
    if (error instanceof Refused && error.status === 401) {
      this.me = null;
      this.changed();
    }
  }
}

export const shared = new Shared();

export function useShared(): Shared {
  const [, again] = useState(0);
  useEffect(() => shared.watch(() => again((n) => n + 1)), []);
  return shared;
}

/**
 * Load a value now, at every change of `key`, and again and again while the page is seen.
 *
 * The value before stays until the next one is there; an older answer never replaces a newer one.
 */
export function useLoaded<T>(
  load: () => Promise<T>,
  key: string,
  everyMs: number,
): { value: T | null; fault: string } {
  const [state, setState] = useState<{ value: T | null; fault: string; key: string }>({
    value: null,
    fault: "",
    key,
  });
  useEffect(() => {
    let over = false;
    let timer = 0;
    const turn = async () => {
      if (!document.hidden) {
        try {
          const value = await load();
          if (!over) setState({ value, fault: "", key });
        } catch (error) {
          shared.failed(error);
          if (!over) setState((before) => ({ ...before, fault: (error as Error).message }));
          if (error instanceof Refused && error.status === 404) return; // it is gone
        }
      }
      if (!over) timer = window.setTimeout(turn, everyMs);
    };
    void turn();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [key, everyMs]);
  return state;
}
