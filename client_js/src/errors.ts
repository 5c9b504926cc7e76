/**
 * Every error that this package throws on purpose. The codes are those of docs/protocol.md; a
 * sentence says to a person what is wrong.
 */

import type { Code } from "./wire/tables.js";

/** Root of all errors of this package. */
export class GameserverError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = new.target.name;
  }
}

/** Bytes that are no message of the protocol. */
export class ProtocolError extends GameserverError {}

/** The server refused a request, or the request holds a value that cannot be sent. */
export class RequestError extends GameserverError {
  constructor(
    /** A code of docs/protocol.md, one of an author's namespace, or one of a newer server. */
    readonly code: Code | (string & Record<never, never>),
    readonly sentence: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(sentence);
  }
}

/** No answer came in time. The server may have carried the request out. */
export class RequestTimedOutError extends GameserverError {}

/** No connection could be made, or the session was lost before an answer came. */
export class ConnectionLostError extends GameserverError {}

/** The client is closed: by the application, or by the server for good. */
export class ServerClosedError extends GameserverError {
  constructor(
    readonly code: Code | null,
    readonly sentence: string,
  ) {
    super(sentence);
  }
}

/** A setting or an address is not usable. */
export class ConfigError extends GameserverError {}
