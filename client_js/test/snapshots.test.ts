/** Snapshot bodies: every chain of the vectors, read as a viewer does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../src/errors.js";
import { crc32 } from "../src/play/crc.js";
import { SnapshotReader } from "../src/play/reader.js";
import { shortWay, wrapped } from "../src/play/rows.js";
import { type Audience, readSchema } from "../src/play/schema.js";
import { SectionDecoder } from "../src/play/section.js";
import { pack } from "../src/wire/pack.js";
import { Body } from "./support/bodies.js";
import { bytesOf, load, unplain } from "./support/vectors.js";

interface Step {
  about: string;
  delta: string;
  /** Only of the first steps. */
  keyframe?: string;
  values: Record<string, unknown[]>;
  events: unknown[][];
  checksum: number;
}

const VECTORS = load<{
  schema: unknown;
  chains: { audience: Audience; section: number; steps: Step[] }[];
}>("snapshots.json");
const SCHEMA = readSchema(unplain(VECTORS.schema));

function held(decoder: SectionDecoder): Record<string, unknown[]> {
  const rows = [...decoder.rows.values()].sort((a, b) => a.id - b.id);
  return Object.fromEntries(rows.map((row) => [`${row.id}`, row.values]));
}

for (const { audience, steps } of VECTORS.chains) {
  test(`the ${audience} chain is followed from its first keyframe`, () => {
    const decoder = new SectionDecoder(SCHEMA, audience);
    let carried = false;
    steps.forEach((step, i) => {
      const decoded = decoder.apply(bytesOf(i ? step.delta : step.keyframe!), i === 0);
      assert.deepEqual(held(decoder), step.values, step.about);
      const events = decoded.events.map((each) => [
        SCHEMA.events.indexOf(each.kind),
        ...each.fields,
      ]);
      assert.deepEqual(events, step.events, step.about);
      assert.equal(decoder.checksum(), step.checksum, step.about);
      if (decoded.sums) assert.equal(decoded.sums.expected, decoded.sums.computed);
      carried ||= decoded.sums !== null;
    });
    assert.ok(carried, "a checksum is in the chain");
  });

  test(`who comes late to the ${audience} chain goes on from any keyframe`, () => {
    const from = steps.filter((step) => step.keyframe !== undefined);
    assert.ok(from.length > 2);
    from.forEach((step, i) => {
      const decoder = new SectionDecoder(SCHEMA, audience);
      decoder.apply(bytesOf(step.keyframe!), true);
      assert.deepEqual(held(decoder), step.values, step.about);
      for (const next of steps.slice(i + 1)) {
        decoder.apply(bytesOf(next.delta), false);
        assert.deepEqual(held(decoder), next.values, next.about);
      }
    });
  });

  test(`who is handed what was learned of the ${audience} chain goes on with it`, () => {
    const [decoder, other] = [1, 2].map(() => new SectionDecoder(SCHEMA, audience));
    steps.forEach((step, i) => {
      const body = bytesOf(i ? step.delta : step.keyframe!);
      other!.apply(decoder!.keyframe(true), true);
      for (const each of [decoder!, other!]) each.apply(body, i === 0);
      assert.deepEqual(held(other!), step.values, step.about);
      assert.deepEqual(other!.keyframe(true), decoder!.keyframe(true));
    });
  });
}

const RUNNER = ["x", "y", "aim", "team", "hurt", "heat", "hits"];

test("a body that no server sends is refused", () => {
  const keyframe = bytesOf(VECTORS.chains[0]!.steps[0]!.keyframe!);
  const nothing = RUNNER.reduce(
    (body, _, i) => body.flag(8 + 130 + 1 + i + (i > 2 ? 1 : 0), 0, 0),
    new Body(true).flag(8, 0, 0).entity(1),
  );
  const bodies = {
    "an update of nothing": nothing.end(),
    "no such class": new Body().spawn(7, 99).end(),
    "no such id": new Body().spawn(0, 3, [1]).end(),
    "nobody is gone": new Body().gone(99).end(),
    "no such event": new Body().event(99).end(),
    "an event below 0": new Body().event(-1).end(),
    "a text of no bytes": new Body()
      .spawn(7, 0, [1])
      .whole(8 + 67, -1)
      .end(),
    "a long text": new Body().spawn(7, 0, [1, "x".repeat(1025)]).end(),
    "no text": new Body()
      .spawn(7, 0, [1])
      .whole(8 + 67, 1)
      .direct(0xff, 8)
      .end(),
    "a number beyond 2^53": new Body().spawn(7, 3, [2 ** 53]).end(),
    "too many records": Array.from({ length: 65_537 })
      .reduce<Body>((body) => body.checksum(0), new Body())
      .end(),
    "cut off": new Body().spawn(7, 0, [1, "a text"]).end().slice(0, -5),
    "too many bytes": new Uint8Array([...new Body().checksum(7).end(), 0, 0, 0, 0, 0]),
  };
  for (const [what, body] of Object.entries(bodies)) {
    const decoder = new SectionDecoder(SCHEMA, "public");
    decoder.apply(keyframe, true);
    assert.throws(() => decoder.apply(body, false), ProtocolError, what);
  }
});

