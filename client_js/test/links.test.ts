/** Links and roads: long polling at every fault, the choice of a road, and the move to a better. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Address } from "../src/address.js";
import { Backoff } from "../src/backoff.js";
import { ConfigError, ConnectionLostError } from "../src/errors.js";
import { connect } from "../src/index.js";
import { type Means, surroundings } from "../src/links/link.js";
import { openPolling } from "../src/links/polling.js";
import { shown } from "../src/text.js";
import { KIND } from "../src/wire/tables.js";
import { onBothRoads } from "./support/both_roads.js";
import { FakeClock, settled, TOKEN, WELCOME } from "./support/fakes.js";
import { ADDRESS, bytes, following, polling } from "./support/linked.js";

test("the first request shows that the road is open; then one waits at the server", async () => {
  const { clock, server, link } = await polling();
  const [first, second] = server.requests;
  assert.deepEqual(first!.slice(0, 4), [new Uint8Array(16).fill(9), 1, 0, 0]);
  assert.deepEqual(second!.slice(1), [2, 0, 20_000, []]);
  await clock.pass(65);
  assert.equal(server.requests.length, 5, "one each 20 s while nothing is said");
  link.abort();
});

test("messages go up at once, those of 50 ms in one request, and come down in order", async () => {
  const { clock, server, link, heard } = await polling();
  for (const message of ["a", "b"]) link.send(bytes(message));
  await clock.pass(0.06);
  link.send(bytes("c"));
  await clock.pass(0.06);
  assert.deepEqual(server.heard, ["a", "b", "c"]);
  assert.deepEqual(
    server.requests.map(([, , , , said]) => said.length),
    [0, 0, 2, 1],
  );
  for (const message of ["x", "y"]) server.say(message);
  await clock.pass(0.2);
  assert.deepEqual(heard, ["x", "y"]);
  assert.ok(server.requests.at(-1)![2] === 2, "what came is confirmed");
  link.abort();
});

test("two requests begin at least 50 ms apart", async () => {
  const { clock, server, link } = await polling();
  link.send(bytes("a"));
  await clock.pass(0.01);
  assert.deepEqual(server.heard, ["a"]);
  link.send(bytes("b"));
  await clock.pass(0.03);
  assert.deepEqual(server.heard, ["a"]);
  await clock.pass(0.02);
  assert.deepEqual(server.heard, ["a", "b"]);
  link.abort();
});

test("no message is lost or doubled, whichever way a request or a response is lost", async () => {
  for (const fault of ["lost", "cut"] as const) {
    const { clock, server, link, heard, ended } = await polling();
    server.faults.push(fault, fault);
    link.send(bytes("a"));
    server.say("x");
    await clock.pass(1);
    link.send(bytes("b"));
    server.say("y");
    await clock.pass(1);
    assert.deepEqual(server.heard, ["a", "b"], fault);
    assert.deepEqual(heard, ["x", "y"], fault);
    const numbers = server.requests.map(([, number]) => number);
    assert.ok(new Set(numbers).size < numbers.length, "a request was sent again with its number");
    assert.deepEqual(ended, []);
    link.abort();
  }
});

test("a link without any response for 5 s is lost", async () => {
  const { clock, server, link, ended } = await polling();
  server.faults.push(...new Array(100).fill("lost"));
  link.send(bytes("a"));
  server.say("x");
  await clock.pass(4);
  assert.deepEqual(ended, []);
  await clock.pass(3);
  assert.deepEqual(ended, ["the connection was lost"]);
});

test("a server that refuses, or has forgotten the link, ends it at once", async () => {
  for (const [status, why] of [
    [410, "the connection was lost"],
    [403, "server.test:7777 refuses (403): no"],
  ] as const) {
    const { clock, server, link, ended } = await polling();
    server.faults.push(status);
    link.send(bytes("a"));
    await clock.pass(0.2);
    assert.deepEqual(ended, [why]);
  }
});

test("of a problem its sentence is told, and nothing of what is none", async () => {
  for (const [refusal, told] of [
    ['{"type":"/x","detail":"too many links","code":"rate_limited"}', ": too many links"],
    ['{"detail":5}', ""],
    ["[]", ""],
    ["null", ""],
    ["<html>", ""],
  ] as const) {
    const { clock, server, link, ended } = await polling();
    server.refusal = refusal;
    server.faults.push(503);
    link.send(bytes("a"));
    await clock.pass(0.2);
    assert.deepEqual(ended, [`server.test:7777 refuses (503)${told}`]);
  }
});

for (const [road, linked] of [
  ["long polling", polling],
  ["a stream", following],
] as const) {
  test(`the server's ending comes over ${road} behind its last messages, with its reason`, async () => {
    const { clock, server, heard, ended } = await linked();
    server.say("last");
    server.end("1008 too many pings");
    await clock.pass(0.1);
    assert.deepEqual(
      [heard, ended],
      [["last"], ["the server closed the connection: 1008 too many pings"]],
    );
  });

  test(`closing ${road} sends what is queued, and that this side leaves`, async () => {
    const { clock, server, link } = await linked();
    link.send(bytes("bye"));
    const closing = link.close();
    await clock.pass(1);
    await closing;
    assert.deepEqual(server.heard, ["bye"]);
    assert.equal(server.requests.at(-1)![3], -1);
  });
}

test("an answer that is no long polling is no road", async () => {
  const clock = new FakeClock();
  const page = async () => new Response("<html>");
  const means: Means = { ...surroundings, clock, fetch: page as typeof fetch };
  const opening = openPolling(ADDRESS, 5, means, new AbortController().signal);
  await assert.rejects(opening, ConnectionLostError);
});

// --- roads ---------------------------------------------------------------------------------------

for (const mode of ["refuse", "silent"] as const) {
  for (const [streams, road] of [
    ["pass", "sse"],
    ["kept", "long-polling"],
    ["none", "long-polling"],
  ] as const) {
    test(`where WebSockets meet ${mode} and streams ${streams}, it is online over ${road} within 3 s`, async () => {
      const { clock, server, poll, settings } = onBothRoads();
      server.mode = mode;
      poll.streams = streams;
      const connecting = connect("server.test", settings);
      await clock.pass(2.5);
      const client = await connecting;
      assert.equal(client.road, road);
      client.dropConnection();
      client.giveUp();
    });
  }
}

test("it moves from a stream to a WebSocket as it does from long polling", async () => {
  const { clock, server, poll, settings } = onBothRoads();
  server.mode = "refuse";
  poll.streams = "pass";
  const connecting = connect("server.test", settings);
  await clock.pass(1);
  const client = await connecting;
  const seen: string[] = [];
  client.on("status", ({ state }) => seen.push(state));
  client.on("road", (road) => seen.push(road));
  server.mode = "open";
  server.welcome = { ...WELCOME, resumed: true, token: TOKEN(2) };
  await clock.pass(4);
  assert.deepEqual([client.road, seen], ["websocket", ["websocket"]]);
  client.dropConnection();
  client.giveUp();
});

test("it moves to a WebSocket as soon as one opens: no status changes, no event is lost or doubled", async () => {
  const { clock, server, settings, sayPolling, rows } = onBothRoads();
  server.mode = "refuse";
  const connecting = connect("server.test", settings);
  await clock.pass(1);
  const client = await connecting;
  const seen: string[] = [];
  for (const name of ["status", "road", "session.renamed"] as const) {
    client.on(name, (what) => {
      seen.push(typeof what === "string" ? what : "player_name" in what ? what.player_name : name);
    });
  }
  const renamed = (number: number, player_name: string) => [
    KIND.event,
    number,
    "session.renamed",
    { player_name },
  ];
  server.mode = "open";
  server.welcome = null;
  await clock.pass(3);
  const socket = server.last;
  const [, hello] = socket.heard[0] as [number, { token: Uint8Array; last_event?: number }];
  assert.deepEqual([hello.token, hello.last_event], [TOKEN(1), undefined]);
  sayPolling(renamed(1, "one"));
  await clock.pass(0.2);
  assert.deepEqual(seen, ["one"], "until the welcome the old road counts");
  assert.equal(client.road, "long-polling");
  socket.say(
    [KIND.welcome, { ...WELCOME, resumed: true, token: TOKEN(2), last_event: 0 }],
    renamed(1, "one"),
    renamed(2, "two"),
  );
  await settled();
  assert.deepEqual(seen, ["one", "two", "websocket"]);
  assert.equal(client.road, "websocket");
  const asked = client.request("server.info").catch(() => {});
  assert.equal(socket.requests("server.info").length, 1, "requests go over the new road");
  assert.equal(rows.filter((row) => row[2] === "server.info").length, 0);
  const closing = client.close();
  await clock.pass(3);
  await closing;
  await asked;
});

test("a move that fails leaves the session where it is, and is tried again", async () => {
  const { clock, server, settings } = onBothRoads();
  server.mode = "refuse";
  const connecting = connect("server.test", settings);
  await clock.pass(1);
  const client = await connecting;
  server.mode = "open";
  server.welcome = null;
  await clock.pass(3);
  server.last.break();
  await clock.pass(1);
  assert.deepEqual([client.road, client.status.state], ["long-polling", "online"]);
  server.welcome = { ...WELCOME, resumed: true, token: TOKEN(2) };
  await clock.pass(7);
  assert.equal(client.road, "websocket");
  client.dropConnection();
  client.giveUp();
});

test("a goodbye on the old road while the new one is welcomed ends nothing", async () => {
  const { clock, server, settings, sayPolling } = onBothRoads();
  server.mode = "refuse";
  const connecting = connect("server.test", settings);
  await clock.pass(1);
  const client = await connecting;
  server.mode = "open";
  server.welcome = null;
  await clock.pass(3);
  sayPolling([
    KIND.goodbye,
    { code: "session.replaced", sentence: "the session goes on elsewhere" },
  ]);
  await clock.pass(0.3);
  assert.equal(client.status.state, "online");
  server.last.say([KIND.welcome, { ...WELCOME, resumed: true, token: TOKEN(2) }]);
  await settled();
  assert.deepEqual([client.road, client.status.state], ["websocket", "online"]);
  client.dropConnection();
  client.giveUp();
});

test("roads that do not exist are refused", async () => {
  const { settings } = onBothRoads();
  await assert.rejects(connect("server.test", { ...settings, roads: [] }), ConfigError);
});

// --- small parts ---------------------------------------------------------------------------------

test("an address is what people type", () => {
  const cases: [string, string, string][] = [
    ["server.test", "ws://server.test:7777/", "http://server.test:7777"],
    [" 192.168.1.5:8000 ", "ws://192.168.1.5:8000/", "http://192.168.1.5:8000"],
    ["https://play.test/game?x=1", "wss://play.test/game?x=1", "https://play.test"],
    ["WSS://play.test:443", "wss://play.test/", "https://play.test"],
    ["http://play.test", "ws://play.test/", "http://play.test"],
    ["ws://play.test:80", "ws://play.test/", "http://play.test"],
    ["wss://play.test:80", "wss://play.test:80/", "https://play.test:80"],
    ["play.test:443", "wss://play.test/", "https://play.test"],
    ["[::1]:7777", "ws://[::1]:7777/", "http://[::1]:7777"],
    ["[::1]", "ws://[::1]:7777/", "http://[::1]:7777"],
  ];
  for (const [typed, websocket, http] of cases) {
    const address = Address.parse(typed);
    assert.deepEqual([address.websocket, address.http], [websocket, http], typed);
  }
  for (const typed of ["", "ftp://x", "ws://", "a b", "x:99999", "ws://me:pw@x", "x:port"]) {
    assert.throws(() => Address.parse(typed), ConfigError, typed);
  }
});

test("waits have full jitter below a ceiling that stays at 2 s for a while and rises to 15 s", () => {
  const most = new Backoff(() => 0.999999);
  const waits = Array.from({ length: 12 }, () => Math.round(most.nextWait() * 10) / 10);
  assert.deepEqual(waits, [0.5, 1, 2, 2, 2, 2, 2, 2, 4, 8, 15, 15]);
  const least = new Backoff(() => 0);
  assert.deepEqual([least.nextWait(), least.nextWait(3)], [0, 3]);
  most.succeeded();
  assert.ok(most.nextWait() <= 0.5);
});

test("foreign text is one bounded line without controls and piled accents", () => {
  assert.equal(shown("plain"), "plain");
  assert.equal(shown("two\r\nlines\tand\u0007 a bell"), "two  lines and a bell");
  assert.equal(shown("turn\u202eed \ud83d half"), "turned  half");
  assert.equal(shown("👩\u200d🚀 می\u200cخواهم"), "👩\u200d🚀 می\u200cخواهم");
  assert.equal(shown(`a${"\u0301".repeat(9)}`), `a${"\u0301".repeat(4)}`);
  assert.equal(shown("x".repeat(2000), 10), `${"x".repeat(9)}…`);
});
