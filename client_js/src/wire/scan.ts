/**
 * Walk over msgpack bytes before they are decoded.
 *
 * Law: what passes has lengths within its bounds and bytes, no key twice in a map, no extension
 * type, and no deep nesting. The library that decodes is lenient in these.
 */

import { ProtocolError } from "../errors.js";

/** Bounds of one message. */
export interface Bounds {
  /** Most elements of an array, and most entries of a map. */
  items: number;
  /** Deepest nesting of arrays and maps. */
  depth: number;
}

/** One value: where it ends, and whether a float is in it. */
export interface Scanned {
  end: number;
  floats: boolean;
}

/** Walk over the value at `at`. Throws `ProtocolError` where it breaks a rule. */
export function scan(bytes: Uint8Array, at: number, bounds: Bounds): Scanned {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let floats = false;

  function size(width: number, where: number): number {
    if (where + width > bytes.length) throw new ProtocolError("a value is cut off");
    if (width === 1) return view.getUint8(where);
    return width === 2 ? view.getUint16(where) : view.getUint32(where);
  }

  function skip(where: number, length: number): number {
    if (where + length > bytes.length) throw new ProtocolError("a value is cut off");
    return where + length;
  }

  function array(where: number, count: number, depth: number): number {
    let next = open(where, count, depth);
    for (let i = 0; i < count; i++) next = walk(next, depth + 1);
    return next;
  }

  function map(where: number, count: number, depth: number): number {
    const keys = new Set<string>();
    let next = open(where, count, depth);
    for (let i = 0; i < count; i++) {
      const end = walk(next, depth + 1);
      if (!isText(bytes[next]!)) throw new ProtocolError("a map's keys are text");
      const key = String.fromCharCode(...bytes.subarray(next, end));
      if (keys.has(key)) throw new ProtocolError("a key stands twice in a map");
      keys.add(key);
      next = walk(end, depth + 1);
    }
    return next;
  }

  function open(where: number, count: number, depth: number): number {
    if (depth >= bounds.depth) throw new ProtocolError("arrays and maps are nested too deep");
    if (count > bounds.items) throw new ProtocolError("an array or map is too long");
    return where;
  }

  function walk(where: number, depth: number): number {
    if (where >= bytes.length) throw new ProtocolError("a value is cut off");
    const head = bytes[where]!;
    const next = where + 1;
    if (head < 0x80 || head >= 0xe0) return next;
    if (head < 0x90) return map(next, head & 0x0f, depth);
    if (head < 0xa0) return array(next, head & 0x0f, depth);
    if (head < 0xc0) return skip(next, head & 0x1f);
    switch (head) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return next;
      case 0xc4: // bin
      case 0xc5:
      case 0xc6: {
        const width = 1 << (head - 0xc4);
        return skip(next + width, size(width, next));
      }
      case 0xca: // float
      case 0xcb:
        floats = true;
        return skip(next, head === 0xca ? 4 : 8);
      case 0xcc: // uint
      case 0xcd:
      case 0xce:
      case 0xcf:
        return skip(next, 1 << (head - 0xcc));
      case 0xd0: // int
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return skip(next, 1 << (head - 0xd0));
      case 0xd9: // str
      case 0xda:
      case 0xdb: {
        const width = 1 << (head - 0xd9);
        return skip(next + width, size(width, next));
      }
      case 0xdc: // array
      case 0xdd: {
        const width = head === 0xdc ? 2 : 4;
        return array(next + width, size(width, next), depth);
      }
      case 0xde: // map
      case 0xdf: {
        const width = head === 0xde ? 2 : 4;
        return map(next + width, size(width, next), depth);
      }
      default:
        throw new ProtocolError("there are no extension types");
    }
  }

  return { end: walk(at, 0), floats };
}

function isText(head: number): boolean {
  return (head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb);
}
