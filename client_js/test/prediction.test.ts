/** A match that predicts: own entities ahead, corrections, and the phases of events. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readSchema } from "../src/play/schema.js";
import { Kinds } from "../src/predict/classes.js";
import { SnapshotPast } from "../src/predict/past.js";
import { TELEPORT } from "../src/predict/smoothing.js";
import type { Body, PredictedWorld } from "../src/predict/world.js";
import { pack } from "../src/wire/pack.js";
import { KIND } from "../src/wire/tables.js";
import { HZ, inputs, playing, RUNNING, SCHEMA } from "./support/playing.js";

/** The empty snapshot of a tick in which the runner goes on, or a keyframe where it stands. */
const stands = (tick: number, x: number, ...events: unknown[]) => {
  const values = [-5, 2, 1, 0, null, x, 2000, 0, "Ann", 1, false, 10, 0, 0, 0, ...events];
  return [KIND.snapshot, tick, 1, Buffer.concat(values.map((value) => pack(value)))];
};

test("an own entity answers in the same frame, and a snapshot that agrees changes nothing", async () => {
  const { clock, server, match, pass, leave } = await playing();
  server.last.say([KIND.steer, 100, 2]);
  match.predict(RUNNING);
  match.hold({ move: 3 });
  const xs: number[] = [];
  await pass(40, (each) => xs.push(each.frame(clock.now())!.drawn[0]!.x));
  const { corrections, world } = match;
  assert.ok(corrections.judged >= 36, `${corrections.judged}`);
  assert.equal(corrections.worstPx, 0);
  const frame = match.frame(clock.now())!;
  const [{ x, own }] = frame.drawn as [(typeof frame.drawn)[number]];
  assert.ok(own);
  assert.ok(Math.abs(x - (1000 + (frame.tick - 100) * 16)) < 1e-9, "at the client's own tick");
  assert.equal(world?.tick, Math.floor(frame.tick));
  assert.equal(match.own("Runner")[0]!.fields.x, 1000 + (world.tick - 100) * 16);
  await leave();
});

test("a snapshot that differs takes the world back, and the picture eases over to it", async () => {
  const { clock, server, match, pass, leave } = await playing();
  match.predict(RUNNING);
  match.hold({ move: 3 });
  await pass(10, (each) => each.frame(clock.now()));
  await clock.pass(1 / HZ);
  const before = match.frame(clock.now())!;
  server.last.say(stands(111, 500)); // and it stands still from now on, as far as snapshots say
  const after = match.frame(clock.now())!;
  const due = match.world!.tick - 111;
  assert.equal(match.own("Runner")[0]!.fields.x, 500 + due * 16, "later commands were run again");
  assert.ok(Math.abs(after.drawn[0]!.x - before.drawn[0]!.x) < 1e-6, "nothing jumps");
  await clock.pass(0.02);
  const eased = match.frame(clock.now())!;
  const there = 500 + (eased.tick - 111) * 16;
  assert.ok(eased.drawn[0]!.x > there + 10 && eased.drawn[0]!.x < after.drawn[0]!.x);
  await clock.pass(0.1);
  const { drawn, tick } = match.frame(clock.now())!;
  assert.ok(Math.abs(drawn[0]!.x - (500 + (tick - 111) * 16)) < 1e-9);
  const { divergences, byInput, recent, lastPx } = match.corrections;
  assert.deepEqual([divergences, byInput], [1, 0]);
  assert.equal(lastPx, (1000 + 11 * 16 - 500) / 16);
  assert.deepEqual(recent[0]!.explained, "world");
  assert.deepEqual(recent[0]!.differences, [
    { type: "Runner", ident: 2, field: "x", predicted: 1000 + 11 * 16, actual: 500 },
  ]);
  await leave();
});

test("what the server teleports was not predicted at a wrong place", async () => {
  const { clock, server, match, pass, leave } = await playing();
  match.predict(RUNNING);
  match.hold({ move: 3 });
  await pass(10, (each) => each.frame(clock.now()));
  await clock.pass(1 / HZ);
  server.last.say(stands(111, 1000 + 11 * 16 + TELEPORT + 100));
  match.frame(clock.now());
  const { divergences, worstPx } = match.corrections;
  assert.deepEqual([divergences, worstPx], [1, 0]);
  await leave();
});

