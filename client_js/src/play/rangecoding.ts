/**
 * Read numbers bit by bit with learned probabilities; docs/protocol.md, "Bits".
 *
 * Law: only whole numbers below 2^53, so that every client reads the same. A bit takes at least 1/89 of
 * a bit of the bytes, so these alone are a weak bound: whoever reads a number of things counts them.
 */

import { ProtocolError } from "../errors.js";
import { isInteger } from "../wire/shape.js";

/** Contexts of one list; each is 8 times the probability of a zero, of 4096, plus a count. */
export const SLOTS = 289;
export const PRIOR = 2048 << 3;
const RARE = (4064 << 3) | 4;

/** The first slot of each use in a list. */
export const REPEAT = 4;
const NOT_ZERO = 4;
const SIGN = 6;
const LENGTH = 9;
const LENGTHS = 24;
const TREE = 33;
const TREE_LENGTHS = 8;
const TREE_NODES = 32;

const MOST_BITS = 63;
const LOWEST = 32;
const HIGHEST = 4064;
const SLOWEST = 4;
/** Bytes that the reader is ahead of what it has read. */
const AHEAD = 4;
const TOP = 2 ** 24;

export type Contexts = Uint16Array;

/** Whether a context can be this number. */
export function isContext(state: number): boolean {
  const p = Math.floor(state / 8);
  return isInteger(state) && p >= LOWEST && p <= HIGHEST && (state & 7) <= SLOWEST;
}

/** The lists of contexts of one section, by number. */
export class ContextSets extends Map<number, Contexts> {
  of(number: number): Contexts {
    let known = this.get(number);
    if (!known) {
      known = new Uint16Array(SLOTS).fill(PRIOR);
      this.set(number, known);
    }
    return known;
  }
}

/** Every method throws `ProtocolError` where the bytes end, or hold what no server writes. */
export class RangeReader {
  private at = 0;
  private code = 0;
  private range = 0xffffffff;

  constructor(private readonly data: Uint8Array) {
    for (let i = 0; i < AHEAD; i++) this.code = this.code * 256 + this.byte();
  }

  /** Read a bit by a context, which learns it. */
  bit(contexts: Contexts, slot: number): 0 | 1 {
    const state = contexts[slot]!;
    const count = state & 7;
    let p = state >> 3;
    const bound = (this.range >>> 12) * p;
    const one = this.code >= bound ? 1 : 0;
    if (one) {
      this.code -= bound;
      this.range -= bound;
      p -= (p - LOWEST) >> (count + 1);
    } else {
      this.range = bound;
      p += (HIGHEST - p) >> (count + 1);
    }
    contexts[slot] = (p << 3) | (count < SLOWEST ? count + 1 : count);
    if (this.range < TOP) this.shift();
    return one;
  }

  /** Read a bit that is hardly ever one. */
  rare(): 0 | 1 {
    return this.bit(Uint16Array.of(RARE), 0);
  }

  /** Read so many bits, each as likely as not. */
  direct(bits: number, from = 0): number {
    let value = from;
    for (let i = 0; i < bits; i++) {
      this.range = Math.floor(this.range / 2);
      const one = this.code >= this.range ? 1 : 0;
      if (one) this.code -= this.range;
      value = 2 * value + one;
      if (this.range < TOP) this.shift();
    }
    return value;
  }

  /** Read a number that is not zero; `near` tells by its sign which sign is likely. */
  signed(contexts: Contexts, near: number): number {
    const negative = this.bit(contexts, SIGN + (near > 0 ? 1 : near < 0 ? 2 : 0));
    const value = negative ? -this.magnitude(contexts) : this.magnitude(contexts);
    if (isInteger(value)) return value;
    throw new ProtocolError("a number is not within 2^53");
  }

  /** Read any whole number. */
  whole(contexts: Contexts): number {
    return this.bit(contexts, NOT_ZERO) ? this.signed(contexts, 0) : 0;
  }

  /** Read a text of at most so many bytes. */
  text(contexts: Contexts, most: number): string {
    const length = this.whole(contexts);
    if (length < 0 || length > most) throw new ProtocolError("a text is too long");
    const data = Uint8Array.from({ length }, () => this.direct(8));
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    } catch {
      throw new ProtocolError("a text is not UTF-8");
    }
  }

  /** Check that all bytes were read. */
  end(): void {
    if (this.at < this.data.length) throw new ProtocolError("bytes behind the last record");
  }

  private magnitude(contexts: Contexts): number {
    let length = 0;
    while (this.bit(contexts, LENGTH + Math.min(length, LENGTHS - 1))) {
      length += 1;
      if (length >= MOST_BITS) throw new ProtocolError("a number has too many bits");
    }
    if (length >= TREE_LENGTHS) return this.direct(length, 1);
    const tree = TREE + TREE_NODES * length;
    let node = 1;
    for (let i = 0; i < length; i++) {
      node = 2 * node + (node < TREE_NODES ? this.bit(contexts, tree + node) : this.direct(1));
    }
    return node;
  }

  private shift(): void {
    while (this.range < TOP) {
      this.code = this.code * 256 + this.byte();
      this.range *= 256;
    }
  }

  /** The next byte; behind the end some zeros are missing. */
  private byte(): number {
    if (this.at >= this.data.length + AHEAD) throw new ProtocolError("a body is cut off");
    return this.data[this.at++] ?? 0;
  }
}
