/** Tapes and views: what they hold, their bounds, and the form of their files. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { deflated, stored } from "../src/deflate.js";
import { History } from "../src/history.js";
import { MOST_BYTES, PART_BYTES, packed, type Seen, ViewSender } from "../src/play/evidence.js";
import { bodyOf } from "../src/play/keyed.js";
import type { Match } from "../src/play/match.js";
import { SnapshotReader, type World } from "../src/play/reader.js";
import { readSchema } from "../src/play/schema.js";
import { MOST_BYTES as MOST_TAPE, TAPE_S, Tape, WINDOW_S } from "../src/play/tape.js";
import type { Answer, Settle } from "../src/session.js";
import { pack, unpack } from "../src/wire/pack.js";
import type { MatchStarted, SendViewParams } from "../src/wire/tables.js";
import { Body } from "./support/bodies.js";
import { load, unplain } from "./support/vectors.js";

const SCHEMA = readSchema(unplain(load<{ schema: unknown }>("snapshots.json").schema));
const HZ = 30;
const STARTED: MatchStarted = {
  match_id: "m/1",
  game: "skirmish",
  seat: 0,
  players: [{ player_id: "p1", seat: 0, name: "Ann", team: 1, bot: false }],
  tick_rate: HZ,
  snapshot_every: 1,
  map: "yard",
  map_digest: "d1",
  options: {},
  salt: 1,
  schema: {},
};

/** The list of contexts of a Runner's x in updates. */
const RUNNER_X = 8 + 130 + 1;

/** A Runner of seat 0 at a place, as a keyframe or an update. */
const runner = (x: number) => [-5, 2, 1, 0, null, x, 2000, 0, "Ann", 1, false, 10, 0, 16, 0];
const body = (values: unknown[]) => Buffer.concat(values.map((value) => pack(value)));

class Watched {
  now = 100;
  tick = 0;
  reader = new SnapshotReader(SCHEMA);
  readonly tape = new Tape(STARTED, "test 1", () => this.now);

  play(ticks: number, more: Uint8Array = new Uint8Array()): void {
    for (let i = 0; i < ticks; i++) {
      this.tick += 1;
      this.now += 1 / HZ;
      const first = this.tick === 1;
      const sections = [{ number: 0, keyframe: first, body: first ? body(runner(1000)) : more }];
      this.reader.apply(this.tick, sections);
      this.tape.snapshot(this.tick, sections, this.reader);
    }
  }

  async saved(): Promise<unknown[]> {
    const { data } = await this.tape.save();
    assert.equal(new TextDecoder().decode(data.subarray(0, 8)), "gstape1\n");
    return unpack(inflateSync(data.subarray(8))) as unknown[];
  }

  /** Bytes that the tape says it holds. */
  get size(): number {
    return (this.tape as unknown as { size: number }).size;
  }
}

test("what is compressed, or stored where nothing compresses, is the same for zlib", async () => {
  for (const size of [0, 1, 0xffff, 0x10000, 200_000]) {
    const data = Uint8Array.from({ length: size }, (_, i) => (i * i) % 251);
    assert.deepEqual(new Uint8Array(inflateSync(stored(data))), data);
    assert.deepEqual(new Uint8Array(inflateSync(await deflated(data))), data);
  }
  assert.ok((await deflated(new Uint8Array(9999))).length < 100);
});

test("a tape holds the last half minute and begins with the state before it", async () => {
  const watched = new Watched();
  watched.play(HZ * 90);
  const [, header, tick, state, entries] = (await watched.saved()) as [
    number,
    Record<string, unknown>,
    number,
    [number, Uint8Array][],
    [number, number, number][],
  ];
  const spans = entries.length / HZ;
  assert.ok(spans >= TAPE_S && spans <= TAPE_S + WINDOW_S + 0.1, `${spans} s`);
  assert.deepEqual([entries[0]![2], entries.at(-1)![2]], [tick + 1, HZ * 90]);
  assert.ok(entries.at(-1)![1] - entries[0]![1] >= TAPE_S * 1000 - 100);
  const reader = new SnapshotReader(SCHEMA);
  const [[number, first]] = state as [[number, Uint8Array]];
  const { world } = reader.apply(tick, [{ number, keyframe: true, body: first }]);
  assert.equal(world?.entities.get(2)?.fields.x, 1000 + 16 * (tick - 1));
  assert.deepEqual(
    [header.match, header.client, header.players],
    ["m/1", "test 1", [[0, "Ann", 1, false]]],
  );
});

