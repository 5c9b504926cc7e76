/** A match on the client's side: entering, ticks and inputs, time, frames and events. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../src/index.js";
import { KIND } from "../src/wire/tables.js";
import { Body } from "./support/bodies.js";
import { type FakeSocket, TOKEN, WELCOME } from "./support/fakes.js";
import { HZ, inputs, keyframe, playing, RUNNING, started } from "./support/playing.js";

const seens = (socket: FakeSocket) => socket.heard.filter((row) => row[0] === KIND.seen);

/** The client's match now: the compiler believes what was asserted of it before. */
const matchOf = (client: Client) => client.match;

test("a match is entered by itself: map, then snapshots right behind the answer", async () => {
  const { client, match, leave } = await playing();
  assert.equal(client.match, match);
  assert.deepEqual([match.live, match.seat, match.world?.tick], [true, 0, 100]);
  const [runner] = match.own("Runner");
  assert.deepEqual(
    [runner?.fields.x, runner?.fields.name, runner?.fields.heat],
    [1000, "Ann", 2.5],
  );
  assert.deepEqual(
    [match.map.title, match.map.width, match.map.solid[0], match.map.solid.at(-1)],
    ["Yard", 32, 0, 1],
  );
  assert.deepEqual(match.map.objects[0], {
    id: 1,
    kind: "spawn",
    name: "a",
    team: 0,
    x: 5,
    y: 6,
    properties: {},
  });
  await leave();
});

test("each tick gets one input: numbered on from the server's word, ahead, with seen and view", async () => {
  const { clock, server, match, pass, leave } = await playing();
  match.hold({ move: 2, aim: 300 });
  await pass(40, (each) => each.advance(clock.now()));
  const rows = inputs(server.last);
  assert.ok(rows.length >= 39 && rows.length <= 43, `${rows.length}`);
  rows.forEach((row, i) => {
    assert.equal(row[1], 7 + i, "seq counts on");
    if (i) assert.equal(row[2], rows[i - 1]![2]! + 1, "each tick once");
    assert.deepEqual(row.slice(5), [2, 300, 0, 0]);
  });
  const last = rows.at(-1)!;
  assert.equal(last[3], 140, "the newest snapshot was seen");
  assert.ok(last[2]! >= 141 && last[2]! <= 143, "a little ahead of it");
  const frame = match.frame(clock.now())!;
  assert.ok(Math.abs(last[4]! - (last[2]! * 16 - (frame.tick - frame.view) * 16)) <= 16);
  assert.ok(last[4]! > 16 && last[4]! < 6 * 16);
  await leave();
});

test("a press lasts until it was sent once; a level as long as it is held", async () => {
  const { clock, server, match, pass, leave } = await playing();
  await pass(3, (each) => each.advance(clock.now()));
  match.hold({ move: 1, throw: true });
  match.hold({ move: 1, throw: false });
  const before = inputs(server.last).length;
  await pass(3, (each) => each.advance(clock.now()));
  const rows = inputs(server.last)
    .slice(before)
    .map((row) => row.slice(5));
  assert.deepEqual(rows, [
    [1, 0, 1, 0],
    [1, 0, 0, 0],
    [1, 0, 0, 0],
  ]);
  assert.throws(() => match.hold({ move: 9 }), RangeError);
  assert.throws(() => match.hold({ move: 0.5 }), RangeError);
  assert.throws(() => match.hold({ jump: 1 }), RangeError);
  await leave();
});

test("after a pause of the page at most eight ticks are run, and the rest is skipped", async () => {
  const { clock, server, match, pass, leave } = await playing();
  await pass(5, (each) => each.advance(clock.now()));
  await pass(60);
  const before = inputs(server.last).length;
  assert.equal(match.advance(clock.now()), 8);
  assert.equal(inputs(server.last).length - before, 8);
  assert.ok(match.counts.skippedTicks > 40);
  await leave();
});

test("the lead follows the server's steering; a shift moves the ticks", async () => {
  const { clock, server, match, pass, leave } = await playing();
  await pass(20, (each) => each.advance(clock.now()));
  const ahead = () => inputs(server.last).at(-1)![2]! - match.world!.tick;
  const before = ahead();
  server.last.say([KIND.steer, 120, 4]);
  await pass(20, (each) => each.advance(clock.now()));
  assert.equal(ahead(), before + 4);
  server.last.say([KIND.shift, 141, 5]);
  const count = inputs(server.last).length;
  for (let i = 0; i < 4; i++) {
    await clock.pass(1 / HZ);
    match.advance(clock.now());
  }
  assert.equal(inputs(server.last).length, count, "it waits until its tick is due again");
  await leave();
});

test("without snapshots the client runs on for a second at most", async () => {
  const { client, clock, server, match, pass, leave } = await playing();
  await pass(5, (each) => each.advance(clock.now()));
  for (let i = 0; i < 80; i++) {
    await clock.pass(1 / HZ);
    match.advance(clock.now());
  }
  assert.ok(inputs(server.last).at(-1)![2]! <= 105 + HZ);
  assert.ok(client.silentS < 1.1, "pongs came");
  server.answers = () => {};
  const silent = client.silentS;
  await clock.pass(3);
  assert.ok(Math.abs(client.silentS - silent - 3) < 0.01);
  assert.equal(client.stall, "long");
  await leave();
});

