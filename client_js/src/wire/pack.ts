/** msgpack, as the protocol uses it: one encoder, one decoder, and the objects of a message. */

import { Decoder, Encoder } from "@msgpack/msgpack";
import { ProtocolError } from "../errors.js";
import { type Bounds, scan } from "./scan.js";
import { LIMITS } from "./tables.js";

const encoder = new Encoder({ ignoreUndefined: true, maxDepth: 32 });
const decoder = new Decoder();

export const FROM_SERVER: Bounds = { items: LIMITS.server_items, depth: LIMITS.server_depth };
export const FROM_CLIENT: Bounds = { items: LIMITS.client_items, depth: LIMITS.client_depth };

/** Return a value as msgpack, in its shortest form. */
export function pack(value: unknown): Uint8Array {
  return encoder.encode(value);
}

/** Return one msgpack value that has no limits but its bytes, such as a response of `/poll`. */
export function unpack(bytes: Uint8Array): unknown {
  return decoded(() => decoder.decode(bytes));
}

/** One object of a message, and whether a float is in it: `1.0` looks like `1` once decoded. */
export interface Unpacked {
  row: unknown;
  floats: boolean;
}

/** Return the objects of one message. Throws `ProtocolError`. */
export function unpackObjects(bytes: Uint8Array, bounds: Bounds): Unpacked[] {
  if (bytes.length === 0) throw new ProtocolError("an empty message");
  const found: Unpacked[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (found.length >= LIMITS.objects_per_message) {
      throw new ProtocolError("too many objects in a message");
    }
    const { end, floats } = scan(bytes, at, bounds);
    found.push({ row: unpack(bytes.subarray(at, end)), floats });
    at = end;
  }
  return found;
}

/** Return the run of values of a snapshot's body. Throws `ProtocolError`. */
export function unpackValues(body: Uint8Array): unknown[] {
  return decoded(() => [...decoder.decodeMulti(body)]);
}

/** Return all these bytes, one behind the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new ProtocolError(`no msgpack: ${error instanceof Error ? error.message : error}`);
  }
}
