/** Where a session's token is kept between two runs of a program. It is a secret, like a password. */

/** Keeps one token, as text, for each server. Errors of a store are passed over. */
export interface TokenStore {
  load(server: string): string | null;
  save(server: string, token: string): void;
  clear(server: string): void;
}

/** Keep tokens for as long as the program runs. */
export function memoryStore(): TokenStore {
  const kept = new Map<string, string>();
  return {
    load: (server) => kept.get(server) ?? null,
    save: (server, token) => kept.set(server, token),
    clear: (server) => kept.delete(server),
  };
}

/** The part of `localStorage` and `sessionStorage` that is used. */
export interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Keep tokens in a browser's storage. With `sessionStorage` each tab has a session of its own, which
 * survives a reload. With `localStorage` it survives the browser, too, but all tabs share it: the
 * newest takes the session over, and the others are closed with `session.replaced`.
 */
export function webStore(storage: WebStorage, prefix = "gameserver.token."): TokenStore {
  return {
    load: (server) => storage.getItem(prefix + server),
    save: (server, token) => storage.setItem(prefix + server, token),
    clear: (server) => storage.removeItem(prefix + server),
  };
}

export function tokenToText(token: Uint8Array): string {
  return Array.from(token, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return a kept token, or an empty one if the text is none. */
export function textToToken(text: string): Uint8Array {
  if (!/^[0-9a-f]{32}$/.test(text)) return new Uint8Array();
  return Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}
