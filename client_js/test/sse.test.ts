/** Server-sent events as a link: what is cut goes on, and what is kept back is no road. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLostError } from "../src/errors.js";
import { type Means, surroundings } from "../src/links/link.js";
import { openSse } from "../src/links/sse.js";
import { FakePoll } from "./support/fake_poll.js";
import { FakeClock } from "./support/fakes.js";
import { ADDRESS, bytes, following } from "./support/linked.js";

test("messages come over one stream and go in requests of their own, which do not wait", async () => {
  const { clock, server, link, heard } = await following();
  assert.deepEqual(server.requests[0]!.slice(1), [1, 0, 0, []]);
  for (const message of ["a", "b"]) link.send(bytes(message));
  server.say("x");
  await clock.pass(0.01);
  assert.deepEqual(server.heard, ["a", "b"]);
  link.send(bytes("c"));
  server.say("y");
  await clock.pass(0.06);
  assert.deepEqual(
    [server.heard, heard],
    [
      ["a", "b", "c"],
      ["x", "y"],
    ],
  );
  assert.deepEqual(
    server.requests.map(([, number, , wait]) => [number, wait]),
    [1, 2, 3].map((number) => [number, 0]),
  );
  assert.equal(server.requests.at(-1)![2], 2, "what came is confirmed");
  assert.equal(server.followed, 1);
  link.abort();
});

test("what came is confirmed within a second also if nothing is said, and at once if it is much", async () => {
  const { clock, server, link } = await following();
  server.say("x");
  server.say("y");
  await clock.pass(0.9);
  assert.equal(server.requests.length, 1);
  await clock.pass(0.2);
  assert.deepEqual(server.requests.at(-1)!.slice(2), [2, 0, []]);
  await clock.pass(5);
  assert.equal(server.requests.length, 2, "once");
  server.say("z".repeat(40_000));
  await clock.pass(0.06);
  assert.equal(server.requests.at(-1)![2], 3);
  link.abort();
});

test("a stream that is cut, within an event too, goes on behind the last message that came", async () => {
  const { clock, server, link, heard, ended } = await following();
  server.say("x");
  await clock.pass(2);
  for (const [number, piece] of ["", "da", "data: AAAA", ": be"].entries()) {
    server.cut(piece);
    server.say(`${number}`);
    await clock.pass(1.5);
  }
  assert.deepEqual(heard, ["x", "0", "1", "2", "3"]);
  assert.equal(server.followed, 5);
  assert.deepEqual(ended, []);
  link.abort();
});

test("whichever request is lost, its messages are applied once, and none of the server's is doubled", async () => {
  for (const fault of ["lost", "cut"] as const) {
    const { clock, server, link, heard, ended } = await following();
    server.faults.push(fault, fault);
    link.send(bytes("a"));
    server.say("x");
    await clock.pass(1);
    server.faults.push(fault);
    server.cut();
    link.send(bytes("b"));
    server.say("y");
    await clock.pass(2);
    assert.deepEqual(
      [server.heard, heard],
      [
        ["a", "b"],
        ["x", "y"],
      ],
      fault,
    );
    assert.deepEqual(ended, []);
    link.abort();
  }
});

test("beats keep a silent stream; without them it is asked for again", async () => {
  const { clock, server, link, ended } = await following();
  for (let i = 0; i < 5; i++) {
    await clock.pass(5);
    server.beat();
  }
  assert.equal(server.followed, 1);
  await clock.pass(10);
  assert.equal(server.followed, 2);
  assert.deepEqual(ended, []);
  link.abort();
});

test("a link whose stream does not come back within 5 s is lost", async () => {
  const { clock, server, ended } = await following();
  server.faults.push(...new Array(100).fill("lost"));
  await clock.pass(2);
  server.cut();
  await clock.pass(4);
  assert.deepEqual(ended, []);
  await clock.pass(3);
  assert.deepEqual(ended, ["the connection was lost"]);
});

test("a stream that is kept back, a server without streams, and other streams are no road", async () => {
  const stream = (text: string) => async () =>
    new Response(text, { headers: { "content-type": "text/event-stream" } });
  const clock = new FakeClock();
  for (const [streams, says] of [
    ["kept", "no event came"],
    ["none", "has no event streams"],
    [stream("data: %%\n\n"), "no base64"],
    [stream("data: AAAA\n\n"), "not as a gameserver"],
    [stream(`data: ${"A".repeat(5 << 20)}`), "too long"],
  ] as const) {
    const server = new FakePoll(clock);
    if (typeof streams === "string") server.streams = streams;
    const fetching = typeof streams === "string" ? server.fetch : (streams as typeof fetch);
    const means: Means = { ...surroundings, clock, fetch: fetching };
    const opening = openSse(ADDRESS, 1, means, new AbortController().signal);
    opening.catch(() => {});
    await clock.pass(2);
    await assert.rejects(opening, new RegExp(says));
  }
});

test("an attempt to open a stream ends when it is given up", async () => {
  const clock = new FakeClock();
  const server = new FakePoll(clock);
  server.streams = "kept";
  const means: Means = { ...surroundings, clock, fetch: server.fetch };
  const attempt = new AbortController();
  const opening = openSse(ADDRESS, 5, means, attempt.signal);
  opening.catch(() => {});
  await clock.pass(0.1);
  attempt.abort();
  await assert.rejects(opening, ConnectionLostError);
});
