/**
 * Encode what a client says and decode what a server says.
 *
 * Law: decoding returns messages or throws `ProtocolError`, whatever the bytes are. Kinds, notices
 * and keys that only a newer server knows are passed over; of an unknown event the number is kept,
 * because it counts.
 */

import { ProtocolError } from "../errors.js";
import { shown } from "../text.js";
import { type Delta, decodeDelta, isDelta } from "./deltas.js";
import { FROM_SERVER, pack, type Unpacked, unpackObjects } from "./pack.js";
import { isInteger, type PlainMap, readShape, writeShape } from "./shape.js";
import {
  EVENTS,
  type Events,
  type Goodbye,
  type Hello,
  KIND,
  LIMITS,
  NOTICES,
  type Notices,
  REQUESTS,
  type Requests,
  type Welcome,
} from "./tables.js";

export type RequestName = keyof Requests & string;
export type EventName = keyof Events & string;
export type NoticeName = keyof Notices & string;

/** One section of a snapshot; docs/protocol.md, section 4. */
export interface Section {
  number: number;
  keyframe: boolean;
  body: Uint8Array;
}

export type FromServer =
  | { kind: "snapshot"; tick: number; sections: Section[] }
  | Delta
  | { kind: "steer" | "shift"; tick: number; ticks: number }
  | { kind: "ping"; nonce: number }
  | { kind: "pong"; nonce: number; timeMs: number }
  | { kind: "welcome"; welcome: Welcome }
  | { kind: "result"; id: number; result: unknown; after: number | null }
  | {
      kind: "refusal";
      id: number;
      code: string;
      sentence: string;
      details: PlainMap;
      after: number | null;
    }
  | { kind: "event"; number: number; name: EventName | null; fields: unknown }
  | { kind: "notice"; name: NoticeName; fields: unknown }
  | { kind: "goodbye"; goodbye: Goodbye };

/** Tells the name of the unanswered request with an id: it declares the shape of the result. */
export type RequestOf = (id: number) => string | undefined;

// --- encoding ---------------------------------------------------------------------------------

export function encodeHello(hello: Hello): Uint8Array {
  return pack([KIND.hello, writeShape("Hello", hello, "hello")]);
}

/** Throws `ProtocolError` where the fields do not fit the request. */
export function encodeRequest(id: number, name: string, params: unknown): Uint8Array {
  const shapes = REQUESTS[name];
  if (!shapes) throw new ProtocolError(`there is no request ${name}`);
  return pack([KIND.request, id, name, writeShape(shapes[0], params, name)]);
}

export function encodeAck(event: number, reply: number): Uint8Array {
  return pack([KIND.ack, event, reply]);
}

export function encodePing(nonce: number): Uint8Array {
  return pack([KIND.ping, nonce]);
}

export function encodePong(nonce: number, timeMs: number): Uint8Array {
  return pack([KIND.pong, nonce, timeMs]);
}

export function encodeSeen(tick: number): Uint8Array {
  return pack([KIND.seen, tick]);
}

/** `row` holds the fields of the game's command, in the order of the schema. */
export function encodeInput(
  seq: number,
  tick: number,
  seen: number,
  view: number,
  row: readonly number[],
): Uint8Array {
  return pack([KIND.input, seq, tick, seen, view, ...row]);
}

export function encodeGoodbye(goodbye: Goodbye): Uint8Array {
  return pack([KIND.goodbye, writeShape("Goodbye", goodbye, "goodbye")]);
}

// --- decoding ---------------------------------------------------------------------------------

/** Decode one message of a server. Throws `ProtocolError`. */
export function decodeServer(bytes: Uint8Array, requestOf: RequestOf): FromServer[] {
  if (bytes.length > LIMITS.server_message_bytes) {
    throw new ProtocolError("the server's message is too large");
  }
  if (isDelta(bytes)) return [decodeDelta(bytes)];
  const found: FromServer[] = [];
  for (const object of unpackObjects(bytes, FROM_SERVER)) {
    const message = decodeObject(object, requestOf);
    if (message) found.push(message);
  }
  return found;
}