test("a predicted event is told at once, then confirmed or taken back", async () => {
  const { clock, server, match, pass, leave } = await playing();
  const now = () => clock.now() + 0.01; // not at the border of two ticks
  server.last.say([KIND.steer, 100, 2]);
  match.predict(RUNNING);
  await pass(5, (each) => each.frame(now()));
  match.hold({ throw: true });
  await pass(1, (each) => each.frame(now()));
  const [first] = match.takeEvents();
  assert.deepEqual(first, { ...first, type: "Thrown", fields: { seat: 0 }, phase: "predicted" });
  assert.ok(first!.tick > 106);
  let tick = 106;
  while (tick < first!.tick) {
    await clock.pass(1 / HZ);
    tick += 1;
    const events = tick === first!.tick ? [-3, 0, 0] : [];
    server.last.say(stands(tick, 1000 + 16 * (tick - 100), ...events));
    match.frame(now());
  }
  assert.deepEqual(match.takeEvents(), [{ ...first, phase: "confirmed" }]);
  match.hold({ throw: true });
  await clock.pass(1 / HZ);
  match.frame(now());
  const [second] = match.takeEvents();
  server.last.say(stands(second!.tick, 1000));
  assert.deepEqual(match.takeEvents(), [{ ...second, phase: "taken-back" }]);
  await leave();
});

test("a spectator predicts nothing; null ends prediction", async () => {
  const watching = await playing(-1);
  watching.match.predict(RUNNING);
  await watching.pass(10, (each) => each.frame(watching.clock.now()));
  const seen = watching.match.frame(watching.clock.now())!;
  assert.equal(watching.match.corrections.judged, 0);
  assert.equal(seen.world.tick, 110);
  assert.ok(!seen.drawn[0]!.own && seen.drawn[0]!.x < 1000 + 16 * 10);
  await watching.leave();

  const { clock, server, match, pass, leave } = await playing();
  server.last.say([KIND.steer, 100, 2]);
  match.predict(RUNNING);
  match.hold({ move: 3 });
  await pass(10, (each) => each.frame(clock.now()));
  assert.ok(match.frame(clock.now())!.drawn[0]!.x > 1000 + 16 * 10);
  match.predict(null);
  const frame = match.frame(clock.now())!;
  assert.ok(frame.drawn[0]!.x < 1000 + 16 * 10);
  assert.equal(frame.world.tick, 110);
  await leave();
});

test("a class that is drawn ahead is where it will be at the own tick, for a quarter of a second", async () => {
  const { clock, server, match, pass, leave } = await playing(1);
  server.last.say([KIND.steer, 100, 2]);
  match.predict({ ...RUNNING, extrapolated: ["Runner"], rewindable: ["Runner"] });
  await pass(10, (each) => each.frame(clock.now() + 0.01));
  const now = match.frame(clock.now() + 0.02)!;
  assert.ok(now.tick > 112);
  assert.ok(Math.abs(now.drawn[0]!.x - (1000 + (now.tick - 100) * 16)) < 1e-6);
  assert.ok(!now.drawn[0]!.own);
  assert.equal(inputs(server.last).at(-1)![4], 0, "so a shot is aimed at the present");
  await clock.pass(0.9);
  const stalled = match.frame(clock.now())!;
  assert.ok(stalled.tick > 120);
  assert.ok(Math.abs(stalled.drawn[0]!.x - (1000 + (110 - 100 + HZ / 4) * 16)) < 1e-6);
  await leave();
});

test("past places of targets are mixed to the nearest integer, and who was there only once counts half", () => {
  const schema = readSchema(SCHEMA);
  const kinds = new Kinds(schema, RUNNING);
  const past = new SnapshotPast(kinds, ["Runner"], HZ);
  const runner = (id: number, x: number, aim: number): Body => {
    const fields = { x, y: 7, aim, name: "Ann", hurt: x > 1010 };
    return { id, type: "Runner", owner: 0, born: 0, ordinal: -1, fields };
  };
  const moment = (tick: number, ...bodies: Body[]) => {
    past.push({ tick, bodies: new Map(bodies.map((body) => [body.id, body])) });
  };
  moment(100, runner(2, 1000, 1020), runner(3, 5, 0));
  moment(102, runner(2, 1017, 4), runner(4, 6, 0));
  const world = { tick: 103 } as PredictedWorld;
  const at = (view: number) =>
    past.rewound(world, view).map(({ id, fields }) => [id, fields.x, fields.aim, fields.hurt]);
  assert.deepEqual(at(0), [
    [2, 1017, 4, true],
    [4, 6, 0, false],
  ]);
  assert.deepEqual(at(16 + 8), [
    [2, 1013, 2, false],
    [4, 6, 0, false],
  ]);
  assert.deepEqual(at(32), [
    [2, 1009, 0, false],
    [4, 6, 0, false],
  ]);
  assert.deepEqual(at(36), [
    [2, 1006, 1023, false],
    [3, 5, 0, false],
  ]);
  assert.deepEqual(at(48), [
    [2, 1000, 1020, false],
    [3, 5, 0, false],
  ]);
  assert.deepEqual(at(400), at(48));
});
