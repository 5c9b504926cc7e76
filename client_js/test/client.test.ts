/** The client as an application uses it: leaving, listeners, state, status, storage. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore, RequestError, ServerClosedError, webStore } from "../src/index.js";
import { KIND } from "../src/wire/tables.js";
import { settled, TOKEN, WELCOME } from "./support/fakes.js";
import { changed, online, said } from "./support/online.js";

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

test("the network that is back ends the wait, and a closed client hears it no more", async () => {
  const page = globalThis as unknown as Record<string, unknown>;
  const listeners = new Set<() => void>();
  page.addEventListener = (name: string, call: () => void, more?: { signal: AbortSignal }) => {
    if (name !== "online") return;
    listeners.add(call);
    more?.signal.addEventListener("abort", () => listeners.delete(call));
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
    assert.equal(listeners.size, 0);
  } finally {
    delete page.addEventListener;
  }
});
