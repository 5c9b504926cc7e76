/** Simulated conditions of a link: delays, order, stalls, and its end. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Conditions, conditioned } from "../src/links/conditions.js";
import { FakeClock } from "./support/fakes.js";
import { Wire } from "./support/wire.js";

function started(conditions: Conditions) {
  const clock = new FakeClock();
  const wire = new Wire(clock);
  const present = { conditions };
  const link = conditioned(wire, () => present.conditions, clock);
  const heard: { at: number; message: number }[] = [];
  const ended: string[] = [];
  link.start(
    (message) => heard.push({ at: clock.now(), message: message[0]! }),
    (why) => ended.push(why),
  );
  return { clock, wire, link, heard, ended, present };
}

/** Send and receive a message in each 10 ms of a time; return the delays. */
async function delays(conditions: Conditions, seconds: number) {
  const { clock, wire, link, heard } = started(conditions);
  const began: number[] = [];
  for (let i = 0; i < seconds * 100; i++) {
    began.push(clock.now());
    link.send(Uint8Array.of(i % 256));
    wire.comes(i % 256);
    await clock.pass(0.01);
  }
  await clock.pass(5);
  for (const all of [wire.sent, heard]) {
    assert.deepEqual(
      all.map(({ message }) => message),
      began.map((_, i) => i % 256),
      "none is lost, and their order is kept",
    );
  }
  const since = (all: { at: number }[]) => all.map(({ at }, i) => at - began[i]!);
  return { up: since(wire.sent), down: since(heard) };
}

test("half of the lag is added in each direction, and half of the jitter to either side", async () => {
  const { up, down } = await delays({ lagMs: 150, jitterMs: 30, seed: 1 }, 5);
  for (const all of [up, down]) {
    const mean = all.reduce((sum, each) => sum + each) / all.length;
    assert.ok(Math.min(...all) > 0.0599 && Math.max(...all) < 0.0911, `${Math.max(...all)}`);
    assert.ok(Math.max(...all) - Math.min(...all) > 0.02);
    assert.ok(Math.abs(mean - 0.078) < 0.005, `${mean}`);
  }
  assert.notDeepEqual(up, down);
  assert.deepEqual((await delays({ lagMs: 150, jitterMs: 30, seed: 1 }, 5)).up, up);
  assert.notDeepEqual((await delays({ lagMs: 150, jitterMs: 30, seed: 2 }, 5)).up, up);
});

test("during a stall nothing arrives in either direction", async () => {
  const { up, down } = await delays({ stallS: 0.5, stallEveryS: 2, seed: 4 }, 20);
  for (const all of [up, down]) {
    const longest = Math.max(...all);
    assert.ok(longest > 0.45 && longest < 0.52, `${longest}`);
    const stalls = all.filter((each, i) => each > 0.4 && (all[i - 1] ?? 0) < 0.4).length;
    assert.ok(stalls >= 5 && stalls <= 14, `${stalls}`);
  }
  const starts = (all: number[]) => all.flatMap((each, i) => (each > 0.45 ? [i] : []));
  assert.deepEqual(starts(up), starts(down), "both at the same times");
});

test("what is lost comes after a round trip and 200 ms, and holds up what is behind it", async () => {
  const { up, down } = await delays({ lagMs: 100, lossPercent: 3, seed: 3 }, 20);
  for (const all of [up, down]) {
    const lost = all.filter((each, i) => each > 0.34 && (all[i - 1] ?? 0) < 0.34).length;
    assert.ok(lost > 20 && lost < 80, `${lost}`);
    assert.ok(Math.max(...all) < 0.351 && Math.min(...all) > 0.0499, `${Math.max(...all)}`);
    assert.ok(
      all.some((each) => each > 0.3 && each < 0.34),
      "those behind it wait, too",
    );
  }
});

test("conditions may change while the link is used; without any a message passes at once", async () => {
  const { clock, wire, link, heard, present } = started({});
  wire.comes(1);
  link.send(Uint8Array.of(2));
  assert.deepEqual([heard.length, wire.sent.length], [1, 1]);
  present.conditions = { lagMs: 100 };
  wire.comes(3);
  present.conditions = {};
  wire.comes(4);
  assert.equal(heard.length, 1, "what comes later does not overtake");
  await clock.pass(0.05);
  wire.comes(5);
  assert.deepEqual(
    heard.map(({ message }) => message),
    [1, 3, 4, 5],
  );
});

test("what had come before the end is handed on first; after an abort nothing is", async () => {
  const { clock, wire, link, heard, ended } = started({ lagMs: 100 });
  wire.comes(7);
  wire.breaks();
  assert.deepEqual([heard.length, ended], [0, []]);
  await clock.pass(0.1);
  assert.deepEqual([heard.length, ended], [1, ["broken"]]);
  link.send(Uint8Array.of(1));
  await clock.pass(1);
  assert.equal(wire.sent.length, 0);

  const other = started({ lagMs: 100 });
  other.wire.comes(7);
  other.link.send(Uint8Array.of(1));
  other.link.abort();
  assert.equal(other.ended.length, 1);
  await other.clock.pass(1);
  assert.deepEqual([other.heard.length, other.wire.sent.length, other.ended.length], [0, 0, 1]);
});

test("a link that closes sends first what is queued", async () => {
  const { wire, link, ended } = started({ lagMs: 100 });
  link.send(Uint8Array.of(1));
  link.send(Uint8Array.of(2));
  await link.close();
  assert.deepEqual(
    wire.sent.map(({ message }) => message),
    [1, 2],
  );
  assert.deepEqual(ended, ["closed"]);
});

test("a link that is aborted while its last messages wait ends at once", () => {
  const { wire, link, ended } = started({ lagMs: 100 });
  wire.comes(1);
  wire.breaks();
  assert.deepEqual(ended, []);
  link.abort();
  assert.deepEqual(ended, ["broken"]);
});
