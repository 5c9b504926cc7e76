/** Authors' own events: handlers, acks, refusals, and a membership that outlives its session. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HandleEvent } from "../src/index.js";
import { RequestError, RequestTimedOutError } from "../src/index.js";
import { KIND } from "../src/wire/tables.js";
import { settled, WELCOME } from "./support/fakes.js";
import { online, type Setting } from "./support/online.js";

const GUILD = "/guild";
const emitted = (number: number, event: string, args: unknown[], ack = 0) => [
  KIND.event,
  number,
  "namespace.emitted",
  { namespace: GUILD, event, args, ack },
];

async function joined(handlers: Record<string, HandleEvent> = {}) {
  const found = await online();
  const guild = found.client.namespace(GUILD);
  for (const [event, handler] of Object.entries(handlers)) guild.on(event, handler);
  const joining = guild.join({ word: "friend" });
  answer(found, "namespace.join", {});
  await joining;
  return { ...found, guild };
}

/** Answer the newest request of this name. */
function answer({ server }: Setting, name: string, result: object): void {
  server.last.say([KIND.result, server.last.requests(name).at(-1)![0], result]);
}

function refuse({ server }: Setting, name: string, code: string, sentence: string): void {
  const id = server.last.requests(name).at(-1)![0];
  server.last.say([KIND.refusal, id, { code, sentence, details: { by: "us" } }]);
}

test("a member hears the events of its namespace, each by the handler of its name", async () => {
  const heard: unknown[][] = [];
  const found = await joined({ said: (...args) => void heard.push(args) });
  assert.ok(found.guild.joined);
  assert.equal(found.client.namespace(GUILD), found.guild, "one for each name");
  assert.deepEqual(found.server.last.requests("namespace.join")[0]![2], {
    namespace: GUILD,
    auth: { word: "friend" },
  });
  const stop = found.guild.on("*", (...args) => heard.push(["any", ...args]));
  const bytes = new Uint8Array([0, 255]);
  const text = `${"x".repeat(1200)}\n`;
  found.server.last.say(
    emitted(1, "said", [1, "a", text, bytes]),
    emitted(2, "went", ["Bob"]),
    [
      KIND.notice,
      "namespace.latest",
      { namespace: GUILD, event: "said", args: [{ x: 0.5, y: null }] },
    ],
    [KIND.event, 3, "namespace.emitted", { namespace: "/other", event: "said", args: [] }],
  );
  assert.deepEqual(heard, [[1, "a", text, bytes], ["any", "went", "Bob"], [{ x: 0.5, y: null }]]);
  stop();
  found.server.last.say(emitted(4, "went", []));
  assert.equal(heard.length, 3);
  await found.leave();
});

test("what a handler returns is the ack; there is none where none is wanted, and without a handler", async () => {
  const found = await joined({
    one: () => true,
    several: () => ["a", 2],
    none: () => {},
    later: async () => {
      await settled();
      return "late";
    },
  });
  found.server.last.say(
    emitted(1, "one", [], 7),
    emitted(2, "several", [], 8),
    emitted(3, "none", [], 9),
    emitted(4, "later", [], 10),
    emitted(5, "one", []),
    emitted(6, "unknown", [], 11),
  );
  await settled();
  await settled();
  const acks = found.server.last.requests("namespace.ack").map(([, , fields]) => fields);
  assert.deepEqual(
    acks.sort((a, b) => (a.ack as number) - (b.ack as number)),
    [
      { namespace: GUILD, ack: 7, args: [true] },
      { namespace: GUILD, ack: 8, args: ["a", 2] },
      { namespace: GUILD, ack: 9 },
      { namespace: GUILD, ack: 10, args: ["late"] },
    ],
  );
  found.guild.on("*", () => {});
  found.server.last.say(emitted(7, "unknown", [], 12));
  await settled();
  const [, , last] = found.server.last.requests("namespace.ack").at(-1)!;
  assert.deepEqual(last, { namespace: GUILD, ack: 12 });
  await found.leave();
});

test("emits resolve when they are taken, and with what the author's handler returns", async () => {
  const found = await joined();
  const { guild, server } = found;
  const said = guild.emit("say", "hall", { loud: true, at: undefined });
  assert.deepEqual(server.last.requests("namespace.emit")[0]![2], {
    namespace: GUILD,
    event: "say",
    args: ["hall", { loud: true }],
  });
  answer(found, "namespace.emit", {});
  assert.equal(await said, undefined);
  for (const [args, ack] of [
    [[], undefined],
    [[["hall"]], ["hall"]],
    [
      [1, "b"],
      [1, "b"],
    ],
  ] as const) {
    const asked = guild.emitWithAck("enter");
    assert.equal(server.last.requests("namespace.emit").at(-1)![2].ack, true);
    answer(found, "namespace.emit", { args });
    assert.deepEqual(await asked, ack);
  }
  await found.leave();
});

