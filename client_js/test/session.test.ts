/** A session over its connections: hello, requests, resuming, waits, time-outs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConnectionLostError,
  connect,
  RequestError,
  RequestTimedOutError,
  ServerClosedError,
} from "../src/index.js";
import { KIND, PROTOCOL_VERSION } from "../src/wire/tables.js";
import { FakeClock, FakeServer, settled, TOKEN, WELCOME } from "./support/fakes.js";
import { changed, LOBBY, online, said, settings } from "./support/online.js";

test("the first words are hello, then an ack; the token and limits are known", async () => {
  const { client, server, leave } = await online();
  await settled();
  const [hello, ack] = server.last.heard;
  assert.deepEqual(hello, [
    16,
    { version: PROTOCOL_VERSION, client: "gameserver-js", player_name: "Ann" },
  ]);
  assert.deepEqual(ack, [22, 0, 0]);
  assert.deepEqual(client.status, { state: "online", resumed: false });
  assert.deepEqual([client.playerId, client.playerName, client.game], ["p-ann", "Ann", "skirmish"]);
  assert.deepEqual(client.token, TOKEN(1));
  assert.equal(client.limits?.chat_chars, 300);
  assert.ok(client.rttS !== null);
  await leave();
});

test("requests are answered by id, with defaults filled in, or refused with code and details", async () => {
  const { client, server, leave } = await online();
  const info = client.request("server.info");
  const join = client.request("lobby.join", { code: "X" });
  const id = server.last.idOf("server.info");
  const [[other, , fields]] = server.last.requests("lobby.join") as [
    [number, string, Record<string, unknown>],
  ];
  assert.deepEqual(fields, { code: "X" });
  const details = { why: "no such" };
  server.last.say(
    [KIND.refusal, other, { code: "lobby.unknown", sentence: "there is no such lobby", details }],
    [
      KIND.result,
      id,
      { server: "s", game: "g", title: "t", players: 1, lobbies: 0, matches: 0, uptime_s: 5 },
    ],
  );
  assert.equal((await info).message, "");
  const error = await join.catch((failure) => failure);
  assert.ok(error instanceof RequestError);
  assert.deepEqual(
    [error.code, error.message, error.details],
    ["lobby.unknown", "there is no such lobby", details],
  );
  await leave();
});

test("an answer waits for the events before it; an old one changes no state", async () => {
  const { client, server, leave } = await online();
  const order: string[] = [];
  client.on("event", ({ name }) => order.push(name));
  const created = client
    .request("lobby.create", { config: LOBBY.config })
    .then(() => order.push("answer"));
  const id = server.last.idOf("lobby.create");
  server.last.say([KIND.result, id, { lobby: LOBBY, after: 2 }]);
  await settled();
  assert.deepEqual(order, []);
  server.last.say(changed(1, 1), changed(2, 2));
  await created;
  assert.deepEqual(order, ["lobby.changed", "lobby.changed", "answer"]);
  assert.equal(client.lobby?.revision, 2, "the answer's state is older than the event's");

  const again = client.request("lobby.join", { lobby_id: "l-1" });
  const join = server.last.idOf("lobby.join");
  server.last.say([KIND.event, 3, "lobby.left", { lobby_id: "l-1", reason: "kicked" }]);
  server.last.say([KIND.result, join, { lobby: { ...LOBBY, revision: 9 }, after: 2 }]);
  await again;
  assert.equal(client.lobby, null, "what the event told is newer than the answer");
  await leave();
});

test("after a cut it resumes: token, last event, unanswered requests with their ids, each event once", async () => {
  const { client, server, clock, statuses, leave } = await online();
  const heard: string[] = [];
  client.on("chat.said", ({ line }) => heard.push(line.text));
  server.last.say(said(1, "one"), said(2, "two"));
  const info = client.request("server.info");
  const [asked] = server.last.requests("server.info");
  server.welcome = { ...WELCOME, resumed: true, token: TOKEN(2), epoch: 2, last_event: 2 };
  server.last.break();
  await clock.pass(0.6);
  const second = server.sockets[1]!;
  second.say([KIND.event, 3, "session.renamed", { player_name: "Anna" }]);
  assert.equal(client.playerName, "Anna");
  assert.deepEqual(second.heard[0], [
    16,
    {
      version: PROTOCOL_VERSION,
      client: "gameserver-js",
      player_name: "Ann",
      token: TOKEN(1),
      last_event: 2,
    },
  ]);
  assert.deepEqual(second.requests("server.info"), [asked]);
  assert.equal(server.sockets[0]!.requests("chat.history").length, 1);
  second.say(said(2, "two"), said(4, "three"));
  second.say([
    KIND.result,
    asked![0],
    { server: "s", game: "g", title: "t", players: 1, lobbies: 0, matches: 0, uptime_s: 5 },
  ]);
  await info;
  assert.deepEqual(heard, ["one", "two", "three"]);
  assert.deepEqual(
    statuses.map(({ state }) => state),
    ["reconnecting", "online"],
  );
  assert.deepEqual([client.reconnects, client.token], [1, TOKEN(2)]);
  const sum = (of: "bytesIn" | "bytesOut") => server.sockets[0]![of] + second[of];
  assert.deepEqual([client.bytesIn, client.bytesOut], [sum("bytesOut"), sum("bytesIn")]);
  await leave();
});

test("the waits grow with full jitter, and are never shorter than the server asked for", async () => {
  const { client, server, clock, statuses } = await online();
  server.last.say([
    KIND.goodbye,
    { code: "server_stopping", sentence: "the server stops", retry_after_s: 7 },
  ]);
  server.mode = "refuse";
  await settled();
  const first = statuses[0]!;
  assert.equal(first.state, "reconnecting");
  assert.ok(first.state === "reconnecting");
  assert.deepEqual([first.reason, first.cause], ["The server stops.", "stopping"]);
  assert.ok(first.retryInS >= 7 && first.retryInS <= 7.5);
  await clock.pass(200);
  const waits = statuses.map((status) => (status.state === "reconnecting" ? status.retryInS : 0));
  assert.ok(Math.max(...waits.slice(1)) > 3 && Math.max(...waits.slice(1)) <= 15);
  assert.ok(waits.length > 12, "it goes on trying");
  client.giveUp();
  await settled();
  assert.deepEqual(client.status, {
    state: "closed",
    code: null,
    sentence: "You stopped trying to reconnect.",
  });
});

test("try now ends the wait", async () => {
  const { client, server, clock, leave } = await online();
  server.last.say([
    KIND.goodbye,
    { code: "server_full", sentence: "the server is full", retry_after_s: 100 },
  ]);
  server.welcome = { ...WELCOME, resumed: true };
  await clock.pass(1);
  assert.equal(client.status.state, "reconnecting");
  client.tryNow();
  await clock.pass(0.1);
  assert.equal(client.status.state, "online");
  await leave();
});

test("a goodbye without return is the end, and its code is told to every request", async () => {
  const { client, server } = await online();
  const info = client.request("server.info").catch((error) => error);
  server.last.say([
    KIND.goodbye,
    { code: "session.replaced", sentence: "the session goes on elsewhere" },
  ]);
  const error = await info;
  assert.ok(error instanceof ServerClosedError);
  assert.equal(error.code, "session.replaced");
  assert.equal(client.status.state, "closed");
  assert.equal(server.sockets.length, 1);
});

test("a hello that came too late is said again over a new link", async () => {
  const { client, server, clock, leave } = await online();
  server.welcome = { ...WELCOME, resumed: true };
  const sentence = "no hello came within 5 s";
  server.last.say([KIND.goodbye, { code: "hello_expected", sentence }]);
  await clock.pass(1);
  assert.equal(client.status.state, "online");
  assert.equal(server.sockets.length, 2);
  await leave();
});

test("an unknown token signs in a new guest at once, and the application is told", async () => {
  const { client, server, clock, leave } = await online();
  server.last.say(changed(1, 1));
  const lost: string[] = [];
  client.on("sessionLost", ({ oldPlayerId }) => lost.push(oldPlayerId));
  server.welcome = null;
  server.last.break();
  await clock.pass(0.6);
  const refused = server.last;
  server.welcome = { ...WELCOME, player_id: "p-new", token: TOKEN(3) };
  refused.say([
    KIND.refusal,
    0,
    { code: "session.token_unknown", sentence: "the token is unknown" },
  ]);
  await clock.pass(0);
  assert.equal(server.sockets.length, 3);
  assert.deepEqual(Object.keys(server.last.heard[0]![1] as object), [
    "version",
    "client",
    "player_name",
  ]);
  assert.deepEqual([lost, client.playerId, client.lobby], [["p-ann"], "p-new", null]);
  server.last.say([KIND.event, 1, "session.renamed", { player_name: "Anna" }]);
  assert.equal(client.playerName, "Anna", "the new session's events count from 1");
  await leave();
});

test("a silent server is pinged, and given up after twice the heartbeat", async () => {
  const { client, server, clock, statuses } = await online();
  const pings = () => server.sockets[0]!.heard.filter((row) => row[0] === KIND.ping).length;
  const before = pings();
  await clock.pass(6);
  assert.ok(pings() > before);
  assert.equal(client.status.state, "online");
  server.answers = () => {};
  server.mode = "refuse";
  await clock.pass(11);
  const [first] = statuses;
  assert.ok(first?.state === "reconnecting" && first.cause === "silent");
  client.giveUp();
});

test("a ping is answered with its nonce, and what arrived is acked within a second", async () => {
  const { server, clock, leave } = await online();
  server.last.say([KIND.ping, 77]);
  assert.equal(server.last.heard.filter((row) => row[0] === KIND.pong && row[1] === 77).length, 1);
  server.last.say(said(1, "a"));
  await clock.pass(1.3);
  const acks = server.last.heard.filter((row) => row[0] === KIND.ack);
  assert.deepEqual(acks.at(-1), [KIND.ack, 1, 0]);
  await clock.pass(3);
  assert.equal(server.last.heard.filter((row) => row[0] === KIND.ack).length, acks.length);
  await leave();
});

test("nonsense of a server ends the connection, not the page", async () => {
  const { client, server, clock, statuses, leave } = await online();
  server.welcome = { ...WELCOME, resumed: true };
  server.last.say([KIND.event, 1, "session.renamed", { player_name: 5 }]);
  await clock.pass(0.6);
  const [first] = statuses;
  assert.ok(first?.state === "reconnecting" && first.cause === "refused");
  assert.match(first.reason, /session\.renamed\.player_name must be text/);
  assert.equal(client.status.state, "online");
  await leave();
});

test("no answer in time rejects; the late result still counts for the state", async () => {
  const { client, server, clock, leave } = await online();
  const slow = client
    .request("lobby.quick_play", {}, { timeoutS: 2 })
    .catch((error: unknown) => error);
  await clock.pass(2.1);
  assert.ok((await slow) instanceof RequestTimedOutError);
  const id = server.last.idOf("lobby.quick_play");
  server.last.say([KIND.result, id, { lobby: LOBBY }]);
  assert.equal(client.lobby?.lobby_id, "l-1");
  const given = client.request("server.info", {}, { timeoutS: 2 }).catch(() => {});
  await clock.pass(2.1);
  await given;
  server.welcome = { ...WELCOME, resumed: true };
  server.last.break();
  await clock.pass(1);
  assert.equal(server.sockets.length, 2);
  assert.deepEqual(server.last.requests("server.info"), [], "nobody waits for it any more");
  await leave();
});

test("where nobody answers, connect rejects after three attempts", async () => {
  const [clock, server] = [new FakeClock(), new FakeServer()];
  server.mode = "refuse";
  const failed = connect("server.test", settings(clock, server)).catch((error) => error);
  await clock.pass(5);
  const error = await failed;
  assert.ok(error instanceof ConnectionLostError);
  assert.equal(error.message, "no WebSocket to server.test:7777: refused");
  assert.equal(server.sockets.length, 3);
});

test("a server that opens and says nothing is left after the time-out", async () => {
  const [clock, server] = [new FakeClock(), new FakeServer()];
  server.welcome = null;
  const failed = connect("server.test", { ...settings(clock, server), firstAttempts: 1 }).catch(
    (error) => error,
  );
  await clock.pass(5.5);
  assert.equal((await failed).message, "The server did not answer.");
});
