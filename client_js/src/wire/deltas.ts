/**
 * Deltas: snapshots that go on from the one before; drawn in docs/protocol.md, section 4.
 *
 * Law: decoding returns a delta or throws `ProtocolError`, whatever the bytes are.
 */

import { ProtocolError } from "../errors.js";
import type { Section } from "./codec.js";
import { LIMITS } from "./tables.js";

/** `tick` is null if `ticks` since the snapshot before tell it. The public section comes first. */
export interface Delta {
  kind: "delta";
  ticks: number;
  tick: number | null;
  sections: Section[];
}

const COUNT = 32;
const MANY = 3;
const VARINT_BYTES = 5;
const TICKS = 2 ** 31;

/** Tell whether a message is a delta: no other kind begins so. */
export function isDelta(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes[0]! < 0x80;
}

/** Decode a message that is a delta. Throws `ProtocolError`. */
export function decodeDelta(bytes: Uint8Array): Delta {
  const reader = new VarintReader(bytes);
  const first = bytes[0]!;
  const ticks = first % COUNT;
  const tick = ticks ? null : reader.next();
  if (tick !== null && tick >= TICKS) throw new ProtocolError("the tick of a delta is too large");
  let count = first >> 5;
  if (count === MANY) {
    count = reader.next();
    if (count < MANY || count > LIMITS.server_items) {
      throw new ProtocolError("a delta has too many or too few changes");
    }
  }
  const sections: Section[] = [];
  for (let i = 0; i < count; i++) {
    const number = reader.next();
    const body = reader.take(reader.next());
    if (!number || number >= LIMITS.server_items || !body) {
      throw new ProtocolError("a change of a delta is cut off, or has no section");
    }
    sections.push({ number, keyframe: false, body });
  }
  if (new Set(sections.map(({ number }) => number)).size < count) {
    throw new ProtocolError("a section stands in a delta twice");
  }
  const rest = bytes.subarray(reader.at);
  if (rest.length) sections.unshift({ number: 0, keyframe: false, body: rest });
  return { kind: "delta", ticks, tick, sections };
}

/** Return the tick of a delta for a viewer whose newest snapshot is of tick `newest`. */
export function tickOf({ ticks, tick }: Delta, newest: number): number {
  const found = tick ?? newest + ticks;
  if (found >= TICKS) throw new ProtocolError("the tick of a delta is too large");
  return found;
}

class VarintReader {
  at = 1;

  constructor(private readonly bytes: Uint8Array) {}

  next(): number {
    let value = 0;
    for (let i = 0; i < VARINT_BYTES; i++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new ProtocolError("a delta is cut off");
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new ProtocolError("a number of a delta is too long");
  }

  take(length: number): Uint8Array | null {
    if (length > this.bytes.length - this.at) return null;
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
