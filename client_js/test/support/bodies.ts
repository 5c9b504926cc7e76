/** Writes a body of a section bit by bit, also as no server would; docs/protocol.md, "Bits". */

import { ContextSets, type Contexts } from "../../src/play/rangecoding.js";
import type { Value } from "../../src/play/rows.js";

const [SECTION, ENTITY_ID, ENTITY_TYPE, OWNER, GONE_ID, EVENT_TYPE] = [0, 1, 2, 3, 6, 7];
const CLASSES = 4; // of the schema of the vectors
const TOP = 2 ** 24;

/** A body that any decoder can read: it begins to learn anew. */
export class Body {
  private readonly sets = new ContextSets();
  private readonly out: number[] = [];
  private low = 0;
  private range = 0xffffffff;

  constructor(changed = false) {
    this.bit(Uint16Array.of((4064 << 3) | 4), 0, 1);
    this.flag(SECTION, 0, changed);
  }

  flag(list: number, slot: number, value: boolean | number): this {
    this.bit(this.sets.of(list), slot, value ? 1 : 0);
    return this;
  }

  direct(value: number, bits: number): this {
    for (let place = bits - 1; place >= 0; place--) {
      this.range = Math.floor(this.range / 2);
      if (Math.floor(value / 2 ** place) % 2) this.low += this.range;
      this.shift();
    }
    return this;
  }

  whole(list: number, value: number): this {
    const contexts = this.sets.of(list);
    this.flag(list, 4, value !== 0);
    return value ? this.signed(contexts, value, 0) : this;
  }

  /** A number that is not zero; `near` tells by its sign which sign is likely. */
  signed(contexts: Contexts | number, value: number, near: number): this {
    const learned = typeof contexts === "number" ? this.sets.of(contexts) : contexts;
    this.bit(learned, 6 + (near > 0 ? 1 : near < 0 ? 2 : 0), value < 0 ? 1 : 0);
    const bits = Math.abs(value).toString(2);
    const length = bits.length - 1;
    for (let i = 0; i <= length; i++) this.bit(learned, 9 + Math.min(i, 23), i < length ? 1 : 0);
    let node = 1;
    for (const bit of bits.slice(1)) {
      if (length < 8 && node < 32) this.bit(learned, 33 + 32 * length + node, Number(bit));
      else this.direct(Number(bit), 1);
      node = 2 * node + Number(bit);
    }
    return this;
  }

  /** That an entity of a class changed in some of its fields: the flags before each field. */
  entity(number: number, history = 0): this {
    return this.flag(8 + 130 * number, history, 1);
  }

  spawn(id: number, number: number, values: readonly Value[] = [], owner = 0): this {
    this.record(0).whole(ENTITY_ID, id).whole(ENTITY_TYPE, number).whole(OWNER, owner);
    this.flag(OWNER, 0, 0);
    return this.values(8 + 130 * number + 66, values);
  }

  gone(id: number): this {
    return this.record(1).whole(GONE_ID, id);
  }

  event(number: number, values: readonly Value[] = []): this {
    this.record(2).whole(EVENT_TYPE, number);
    return this.values(8 + 130 * CLASSES + 16 * number, values);
  }

  checksum(sum: number): this {
    return this.record(3).direct(sum, 32);
  }

  /** Return the bytes, behind whose records none follows. */
  end(): Uint8Array {
    this.flag(SECTION, 1, 0);
    for (let count = 0; ; count++) {
      const unit = 2 ** (32 - 8 * count);
      const value = Math.ceil(this.low / unit) * unit;
      if (value - this.low >= this.range) continue;
      this.low = value;
      this.carry();
      for (let i = 0; i < count; i++) this.out.push(Math.floor(this.low / 2 ** (24 - 8 * i)) & 255);
      return Uint8Array.from(this.out);
    }
  }

  private record(kind: number): this {
    return this.flag(SECTION, 1, 1)
      .flag(SECTION, 3, kind >> 1)
      .flag(SECTION, 4 + (kind >> 1), kind & 1);
  }

  private values(first: number, values: readonly Value[]): this {
    values.forEach((value, i) => {
      if (typeof value === "boolean") this.flag(first + i, 0, value);
      else if (typeof value === "number") this.whole(first + i, value);
      else this.text(first + i, new TextEncoder().encode(value));
    });
    return this;
  }

  private text(list: number, data: Uint8Array): void {
    this.whole(list, data.length);
    for (const byte of data) this.direct(byte, 8);
  }

  private bit(contexts: Contexts, slot: number, one: number): void {
    const state = contexts[slot]!;
    const count = state & 7;
    let p = state >> 3;
    const bound = (this.range >>> 12) * p;
    if (one) {
      this.low += bound;
      this.range -= bound;
      p -= (p - 32) >> (count + 1);
    } else {
      this.range = bound;
      p += (4064 - p) >> (count + 1);
    }
    contexts[slot] = (p << 3) | Math.min(count + 1, 4);
    this.shift();
  }

  private shift(): void {
    while (this.range < TOP) {
      this.carry();
      this.out.push(Math.floor(this.low / TOP));
      this.low = (this.low % TOP) * 256;
      this.range *= 256;
    }
  }

  private carry(): void {
    if (this.low < 2 ** 32) return;
    this.low -= 2 ** 32;
    let at = this.out.length - 1;
    while (this.out[at] === 255) this.out[at--] = 0;
    this.out[at]! += 1;
  }
}
