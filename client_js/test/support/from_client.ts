/** Decode what a client says, as strictly as a server: for the vectors, and for fake servers. */

import { ProtocolError } from "../../src/errors.js";
import { FROM_CLIENT, type Unpacked, unpackObjects } from "../../src/wire/pack.js";
import { isInteger, readShape } from "../../src/wire/shape.js";
import { KIND, LIMITS, REQUESTS } from "../../src/wire/tables.js";

export interface FromClient {
  kind: number;
  row: unknown[];
}

const NATURAL = (value: unknown) => isInteger(value) && value >= 0;
const TICK = (value: unknown) => NATURAL(value) && (value as number) < LIMITS.tick;
const ANY = () => true;
const MAP = (value: unknown) => typeof value === "object" && value !== null;

const FORMS: Record<number, ((value: unknown) => boolean)[]> = {
  [KIND.input]: [NATURAL, TICK, TICK, NATURAL],
  [KIND.ping]: [NATURAL],
  [KIND.pong]: [NATURAL, NATURAL],
  [KIND.seen]: [TICK],
  [KIND.hello]: [MAP],
  [KIND.request]: [NATURAL, ANY, ANY],
  [KIND.ack]: [NATURAL, NATURAL],
  [KIND.goodbye]: [MAP],
};

export function decodeClient(bytes: Uint8Array): FromClient[] {
  if (bytes.length > LIMITS.client_message_bytes) throw new ProtocolError("too large");
  const found = unpackObjects(bytes, FROM_CLIENT).map(one);
  const alone: number[] = [KIND.input, KIND.seen];
  if (found.length > 1 && found.some(({ kind }) => alone.includes(kind))) {
    throw new ProtocolError("an input or a seen must be alone in its message");
  }
  return found;
}

function one({ row, floats }: Unpacked): FromClient {
  if (!Array.isArray(row) || !isInteger(row[0])) throw new ProtocolError("no array with a kind");
  const form = FORMS[row[0]];
  if (!form) throw new ProtocolError(`kind ${row[0]} is not for clients`);
  const open = row[0] === KIND.input;
  if (floats && row[0] < KIND.hello) throw new ProtocolError("a float");
  if (open ? row.length < form.length + 1 : row.length !== form.length + 1) {
    throw new ProtocolError("a wrong number of elements");
  }
  form.forEach((fits, i) => {
    if (!fits(row[i + 1])) throw new ProtocolError(`element ${i + 1} does not fit`);
  });
  if (open && !row.every(isInteger)) throw new ProtocolError("an input holds integers");
  if (row[0] === KIND.request && typeof row[2] === "string" && row[2] in REQUESTS) {
    readShape(REQUESTS[row[2]]![0], row[3], row[2]);
  }
  return { kind: row[0], row };
}
