/** The client against a server in the process: sessions, requests, reconnects, moves. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Client,
  type ClientSettings,
  ConnectionLostError,
  connect,
  memoryStore,
  RequestError,
  RequestTimedOutError,
  ServerClosedError,
  type Status,
  webStore,
} from "../src/index.js";
import { KIND } from "../src/wire/tables.js";
import { FakeClock, FakeServer, settled, TOKEN, WELCOME } from "./support/fakes.js";

interface Setting {
  clock: FakeClock;
  server: FakeServer;
  client: Client;
  statuses: Status[];
  /** Close the client, which waits a second for a server that does not answer. */
  leave(): Promise<void>;
}

function settings(clock: FakeClock, server: FakeServer): ClientSettings {
  const { WebSocket } = server;
  return { name: "Ann", clock, WebSocket, roads: ["websocket"] };
}

async function online(more: ClientSettings = {}): Promise<Setting> {
  const [clock, server] = [new FakeClock(), new FakeServer()];
  const client = await connect("server.test", { ...settings(clock, server), ...more });
  const statuses: Status[] = [];
  client.on("status", (status) => statuses.push(status));
  const leave = async () => {
    const closing = client.close();
    await clock.pass(3);
    await closing;
  };
  return { clock, server, client, statuses, leave };
}

const LOBBY = {
  lobby_id: "l-1",
  revision: 1,
  phase: "open",
  host: "p-ann",
  config: { title: "Ann's", map: "m", size: 2 },
  invite_code: "ABC",
  locked: false,
  teams: 0,
  members: [{ player_id: "p-ann", name: "Ann", seat: 0 }],
};
const changed = (number: number, revision: number) => [
  KIND.event,
  number,
  "lobby.changed",
  { lobby: { ...LOBBY, revision } },
];
const said = (number: number, text: string) => [
  KIND.event,
  number,
  "chat.said",
  {
    line: {
      message_id: number,
      channel: "global",
      sender: "p-bob",
      sender_name: "Bob",
      text,
      at_ms: 0,
    },
  },
];