function decodeObject({ row, floats }: Unpacked, requestOf: RequestOf): FromServer | null {
  if (!Array.isArray(row) || !isInteger(row[0])) {
    throw new ProtocolError("a message is an array that begins with its kind");
  }
  if (floats && row[0] < KIND.hello) throw new ProtocolError("a float in a message of integers");
  switch (row[0]) {
    case KIND.snapshot:
      return snapshot(row);
    case KIND.steer:
      return { kind: "steer", tick: tick(row[1]), ticks: integer(sized(row, 3)[2]) };
    case KIND.shift:
      return { kind: "shift", tick: tick(row[1]), ticks: natural(sized(row, 3)[2]) };
    case KIND.ping:
      return { kind: "ping", nonce: natural(sized(row, 2)[1]) };
    case KIND.pong:
      return { kind: "pong", nonce: natural(row[1]), timeMs: natural(sized(row, 3)[2]) };
    case KIND.welcome:
      return {
        kind: "welcome",
        welcome: readShape("Welcome", sized(row, 2)[1], "welcome") as Welcome,
      };
    case KIND.result:
      return result(sized(row, 3), requestOf);
    case KIND.refusal:
      return refusal(sized(row, 3));
    case KIND.event:
      return event(sized(row, 4));
    case KIND.notice:
      return notice(sized(row, 3));
    case KIND.goodbye:
      return {
        kind: "goodbye",
        goodbye: readShape("Goodbye", sized(row, 2)[1], "goodbye") as Goodbye,
      };
    default:
      return null;
  }
}

function snapshot(row: unknown[]): FromServer {
  if (row.length < 2 || row.length % 2) {
    throw new ProtocolError("a snapshot is [2, tick, header, body, …]");
  }
  const sections: Section[] = [];
  for (let i = 2; i < row.length; i += 2) {
    const header = natural(row[i]);
    const body = row[i + 1];
    if (!(body instanceof Uint8Array)) throw new ProtocolError("a snapshot's body is binary");
    sections.push({ number: Math.floor(header / 2), keyframe: header % 2 === 1, body });
  }
  return { kind: "snapshot", tick: tick(row[1]), sections };
}

function result(row: unknown[], requestOf: RequestOf): FromServer | null {
  const id = natural(row[1]);
  const name = requestOf(id);
  if (name === undefined) return null;
  const fields = readShape(REQUESTS[name]?.[1] ?? "", row[2], `result of ${name}`);
  return { kind: "result", id, result: fields, after: after(row[2]) };
}

function refusal(row: unknown[]): FromServer {
  const map = row[2] as PlainMap | null;
  if (typeof map?.code !== "string" || typeof map.sentence !== "string") {
    throw new ProtocolError("a refusal has a code and a sentence");
  }
  const details = typeof map.details === "object" && map.details ? (map.details as PlainMap) : {};
  const { code, sentence } = map;
  const id = natural(row[1]);
  return { kind: "refusal", id, code, sentence: shown(sentence), details, after: after(map) };
}

function event([, given, name, map]: unknown[]): FromServer {
  const number = natural(given);
  if (typeof name !== "string" || !Object.hasOwn(EVENTS, name)) {
    return { kind: "event", number, name: null, fields: {} };
  }
  const fields = readShape(EVENTS[name]!, map, name);
  return { kind: "event", number, name: name as EventName, fields };
}

function notice([, name, map]: unknown[]): FromServer | null {
  if (typeof name !== "string") throw new ProtocolError("a notice's name is text");
  if (!Object.hasOwn(NOTICES, name)) return null;
  return { kind: "notice", name: name as NoticeName, fields: readShape(NOTICES[name]!, map, name) };
}

function after(map: unknown): number | null {
  const given = (map as PlainMap).after;
  return given === undefined || given === null ? null : natural(given);
}

function sized(row: unknown[], size: number): unknown[] {
  if (row.length === size) return row;
  throw new ProtocolError(`a message of kind ${row[0]} has ${size} elements, not ${row.length}`);
}

function integer(value: unknown): number {
  if (isInteger(value)) return value;
  throw new ProtocolError("a whole number was expected");
}

function natural(value: unknown): number {
  if (isInteger(value) && value >= 0) return value;
  throw new ProtocolError("a whole number from 0 was expected");
}

function tick(value: unknown): number {
  if (isInteger(value) && value >= 0 && value < LIMITS.tick) return value;
  throw new ProtocolError("no tick number");
}