test("who sends no inputs says what was seen: a spectator twice a second", async () => {
  const { clock, server, match, pass, leave } = await playing(-1);
  await pass(40, (each) => each.frame(clock.now()));
  assert.equal(inputs(server.last).length, 0);
  const count = seens(server.last).length;
  assert.ok(count >= 4 && count <= 6, `${count}`);
  assert.equal(match.own("Runner").length, 0);
  await clock.pass(3);
  assert.ok(seens(server.last).length <= count + 1, "nothing new was seen");
  await leave();
});

test("entities are drawn between two snapshots, behind the newest, and never go back", async () => {
  const { clock, match, pass, leave } = await playing();
  const xs: number[] = [];
  await pass(40, (each) => {
    const drawn = each.frame(clock.now())!.drawn;
    assert.equal(drawn.length, 1);
    assert.ok(drawn[0]!.own);
    xs.push(drawn[0]!.x);
  });
  const newest = match.own("Runner")[0]!.fields.x as number;
  assert.equal(newest, 1000 + 40 * 16);
  const behind = newest - xs.at(-1)!;
  assert.ok(behind > 8 && behind < 4 * 16, `${behind}`);
  assert.ok(xs.slice(1).every((x, i) => x >= xs[i]!));
  const steps = xs.slice(20).map((x, i) => x - xs[19 + i]!);
  assert.ok(
    steps.every((step) => Math.abs(step - 16) < 4),
    `${steps}`,
  );
  await leave();
});

test("events are told when the picture reaches them, own ones at once", async () => {
  const { clock, server, match, pass, leave } = await playing();
  await pass(10, (each) => each.frame(clock.now()));
  const struck = (tick: number) => [
    KIND.event,
    tick === 111 ? 2 : 3,
    "match.event",
    { match_id: "m-1", tick, event: 1, fields: [0, 1, "hit"] },
  ];
  server.last.say(struck(111));
  assert.deepEqual(match.takeEvents(), []);
  await pass(6, (each) => each.frame(clock.now()));
  assert.deepEqual(match.takeEvents(), [
    { type: "Struck", tick: 111, fields: { by: 0, whom: 1, label: "hit" }, phase: "observed" },
  ]);
  assert.deepEqual(match.takeEvents(), []);
  const alien = { match_id: "m-2", tick: 111, event: 1, fields: [0, 1, "other"] };
  server.last.say([KIND.event, 3, "match.event", alien]);
  await pass(1, (each) => each.frame(clock.now()));
  assert.deepEqual(match.takeEvents(), [], "of another match");
  assert.throws(() => match.happened({ match_id: "m-1", tick: 1, event: 1, fields: [0] }));
  assert.throws(() => match.happened({ match_id: "m-1", tick: 1, event: 9, fields: [] }));
  const thrown = new Body().event(0, [0]).end();
  server.last.say([KIND.snapshot, 118, 0, thrown]);
  assert.deepEqual(match.takeEvents(), [
    { type: "Thrown", tick: 118, fields: { seat: 0 }, phase: "observed" },
  ]);
  await leave();
});

test("a wrong checksum asks for a keyframe", async () => {
  const { server, match, leave } = await playing();
  const wrong = new Body().checksum(1).end();
  server.last.say([KIND.snapshot, 101, 0, wrong]);
  const [[, , fields]] = server.last.requests("match.desync") as [
    [number, string, Record<string, unknown>],
  ];
  assert.deepEqual(
    [fields.match_id, fields.tick, fields.section, fields.expected],
    ["m-1", 101, 0, 1],
  );
  assert.equal(match.counts.desyncs, 1);
  await leave();
});

test("after a resume the same match is entered again, without asking for the map", async () => {
  const { clock, server, client, match, pass, leave } = await playing();
  await pass(5, (each) => each.advance(clock.now()));
  server.welcome = { ...WELCOME, resumed: true, token: TOKEN(2), last_event: 1 };
  server.last.break();
  await clock.pass(0.6);
  const socket = server.last;
  assert.deepEqual(socket.requests("match.map"), []);
  assert.equal(match.advance(clock.now()), 0, "nothing is sent before it is entered");
  const again = client.once("match");
  socket.say([
    KIND.result,
    socket.idOf("match.enter"),
    { tick: 119, seat: 0, next_seq: 50, after: 1 },
  ]);
  assert.equal(await again, match);
  assert.equal(match.live, false);
  socket.say(keyframe(120, 5000));
  await clock.pass(0.1);
  match.advance(clock.now());
  await clock.pass(0.1);
  match.advance(clock.now());
  assert.equal(inputs(socket)[0]![1], 50);
  await leave();
});