test("the last snapshots are known with their times and bytes", () => {
  const watched = new Watched();
  watched.play(HZ * 20);
  const last = watched.tape.arrivals(1.01);
  assert.deepEqual(
    last.map(({ tick }) => tick),
    Array.from({ length: HZ + 1 }, (_, i) => HZ * 19 + i),
  );
  assert.deepEqual(last.at(-1), { at: watched.now, tick: HZ * 20, bytes: 0 });
  assert.ok(watched.tape.arrivals(TAPE_S)[0]!.bytes > 10);
});

test("each snapshot of the last half minute can be drawn, back and forth", () => {
  const watched = new Watched();
  watched.play(HZ * 60);
  const { tape } = watched;
  const history = new History({ schema: SCHEMA, seat: 0, tape } as Match, watched.now);
  watched.play(HZ * 7); // the match goes on
  assert.ok(history.length >= TAPE_S * HZ && history.length <= (TAPE_S + WINDOW_S + 1) * HZ);
  const newest = history.length - 1;
  for (const index of [newest, newest - 1, 0, 1, newest - 5 * HZ, 400]) {
    const step = history.at(index)!;
    assert.equal(step.tick, HZ * 60 - newest + index);
    assert.ok(Math.abs(step.agoS - (newest - index) / HZ) < 1e-6);
    const [drawn] = step.frame.drawn;
    assert.deepEqual([drawn!.x, drawn!.own], [1000 + 16 * (step.tick - 1), true]);
  }
  assert.equal(history.at(-1), null);
  assert.equal(history.at(history.length), null);
});

test("a tape's name has a time and no path", async () => {
  assert.match((await new Watched().tape.save()).name, /^\d{8}T\d{6}-m1\.tape$/);
});

test("a tape keeps within its bytes, whatever comes", async () => {
  const watched = new Watched();
  watched.play(1);
  const most = () => assert.ok(watched.size <= MOST_TAPE + 70_000, `${watched.size}`);
  for (let i = 0; i < 1000; i++) {
    watched.tape.event(1, 0, ["x".repeat(30_000)]); // no time passes
    most();
  }
  watched.play(
    HZ * 40,
    // Larger than any other body, and not one: the section waits for its keyframe.
    new Uint8Array(60_000),
  );
  most();
  assert.ok(watched.size > MOST_TAPE / 4);
  for (let i = 0; i < 70_000; i++) watched.tape.roundTrip(0.1);
  most();
});

test("a tape goes on where the state has values that cannot be sent", async () => {
  const watched = new Watched();
  watched.play(1);
  const far = new Body(true)
    .entity(1)
    .flag(RUNNER_X, 0, 1)
    .signed(RUNNER_X, 2 ** 53 - 1, 16);
  for (const [i, before] of [1, 0, 0, 0, 0, 0].entries()) {
    far.flag(RUNNER_X + 1 + i + (i > 1 ? 1 : 0), before, 0);
  }
  watched.play(1, far.end()); // the step grows beyond what is whole
  watched.play(HZ * (WINDOW_S + 1));
  const [, , tick, state, entries] = (await watched.saved()) as unknown[][];
  assert.deepEqual([tick, state], [0, []]);
  assert.equal(entries!.length, watched.tick);
});

const desync = { match_id: "m1", tick: 9, section: 0, expected: 1, computed: 2 };
const NOISE = Uint8Array.from({ length: 10_000 }, (_, n) => ((n * n * 7) % 251) ^ ((n >> 8) & 255));

function worlds(...ticks: number[]): World[] {
  return ticks.map((tick) => {
    const reader = new SnapshotReader(SCHEMA);
    const section = { number: 0, keyframe: true, body: body(runner(tick * 10)) };
    return reader.apply(tick, [section]).world!;
  });
}

function seen(more: Partial<Seen> = {}): Seen {
  return { report: desync, seat: 0, worlds: [], present: NOISE, ...more };
}