test("a keyframe that no server sends is refused", () => {
  const run = (...values: unknown[]) => Buffer.concat(values.map((value) => pack(value)));
  const board = [-5, 1, 0, -1, null, 900, "Skirmish", "calm"];
  const bodies = [
    run(-5, 7, 99, 0, null), // no such class
    run(-5, 0, 0, 0, null, 0, "", ""), // no such id
    run(-5, 1, 0, -1, [1], 900, "Skirmish", "calm"),
    run(-3, 99),
    run(-1, 1),
    run(1, 1, 1),
    run(-9),
    run("text"),
    run(1.5),
    run(-4),
    run(-6, -1, 0),
    run(-6, 10_000, 0),
    run(-6, 0, 1, 289, 2048 << 3),
    run(-6, 0, 1, 0, 31 << 3),
    run(-6, 0, 1, 0, 1.5),
    run(-6, 0, 2, 0, 2048 << 3),
    run(...board, -7, 2, 0),
    Uint8Array.of(0xa1),
    Uint8Array.of(0xcd, 1),
  ];
  for (const body of bodies) {
    const decoder = new SectionDecoder(SCHEMA, "public");
    const told = Buffer.from(body).toString("hex");
    assert.throws(() => decoder.apply(body, true), ProtocolError, told);
  }
});

test("CRC-32 and the short way round are those of the page", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assert.equal(wrapped(1028, 1024), 4);
  assert.equal(wrapped(-1, 1024), 1023);
  assert.equal(shortWay(1020, 1024), -4);
  assert.equal(shortWay(512, 1024), -512);
  assert.equal(shortWay(70, 0), 70);
});

// --- whole snapshots ---------------------------------------------------------------------------

const [PUBLIC, OWNER] = VECTORS.chains as [
  (typeof VECTORS.chains)[number],
  (typeof VECTORS.chains)[number],
];

function section(number: number, hex: string, keyframe: boolean) {
  return { number, keyframe, body: bytesOf(hex) };
}

test("the sections of a snapshot make one world, floats in the game's units", () => {
  const reader = new SnapshotReader(SCHEMA);
  const first = reader.apply(1, [
    section(0, PUBLIC.steps[4]!.keyframe!, true),
    section(1, OWNER.steps[0]!.keyframe!, true),
  ]);
  assert.equal(first.keyframes, 2);
  const ann = first.world!.entities.get(2)!;
  assert.equal(ann.type, "Runner");
  assert.deepEqual([ann.fields.name, ann.fields.heat, ann.fields.ammo], ["Ann", 2.5, 50]);

  // Absent sections go on as extrapolated, and the earlier world stays as it was.
  const second = reader.apply(2, []);
  assert.equal(second.world!.entities.get(2)!.fields.x, (ann.fields.x as number) + 20);
  assert.equal(first.world!.entities.get(2), ann);
});

test("without a keyframe there is no world; one that does not decode waits for its keyframe", () => {
  const reader = new SnapshotReader(SCHEMA);
  assert.equal(reader.apply(1, [section(0, PUBLIC.steps[1]!.delta, false)]).world, null);
  reader.apply(2, [section(0, PUBLIC.steps[0]!.keyframe!, true)]);
  const bad = reader.apply(3, [{ number: 0, keyframe: false, body: new Body().gone(99).end() }]);
  assert.deepEqual(bad.desyncs, [{ section: 0, expected: 0, computed: 0 }]);
  assert.equal(bad.world, null);
  assert.equal(reader.apply(4, [section(0, PUBLIC.steps[1]!.delta, false)]).world, null);
  assert.ok(reader.apply(5, [section(0, PUBLIC.steps[2]!.keyframe!, true)]).world);
});

test("a wrong checksum is told with both sums", () => {
  const reader = new SnapshotReader(SCHEMA);
  reader.apply(1, [section(0, PUBLIC.steps[0]!.keyframe!, true)]);
  const wrong = new Body().checksum(12345).end();
  const { desyncs } = reader.apply(2, [{ number: 0, keyframe: false, body: wrong }]);
  assert.equal(desyncs.length, 1);
  assert.equal(desyncs[0]!.expected, 12345);
});

test("cells begin empty, far ones wait for their snapshots, and a near one counts first", () => {
  const reader = new SnapshotReader(SCHEMA);
  const spark = (left: number) => new Body().spawn(9, 3, [left], -1).end();
  const bolt = Buffer.concat([-5, 8, 2, -1, null, 100, 0, 0, 10, 0, 0].map((value) => pack(value)));
  reader.apply(1, [section(0, PUBLIC.steps[0]!.keyframe!, true)]);
  const at = (tick: number, ...cells: [number, Uint8Array, boolean][]) =>
    reader.apply(
      tick,
      cells.map(([number, body, keyframe]) => ({ number, body, keyframe })),
    ).world!.entities;
  const far = 4096 + 4 * 7 + 1;
  const near = 4096 + 4 * 8;
  assert.equal(at(2, [far, spark(5), false]).get(9)!.fields.left, 5);
  assert.equal(at(3, [near, spark(6), false]).get(9)!.fields.left, 6, "the later one counts");
  const both = at(3.5, [far, spark(5), false], [near, spark(8), false]);
  assert.equal(both.get(9)!.fields.left, 8, "at the same tick a near one counts");
  assert.equal(at(4, [far, bolt, true]).get(8)!.fields.x, 100);
  assert.equal(at(5).get(8)!.fields.x, 100, "a far cell does not go on alone");
  assert.equal(at(6, [far, new Uint8Array(), false]).get(8)!.fields.x, 110);
  assert.equal(at(7, [far, new Uint8Array(), true]).get(8), undefined, "no longer seen");
});

test("another group's section replaces that of the first", () => {
  const reader = new SnapshotReader(SCHEMA);
  const plan = (value: number) =>
    Buffer.concat([-5, 2, 1, 0, null, value].map((each) => pack(each)));
  const sections = [section(0, PUBLIC.steps[0]!.keyframe!, true)];
  const first = reader.apply(1, [...sections, { number: 3, keyframe: true, body: plan(1) }]);
  assert.equal(first.world!.entities.get(2)!.fields.plan, 1);
  const second = reader.apply(2, [{ number: 4, keyframe: true, body: plan(2) }]);
  assert.equal(second.world!.entities.get(2)!.fields.plan, 2);
});