test("a match that another process goes on with takes an earlier tick and drops what is void", async () => {
  const { clock, server, client, match, pass, leave } = await playing();
  assert.deepEqual([match.restarted, match.waitsS], [false, 0]);
  match.predict(RUNNING);
  await pass(20, (each) => each.frame(clock.now()));
  const struck = (number: number, tick: number, label: string) => [
    KIND.event,
    number,
    "match.event",
    { match_id: "m-1", tick, event: 1, fields: [0, 1, label] },
  ];
  const thrown = new Body().event(0, [0]).end();
  const before = inputs(server.last).at(-1)!;
  server.last.say(struck(2, 109, "kept"), struck(3, 120, "void"), [KIND.snapshot, 121, 0, thrown]);
  server.welcome = { ...WELCOME, resumed: true, token: TOKEN(2), last_event: 3 };
  server.last.break();
  await clock.pass(0.6);
  const texts = (events: { fields: Record<string, unknown> }[]) =>
    events.map((event) => event.fields.label);
  const thrownAt = match.takeEvents().map(({ type, tick, phase }) => [type, tick, phase]);
  assert.deepEqual(thrownAt, [["Thrown", 121, "observed"]], "others wait while it is lost");
  const socket = server.last;
  const again = client.once("match");
  socket.say(
    [
      KIND.result,
      socket.idOf("match.enter"),
      { tick: 109, seat: 0, next_seq: 1, epoch: 2, waits_s: 7.5, after: 3 },
    ],
    keyframe(110, 900),
  );
  assert.equal(await again, match);
  assert.deepEqual([match.epoch, match.world?.tick], [2, 110]);
  assert.deepEqual([match.restarted, match.waitsS], [true, 7.5]);
  assert.deepEqual(texts(match.takeEvents()), ["kept"]);
  socket.say(struck(4, 118, "again"));
  const told: unknown[] = [];
  const xs: number[] = [];
  for (let tick = 111; tick < 130; tick++) {
    await clock.pass(1 / HZ);
    socket.say([KIND.snapshot, tick]);
    xs.push(match.frame(clock.now() + 0.01)!.drawn[0]!.x); // not at the border of two ticks
    told.push(...texts(match.takeEvents()));
  }
  assert.deepEqual(told, ["again"]);
  const rows = inputs(socket);
  assert.ok(rows.length >= 18, "it plays on at once");
  assert.ok(rows[0]![2]! <= 113 && rows[0]![2]! < before[2]!, "for the earlier ticks");
  assert.equal(rows[0]![1], before[1]! + 1, "numbers rise on");
  assert.ok(xs.every((x, i) => !i || (x >= xs[i - 1]! && x - xs[i - 1]! <= 32)));
  await leave();
});

test("only an entry behind a restart is told as one; a spectator is told of the delay", async () => {
  const { clock, server, client, match, leave } = await playing(-1);
  const told = [match.restarted];
  for (const [number, epoch] of [5, 5, 6, 6].entries()) {
    server.welcome = { ...WELCOME, resumed: true, token: TOKEN(2 + number), last_event: 1 };
    server.last.break();
    await clock.pass(3);
    const again = client.once("match");
    const fields = { tick: 99, seat: -1, next_seq: 1, epoch, delay_s: 3, after: 1 };
    server.last.say([KIND.result, server.last.idOf("match.enter"), fields]);
    assert.equal(await again, match);
    told.push(match.restarted);
  }
  assert.deepEqual(told, [false, true, false, true, false]);
  assert.deepEqual([match.delayS, match.waitsS], [3, 0]);
  await leave();
});

test("a match that was restarted before it is entered is not told as such", async () => {
  const { server, match, leave } = await playing(0, 4);
  assert.deepEqual([match.epoch, match.restarted], [4, false]);
  assert.equal(server.last.requests("match.enter").length, 1);
  await leave();
});

test("leaving the match drops it; watching enters it again; its end forgets it", async () => {
  const { server, client, leave } = await playing();
  const left = client.request("lobby.leave_match");
  server.last.say([KIND.result, server.last.idOf("lobby.leave_match"), { after: 1 }]);
  await left;
  assert.equal(matchOf(client), null);
  client.watchMatch();
  const [, second] = server.last.requests("match.enter");
  server.last.say([KIND.result, second![0], { tick: 1, seat: -1, next_seq: 9, after: 1 }]);
  assert.equal(matchOf(client)?.seat, -1);
  client.watchMatch();
  assert.equal(server.last.requests("match.enter").length, 2, "it is watched already");
  const result = { match_id: "m-1", reason: "finished", winner: "", team_scores: [], lines: [] };
  server.last.say([KIND.event, 2, "match.ended", { result: { ...result, ticks: 9 } }]);
  assert.equal(matchOf(client), null);
  client.watchMatch();
  assert.equal(server.last.requests("match.enter").length, 2, "there is none");
  server.last.say([KIND.event, 3, "match.started", { ...started(0), match_id: "m-2" }]);
  const third = server.last.requests("match.enter")[2]!;
  assert.equal(third[2].match_id, "m-2", "the map is known");
  server.last.say([KIND.result, third[0], { tick: 1, seat: 0, next_seq: 9, after: 3 }]);
  assert.equal(matchOf(client)?.started.match_id, "m-2");
  await leave();
});

// --- parts ---------------------------------------------------------------------------------------