test("a refusal has the author's own code, sentence and details", async () => {
  const found = await online();
  const guild = found.client.namespace(GUILD);
  const joining = guild.join();
  refuse(found, "namespace.join", "guild.closed", "Speak friend and enter.");
  const error = await joining.catch((failure: unknown) => failure);
  assert.ok(error instanceof RequestError);
  assert.equal(error.code, "guild.closed");
  assert.equal(error.sentence, "Speak friend and enter.");
  assert.deepEqual(error.details, { by: "us" });
  assert.equal(guild.joined, false);
  await found.leave();
});

test("an ack that does not come in time is not waited for", async () => {
  const found = await joined();
  const asked = found.guild.timeout(2).emitWithAck("enter");
  const failed = assert.rejects(asked, RequestTimedOutError);
  await found.clock.pass(2.1);
  await failed;
  await found.leave();
});

test("what cannot be sent is refused before it is sent", async () => {
  const found = await joined();
  const { guild, server } = found;
  const count = server.last.heard.length;
  const circle: unknown[] = [];
  circle.push(circle);
  const wrong = [new Date(), 1n, Number.NaN, 2 ** 53, () => {}, new Map(), "\ud83d", circle];
  for (const value of [...wrong, new Array(65).fill(0), undefined]) {
    const error = await guild.emit("say", [value]).catch((failure: unknown) => failure);
    assert.ok(error instanceof RequestError && error.code === "bad_params", String(error));
  }
  assert.equal(server.last.heard.length, count);
  await found.leave();
});

test("a resumed session is a member still; a new one joins again with the same words", async () => {
  const ended: unknown[][] = [];
  const found = await joined({ disconnect: (...args) => void ended.push(args) });
  const { client, server, clock, guild } = found;
  const again = async (resumed: boolean, answered: () => void) => {
    server.welcome = { ...WELCOME, resumed };
    client.dropConnection();
    await clock.pass(10);
    answered();
    await settled();
    return server.last.requests("namespace.join").map(([, , fields]) => fields);
  };
  assert.deepEqual(await again(true, () => {}), []);
  assert.ok(guild.joined);
  const words = [{ namespace: GUILD, auth: { word: "friend" } }];
  assert.deepEqual(await again(false, () => assert.ok(!guild.joined)), words);
  answer(found, "namespace.join", {});
  await settled();
  assert.ok(guild.joined);
  const refused = () => refuse(found, "namespace.join", "guild.closed", "Not today.");
  assert.deepEqual(await again(false, refused), words);
  assert.deepEqual(ended, [["guild.closed", "Not today."]]);
  assert.deepEqual(await again(false, () => {}), [], "who was refused does not try again");
  await found.leave();
});

test("a member joins again on a restarted server, once, and is told if it is refused", async () => {
  const ended: unknown[][] = [];
  const found = await joined({ disconnect: (...args) => void ended.push(args) });
  const { server, guild } = found;
  let number = 0;
  const restart = () => {
    const fields = { namespace: GUILD, code: "namespace.restarted", sentence: "Join again." };
    number += 1;
    server.last.say([KIND.event, number, "namespace.ended", fields]);
    return server.last.requests("namespace.join").map(([, , words]) => words);
  };
  const words = { namespace: GUILD, auth: { word: "friend" } };
  assert.deepEqual(restart(), [words, words]);
  assert.equal(guild.joined, false);
  answer(found, "namespace.join", {});
  await settled();
  assert.deepEqual([guild.joined, ended], [true, []]);
  assert.equal(restart().length, 3);
  refuse(found, "namespace.join", "guild.closed", "Not today.");
  await settled();
  assert.deepEqual([guild.joined, ended], [false, [["guild.closed", "Not today."]]]);
  assert.equal(restart().length, 3, "who was refused does not try again");
  await found.leave();
});

test("who is put out is told why, and who leaves is no member any more", async () => {
  const ended: unknown[][] = [];
  const found = await joined({
    disconnect: (...args) => void ended.push(args),
    "*": (...args) => void ended.push(args),
  });
  const out = { namespace: GUILD, code: "guild.rude", sentence: "Mind your words." };
  found.server.last.say([KIND.event, 1, "namespace.ended", out]);
  assert.equal(found.guild.joined, false);
  assert.deepEqual(ended, [["guild.rude", "Mind your words."]]);
  const joining = found.guild.join();
  answer(found, "namespace.join", {});
  await joining;
  const leaving = found.guild.leave();
  answer(found, "namespace.leave", {});
  await leaving;
  assert.equal(found.guild.joined, false);
  await found.leave();
});
