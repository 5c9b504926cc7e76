/** The address of a server, as people type it. Law: any text becomes an address or a `ConfigError`. */

import { ConfigError } from "./errors.js";

const GAME_PORT = 7777;
const SECURE: Readonly<Record<string, boolean>> = {
  ws: false,
  http: false,
  wss: true,
  https: true,
};

/** Where a server is, for each of its roads. */
export class Address {
  private constructor(
    /** Host and port as they stand in an address, such as `play.example.org:7777`. */
    readonly there: string,
    /** The address of the WebSocket. */
    readonly websocket: string,
    /** The address in front of the paths of other roads, without a slash at its end. */
    readonly http: string,
  ) {}

  /** Take an address apart: `play.example.org`, `192.168.1.5:7777`, `wss://…`, `https://…`. */
  static parse(text: string): Address {
    const plain = text.trim();
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(plain)?.[1]?.toLowerCase();
    if (!plain) throw new ConfigError("the server's address is missing");
    if (scheme !== undefined && !(scheme in SECURE)) {
      throw new ConfigError(`a game server is not reached by ${scheme}://`);
    }
    const rest = scheme === undefined ? plain : plain.slice(scheme.length + 3);
    let url: URL;
    try {
      url = new URL(`http://${rest}`);
    } catch {
      throw new ConfigError(`${plain} is no address; write HOST:PORT or ws://HOST:PORT`);
    }
    if (url.username || url.password) {
      throw new ConfigError("an address has no name or password before an @");
    }
    // URL drops :80, the default of http, so whether a port was written is read from the text.
    const written = /:(\d+)$/.exec(rest.split(/[/?#]/)[0]!)?.[1];
    const secure = scheme === undefined ? written === "443" : SECURE[scheme]!;
    const usual = secure ? "443" : "80";
    const port = written ?? (scheme === undefined ? String(GAME_PORT) : usual);
    const there = port === usual ? url.hostname : `${url.hostname}:${Number(port)}`;
    const s = secure ? "s" : "";
    return new Address(
      there,
      `ws${s}://${there}${url.pathname}${url.search}`,
      `http${s}://${there}`,
    );
  }
}