test("the first words are hello, then an ack; the token and limits are known", async () => {
  const { client, server, leave } = await online();
  await settled();
  const [hello, ack] = server.last.heard;
  assert.deepEqual(hello, [16, { version: 1, client: "gameserver-js", player_name: "Ann" }]);
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
    { version: 1, client: "gameserver-js", player_name: "Ann", token: TOKEN(1), last_event: 2 },
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

test("closing signs out, says goodbye, and forgets the token", async () => {
  const storage = memoryStore();
  const { client, server } = await online({ storage });
  assert.equal(storage.load("server.test:7777"), "01".repeat(16));
  const closing = client.close();
  await settled();
  const id = server.last.idOf("session.sign_out");
  server.last.say([KIND.result, id, {}]);
  await closing;
  assert.equal(server.last.heard.at(-1)![0], KIND.goodbye);
  assert.ok(server.last.closed);
  assert.equal(storage.load("server.test:7777"), null);
  assert.equal(client.status.state, "closed");
  await assert.rejects(client.request("server.info"), ServerClosedError);
});

test("closing while there is no connection ends the attempts", async () => {
  const { client, server, clock } = await online();
  server.last.say([KIND.goodbye, { code: "server_full", sentence: "full", retry_after_s: 100 }]);
  await settled();
  const closing = client.close();
  await clock.pass(0.1);
  await closing;
  assert.deepEqual(client.status, {
    state: "closed",
    code: null,
    sentence: "the application closed the client",
  });
  await clock.pass(200);
  assert.equal(server.sockets.length, 1);
});

test("without signing out the token is kept, and the next run resumes with it", async () => {
  const storage = memoryStore();
  const first = await online({ storage, signOut: false });
  const closing = first.client.close();
  await first.clock.pass(1.1);
  await closing;
  assert.deepEqual(first.server.last.requests("session.sign_out"), []);
  const second = await online({ storage, signOut: false });
  const [, hello] = second.server.last.heard[0] as [number, { token: Uint8Array }];
  assert.deepEqual(hello.token, TOKEN(1));
  second.client.dropConnection();
  second.client.giveUp();
});

test("what does not fit is refused before it is sent, and disturbs nothing", async () => {
  const { client, server, leave } = await online();
  const count = server.last.heard.length;
  const refused = async (text: string) => {
    const error = await client
      .request("chat.send", { channel: "global", text })
      .catch((failure: unknown) => failure);
    return error instanceof RequestError ? error.code : error;
  };
  assert.equal(await refused("half \ud83d"), "bad_params");
  assert.equal(await refused("x".repeat(4100)), "too_large");
  assert.equal(server.last.heard.length, count);
  void client.request("server.info").catch(() => {});
  assert.equal(server.last.idOf("server.info"), 2, "no id was used up");
  await leave();
});

test("a listener that throws disturbs neither the others nor the client", async () => {
  const { client, server, leave } = await online();
  const heard: string[] = [];
  const later: (() => void)[] = [];
  const { queueMicrotask } = globalThis;
  const stop = client.on("chat.said", () => {
    throw new Error("a listener's own fault");
  });
  client.on("chat.said", ({ line }) => heard.push(line.text));
  globalThis.queueMicrotask = (call) => later.push(call);
  server.last.say(said(1, "one"));
  globalThis.queueMicrotask = queueMicrotask;
  stop();
  server.last.say(said(2, "two"));
  assert.deepEqual(heard, ["one", "two"]);
  assert.throws(later[0]!, { message: "a listener's own fault" });
  await leave();
});

test("presence changes a member; a late lobby state is dropped; typing and mutes are kept", async () => {
  const { client, server, clock, leave } = await online();
  server.last.say(changed(1, 5));
  server.last.say([KIND.notice, "session.presence", { player_id: "p-ann", connected: false }]);
  assert.equal(client.lobby?.members[0]?.connected, false);
  server.last.say(changed(2, 4));
  assert.equal(client.lobby?.revision, 5);
  server.last.say([
    KIND.notice,
    "chat.typing",
    { channel: "global", sender: "p-bob", sender_name: "Bob" },
  ]);
  assert.deepEqual(client.chat.typing("global", client.now()), ["Bob"]);
  await clock.pass(4.1);
  assert.deepEqual(client.chat.typing("global", client.now()), []);
  server.last.say(said(3, "b"), [KIND.event, 4, "chat.said", said(2, "a")[3]]);
  const texts = () => client.chat.lines("global").map(({ text }) => text);
  assert.deepEqual(texts(), ["a", "b"], "in the order of their numbers");
  const muting = client.request("chat.mute", { player_id: "p-bob", muted: true });
  const id = server.last.idOf("chat.mute");
  server.last.say([KIND.result, id, {}]);
  await muting;
  assert.deepEqual(texts(), []);
  const again = client.request("chat.mute", { player_id: "p-bob", muted: false });
  const [, second] = server.last.requests("chat.mute");
  server.last.say([KIND.result, second![0], {}]);
  await again;
  assert.deepEqual(texts(), ["a", "b"]);
  await leave();
});

test("while a seat is held, the status says until when; a server that stops promises nothing", async () => {
  const { client, server, clock, statuses, leave } = await online();
  server.last.say(changed(1, 1));
  server.mode = "refuse";
  server.last.break();
  await settled();
  const lost = clock.now();
  const until = () => {
    const last = statuses.at(-1)!;
    return last.state === "reconnecting" ? last.seatUntil : undefined;
  };
  assert.equal(until(), lost + 30);
  await clock.pass(20);
  assert.equal(until(), lost + 30, "later attempts promise no more");
  await clock.pass(40);
  assert.equal(until(), null, "the time is over");
  server.mode = "open";
  server.welcome = { ...WELCOME, resumed: true, last_event: 1 };
  await clock.pass(20);
  assert.equal(client.status.state, "online");
  const stopping = { code: "server_stopping", sentence: "the server stops", retry_after_s: 1 };
  server.last.say([KIND.goodbye, stopping]);
  await settled();
  assert.equal(until(), null);
  await leave();
});

test("a connection that breaks after the server announced its stop has that cause", async () => {
  const { server, statuses, leave } = await online();
  server.last.say([KIND.notice, "server.message", { text: "we stop", stops_in_s: 3 }]);
  server.last.break();
  await settled();
  const [first] = statuses;
  assert.ok(first?.state === "reconnecting" && first.cause === "stopping");
  assert.equal(first.reason, "The server stopped.");
  await leave();
});

test("pings come at half the heartbeat, and the smallest of the last round trips is shown", async () => {
  const { client, server, clock, leave } = await online();
  await clock.pass(0.1);
  const pings = () => server.last.heard.filter((row) => row[0] === KIND.ping).length;
  const before = pings();
  await clock.pass(10);
  assert.ok(pings() - before >= 3 && pings() - before <= 4, `${pings() - before}`);
  const slow = server.answers.bind(server);
  server.answers = (socket, row) => void clock.after(0.2, () => slow(socket, row));
  await clock.pass(20);
  assert.ok(Math.abs(client.rttS! - 0.2) < 0.01);
  await leave();
});

test("the storage of a browser is used by the server's name, and one that is forbidden is not", async () => {
  const kept = new Map<string, string>();
  const web = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const first = await online({ storage: webStore(web) });
  assert.deepEqual([...kept], [["gameserver.token.server.test:7777", "01".repeat(16)]]);
  first.client.dropConnection();
  const second = await online({ storage: webStore(web) });
  const [, hello] = second.server.last.heard[0] as [number, { token: Uint8Array }];
  assert.deepEqual(hello.token, TOKEN(1));
  kept.set("gameserver.token.server.test:7777", "nonsense");
  const third = await online({ storage: webStore(web) });
  assert.ok(!("token" in (third.server.last.heard[0]![1] as object)));
  const forbidden = () => {
    throw new Error("forbidden");
  };
  await online({ storage: { load: forbidden, save: forbidden, clear: forbidden } });
});

test("the network that is back ends the wait", async () => {
  const page = globalThis as unknown as Record<string, unknown>;
  const listeners: (() => void)[] = [];
  page.addEventListener = (name: string, call: () => void) => {
    if (name === "online") listeners.push(call);
  };
  try {
    const { client, server, clock, leave } = await online();
    const full = { code: "server_full", sentence: "the server is full", retry_after_s: 100 };
    server.last.say([KIND.goodbye, full]);
    server.welcome = { ...WELCOME, resumed: true };
    await clock.pass(1);
    assert.equal(client.status.state, "reconnecting");
    for (const call of listeners) call();
    await clock.pass(0.1);
    assert.equal(client.status.state, "online");
    await leave();
  } finally {
    delete page.addEventListener;
  }
});
