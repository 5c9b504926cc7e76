/** The walk over msgpack bytes: every form ends where it ends, cut anywhere it is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../src/errors.js";
import { pack, unpackObjects } from "../src/wire/pack.js";
import { scan } from "../src/wire/scan.js";
import { LIMITS } from "../src/wire/tables.js";

const BOUNDS = { items: 100_000, depth: 5 };
const map = (entries: number) =>
  Object.fromEntries(Array.from({ length: entries }, (_, i) => [`key ${i}`, i]));
const list = (length: number) => new Array(length).fill(7);

/** One value or more of each form, with those at the ends of its range. */
const VALUES: [string, unknown][] = [
  ["nil and bools", [null, true, false]],
  ["small integers", [0, 127, -1, -32]],
  ["unsigned integers", [128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]],
  [
    "signed integers",
    [-33, -128, -129, -32768, -32769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1],
  ],
  ["a float", 1.5],
  ["texts", ["", "x".repeat(31), "x".repeat(32), "x".repeat(255), "x".repeat(256), "é✓👩"]],
  ["a long text", "x".repeat(65536)],
  ["binaries", [new Uint8Array(), new Uint8Array(255), new Uint8Array(256)]],
  ["a long binary", new Uint8Array(65536)],
  ["arrays", [[], list(15), list(16)]],
  ["a long array", list(65536)],
  ["maps", [{}, map(15), map(16), map(300)]],
  ["a long map", map(65536)],
  ["a nest", { a: [{ b: [1] }] }],
];

for (const [name, value] of VALUES) {
  test(`${name}: the end is found, with anything behind it`, () => {
    const bytes = pack(value);
    assert.equal(scan(bytes, 0, BOUNDS).end, bytes.length);
    const between = Buffer.concat([pack("before"), bytes, pack({ behind: 1 })]);
    assert.equal(scan(between, 7, BOUNDS).end, 7 + bytes.length);
  });

  test(`${name}: cut off anywhere it is refused`, () => {
    const bytes = pack(value);
    const cuts = bytes.length < 3000 ? bytes.keys() : [1, 2, 4, 5, bytes.length - 1];
    for (const cut of cuts) {
      assert.throws(() => scan(bytes.subarray(0, cut), 0, BOUNDS), ProtocolError, `at ${cut}`);
    }
  });
}

test("floats are noticed wherever they are, and only they", () => {
  assert.equal(scan(pack([1, { a: [0.5] }]), 0, BOUNDS).floats, true);
  assert.equal(scan(Uint8Array.of(0xca, 0, 0, 0, 0), 0, BOUNDS).floats, true);
  assert.equal(scan(pack([1, "0.5", new Uint8Array([0xcb])]), 0, BOUNDS).floats, false);
});

test("nesting and lengths are bounded", () => {
  assert.equal(scan(pack([[[[[]]]]]), 0, BOUNDS).end, 5);
  assert.throws(() => scan(pack([[[[[[]]]]]]), 0, BOUNDS), ProtocolError);
  assert.throws(() => scan(pack([[[[[{}]]]]]), 0, BOUNDS), ProtocolError);
  const few = { items: 16, depth: 5 };
  assert.ok(scan(pack(list(16)), 0, few));
  assert.throws(() => scan(pack(list(17)), 0, few), ProtocolError);
  assert.throws(() => scan(pack(map(17)), 0, few), ProtocolError);
  // What is announced is refused before it is looked for.
  assert.throws(() => scan(Uint8Array.of(0xdd, 255, 255, 255, 255), 0, BOUNDS), ProtocolError);
});

test("a key that is no text, a key twice and an extension are refused", () => {
  assert.throws(() => scan(Uint8Array.of(0x81, 1, 2), 0, BOUNDS), ProtocolError);
  const twice = Buffer.concat([Uint8Array.of(0x82), pack("a"), pack(1), pack("a"), pack(2)]);
  assert.throws(() => scan(twice, 0, BOUNDS), ProtocolError);
  for (const head of [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]) {
    assert.throws(() => scan(new Uint8Array(20).fill(head, 0, 1), 0, BOUNDS), ProtocolError);
  }
});

test("a message has so many objects at most", () => {
  const run = (count: number) => Buffer.concat(new Array(count).fill(pack([4, 1])));
  assert.equal(unpackObjects(run(LIMITS.objects_per_message), BOUNDS).length, 32);
  assert.throws(() => unpackObjects(run(LIMITS.objects_per_message + 1), BOUNDS), ProtocolError);
});