test("a view has each tick up to the report once, and the last ones if not all fit", async () => {
  const rows = async (each: Seen, most = 1 << 20) => {
    const data = await packed(each, most);
    return data.length ? (unpack(inflateSync(data)) as [number, Uint8Array][]) : [];
  };
  const small = new Uint8Array([1]);
  const ticks = async (...of: number[]) =>
    (await rows(seen({ worlds: worlds(...of), present: small }))).map(([tick]) => tick);
  assert.deepEqual(await ticks(7, 8, 10), [7, 8, 9]);
  assert.deepEqual(await ticks(7, 8, 9, 10), [7, 8, 9]);
  const [, second] = await rows(seen({ worlds: worlds(7, 8), present: null }));
  const placed = new SnapshotReader(SCHEMA).apply(8, [
    { number: 0, keyframe: true, body: second![1] },
  ]);
  assert.equal(placed.world?.entities.get(2)?.fields.x, 80);
  assert.equal((await rows(seen({ worlds: worlds(7, 8) }), 9000)).length, 0);
  const most = (await packed(seen(), 1 << 20)).length;
  assert.deepEqual((await rows(seen({ worlds: worlds(6, 7, 8) }), most + 10)).at(-1)?.[0], 9);
  const other = { ...desync, section: 4096 };
  assert.deepEqual(
    (await rows(seen({ report: other, worlds: worlds(7, 8) }))).map(([tick]) => tick),
    [9],
  );
});

class Server {
  readonly asked: [name: string, params: unknown][] = [];
  readonly settles: Settle[] = [];
  readonly sender = new ViewSender(this);
  private heard = () => {};

  ask(name: string, params: unknown, settle: Settle): void {
    this.asked.push([name, params]);
    this.settles.push(settle);
    this.heard();
  }

  answer(view_bytes: number | null): void {
    const result = { kind: "result", id: 1, result: { view_bytes }, after: null } as Answer;
    this.settles.at(-1)!(view_bytes === null ? null : result);
  }

  /** Answer, and wait for what is asked next. */
  async goOn(view_bytes: number): Promise<void> {
    const next = new Promise<void>((resolve) => {
      this.heard = resolve;
    });
    this.answer(view_bytes);
    await next;
  }

  get parts(): SendViewParams[] {
    return this.asked
      .filter(([name]) => name === "match.view")
      .map(([, params]) => params as SendViewParams);
  }
}

test("a view is sent part by part, each when the one before was taken", async () => {
  const server = new Server();
  server.sender.report(seen());
  assert.deepEqual(server.asked, [["match.desync", desync]]);
  await server.goOn(1 << 30);
  while (!server.parts.at(-1)!.last) {
    const { length } = server.parts;
    await server.goOn(0);
    assert.equal(server.parts.length, length + 1);
  }
  const parts = server.parts;
  assert.ok(parts.length > 2);
  assert.ok(parts.every(({ data }) => data.length <= PART_BYTES));
  assert.deepEqual(
    parts.map(({ offset }) => offset),
    parts.map((_, i) => i * PART_BYTES),
  );
  const whole = Buffer.concat(parts.map(({ data }) => data));
  assert.ok(whole.length <= MOST_BYTES);
  assert.deepEqual(unpack(new Uint8Array(inflateSync(whole))), [[9, NOISE]]);
});

test("nothing is sent unasked, twice at a time, or once a part got no answer", async () => {
  const server = new Server();
  for (const nothing of [0, null]) {
    server.sender.report(seen());
    server.answer(nothing);
  }
  assert.equal(server.parts.length, 0);
  server.sender.report(seen());
  await server.goOn(1 << 20);
  server.sender.report(seen());
  server.answer(1 << 20);
  assert.equal(server.parts.length, 1, "one view is on its way");
  const first = server.asked.findIndex(([name]) => name === "match.view");
  server.settles[first]!(null);
  assert.equal(server.parts.length, 1);
  server.sender.report(seen());
  await server.goOn(1 << 20);
  assert.deepEqual(
    server.parts.map(({ offset }) => offset),
    [0, 0],
    "the next view begins anew",
  );
});

test("a body of rows is what a keyframe was", () => {
  const reader = new SnapshotReader(SCHEMA);
  const first = body(runner(1000));
  reader.apply(1, [{ number: 0, keyframe: true, body: first }]);
  const { row } = reader.apply(2, []).world!.entities.get(2)!;
  assert.equal(row.values[0], 1016);
  const moved = body(runner(1016));
  assert.deepEqual(Buffer.from(bodyOf([row])), moved);
  assert.deepEqual(reader.keyframe(0), bodyOf([row]));
});
