/** The wire vectors of the project, as docs/protocol.md names them. */

import { readFileSync } from "node:fs";

const FOLDER = new URL("../../../../tests/vectors/", import.meta.url);

export function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf-8")) as T;
}

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** JSON's values as msgpack holds them: `{"$hex": …}` stands for bytes. */
export function unplain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unplain);
  if (typeof value !== "object" || value === null) return value;
  if ("$hex" in value) return bytesOf(value.$hex as string);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unplain(part)]));
}
