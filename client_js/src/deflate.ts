/** Compression by zlib, as the files of a client have it. */

import { joined } from "./wire/pack.js";

/** Most bytes of one block that is not compressed. */
const BLOCK = 0xffff;
const ADLER = 65521;

/** Return bytes compressed by zlib; stored as they are where the surroundings cannot compress. */
export async function deflated(data: Uint8Array): Promise<Uint8Array> {
  if (typeof CompressionStream === "undefined") return stored(data);
  const plain = new Blob([data as Uint8Array<ArrayBuffer>]).stream();
  const packed = plain.pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** The same form without compression: RFC 1950, blocks of kind 0 of RFC 1951. */
export function stored(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let at = 0; at === 0 || at < data.length; at += BLOCK) {
    const block = data.subarray(at, at + BLOCK);
    const { length } = block;
    const last = at + BLOCK >= data.length ? 1 : 0;
    parts.push(Uint8Array.of(last, length, length >> 8, ~length, ~length >> 8), block);
  }
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % ADLER;
    b = (b + a) % ADLER;
  }
  parts.push(Uint8Array.of(b >> 8, b, a >> 8, a));
  return joined(parts);
}
