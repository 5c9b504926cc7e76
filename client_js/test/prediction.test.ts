/** A match that predicts: own entities ahead, corrections, and the phases of events. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { pack } from "../src/wire/pack.js";
import { KIND } from "../src/wire/tables.js";
import { HZ, playing, RUNNING } from "./support/playing.js";

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
