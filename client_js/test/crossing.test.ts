/** A match goes on while its session moves from long polling to a WebSocket. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type PredictedGame } from "../src/index.js";
import { MatchKeeper } from "../src/play/matchkeeper.js";
import { KIND, type MatchStarted } from "../src/wire/tables.js";
import { onBothRoads } from "./support/both_roads.js";
import { settled, TOKEN, WELCOME } from "./support/fakes.js";
import { MAP } from "./support/map.js";
import { HZ, inputs, keyframe, RUNNING, started } from "./support/playing.js";

const RESUMED = { ...WELCOME, resumed: true, token: TOKEN(2), last_event: 1, next_request: 9 };

/** A client that plays over long polling and is about to move: its hello is sent. */
async function crossing(rules: PredictedGame | null = null) {
  const { clock, server, settings, sayPolling, rows } = onBothRoads();
  server.mode = "refuse";
  const connecting = connect("server.test", settings);
  await clock.pass(1);
  const client = await connecting;
  const idOf = (name: string) => rows.find((row) => row[2] === name)![1] as number;
  sayPolling([KIND.event, 1, "match.started", started(0)]);
  await clock.pass(0.2);
  sayPolling([KIND.result, idOf("match.map"), { data: { map: MAP } }]);
  await clock.pass(0.2);
  const entered = { tick: 99, seat: 0, next_seq: 7, after: 1 };
  sayPolling([KIND.result, idOf("match.enter"), entered]);
  sayPolling(keyframe(100, 1000));
  await clock.pass(0.2);
  const match = client.match!;
  if (rules) match.predict(rules);
  let tick = 100;
  let ready = 0;
  client.on("match", () => ready++);
  /** Let ticks pass, each with a snapshot from where the test wants it. */
  const pass = async (ticks: number, say: (row: unknown) => void = sayPolling) => {
    for (let i = 0; i < ticks; i++) {
      await clock.pass(1 / HZ);
      tick += 1;
      say([KIND.snapshot, tick]);
      match.advance(client.now());
    }
  };
  const polled = () => rows.filter((row) => row[0] === KIND.input) as number[][];
  await pass(20);
  server.mode = "open";
  server.welcome = null;
  while (!server.last.heard.length) await pass(1);
  const leave = () => {
    client.dropConnection();
    client.giveUp();
  };
  const played = () => ({ match, ready, tick });
  return {
    clock,
    server,
    client,
    socket: server.last,
    pass,
    polled,
    played,
    sayPolling,
    rows,
    leave,
  };
}

const numbers = (rows: readonly number[][]) => rows.map(([, seq]) => seq!);

/** Each number from the first to the last, once. */
function assertWithoutGap(sent: readonly number[]): void {
  const once = [...new Set(sent)].sort((a, b) => a - b);
  assert.deepEqual(
    once,
    once.map((_, at) => once[0]! + at),
  );
}

for (const [how, rules] of [
  ["", null],
  [" by a client that predicts", RUNNING],
] as const) {
  test(`hello, match.enter and the inputs that may be lost are said at once${how}`, async () => {
    await assertSaidAtOnce(await crossing(rules));
  });
}

async function assertSaidAtOnce(crossed: Awaited<ReturnType<typeof crossing>>): Promise<void> {
  const { socket, pass, polled, played, leave } = crossed;
  const { tick } = played();
  const names = socket.heard.map((row) => (row[0] === KIND.request ? row[2] : row[0]));
  const said = names.filter((name) => name !== "chat.history");
  assert.deepEqual(said.slice(0, 3), [KIND.hello, "match.enter", KIND.input]);
  const again = inputs(socket);
  await pass(3); // a POST has those of some ticks
  assert.ok(again.length >= 1 && again.length <= 16);
  assert.ok(again[0]![2]! <= again.at(-1)![3]! + 1, "from the newest snapshot on");
  for (const row of again) {
    assert.ok(row[2]! > tick - 2, "its tick may be to come");
    assert.deepEqual(
      row,
      polled().find(([, seq]) => seq === row[1]),
    );
  }
  leave();
}

test("until the welcome inputs go over both roads, and behind it on, without a pause", async () => {
  const { socket, pass, polled, played, leave } = await crossing();
  await pass(5);
  const last = numbers(polled()).at(-1)!;
  assert.ok(numbers(inputs(socket)).includes(last), "over both");
  socket.say([KIND.welcome, RESUMED]);
  await settled();
  await pass(3, () => {}); // nothing is heard until the match is entered
  const id = socket.idOf("match.enter");
  const { match, tick } = played();
  socket.say([KIND.result, id, { tick, seat: 0, next_seq: last, after: 1 }], keyframe(tick, 1000));
  await pass(5, (row) => socket.say(row));
  assert.equal(socket.requests("match.enter").length, 1, "it is entered once");
  assert.ok(numbers(inputs(socket)).at(-1)! >= last + 8);
  assertWithoutGap([...numbers(polled()), ...numbers(inputs(socket))]);
  assert.deepEqual([match.world?.tick, played().ready], [tick + 5, 0]);
  assert.equal(match.counts.skippedTicks, 0);
  leave();
});

test("a request that waits is said again behind the hello, and a new one goes there", async () => {
  const { client, clock, socket, rows, sayPolling, leave } = await crossing();
  const asked = client.request("server.info").catch(({ code }) => code);
  assert.equal(socket.requests("server.info").length, 1);
  assert.ok(!rows.some((row) => row[2] === "server.info"));
  socket.say([KIND.refusal, 0, { code: "rate_limited", sentence: "too often" }]);
  await clock.pass(0.2);
  assert.ok(socket.closed);
  const again = rows.filter((row) => row[2] === "server.info");
  assert.equal(again.length, 1, "the session stays where it was");
  assert.deepEqual([client.road, client.status.state], ["long-polling", "online"]);
  sayPolling([KIND.refusal, again[0]![1], { code: "rate_limited", sentence: "too often" }]);
  await clock.pass(0.2);
  assert.equal(await asked, "rate_limited");
  leave();
});

test("a move that fails abandons the request of this move alone", () => {
  const abandoned: number[] = [];
  let asked = 0;
  const answers: unknown[] = [{ data: { map: MAP } }, { tick: 1, seat: 0, next_seq: 1, epoch: 1 }];
  const keeper = new MatchKeeper(true, {
    ask: (_name, _params, settle) => {
      asked += 1;
      const result = answers.shift();
      if (result) settle({ kind: "result", id: asked, result, after: 1 } as never);
      return asked;
    },
    abandon: (id) => abandoned.push(id),
    post: () => {},
    ready: () => {},
    roundTrips: () => [],
    now: () => 0,
    client: "",
  });
  keeper.started(started(0) as unknown as MatchStarted);
  assert.ok(keeper.match);
  keeper.cross();
  keeper.forget();
  abandoned.length = 0;
  keeper.cross(); // without a match nothing is asked; another session has the ids again
  keeper.stayed();
  assert.deepEqual(
    abandoned.filter((id) => id !== 0),
    [],
  );
});

test("where the seat changes meanwhile the match begins anew", async () => {
  const { socket, played, leave } = await crossing();
  socket.say([KIND.welcome, RESUMED]);
  await settled();
  const { match, tick } = played();
  assert.ok(match.live);
  const entered = { tick, seat: 1, next_seq: 1, after: 1 };
  socket.say([KIND.result, socket.idOf("match.enter"), entered]);
  assert.deepEqual([match.live, match.seat], [false, 1]);
  leave();
});

const REPLACED = [
  KIND.goodbye,
  { code: "session.replaced", sentence: "the session goes on over another connection" },
];

test("a session that has moved to a link that broke comes back", async () => {
  const { clock, client, socket, rows, sayPolling, leave } = await crossing();
  const hellos = () => rows.filter((row) => row[0] === KIND.hello);
  socket.break();
  await clock.pass(0.2);
  assert.deepEqual([client.status.state, hellos().length], ["online", 1], "it may have stayed");
  sayPolling(REPLACED);
  await clock.pass(1.5);
  assert.deepEqual([client.status.state, hellos().length], ["online", 2]);
  leave();
});

test("a session that another client takes long after a broken move is over", async () => {
  const { clock, server, client, socket, sayPolling } = await crossing();
  server.mode = "refuse";
  socket.break();
  for (let i = 0; i < 6; i++) {
    await clock.pass(2);
    sayPolling([KIND.ping, 1]);
  }
  sayPolling(REPLACED);
  await clock.pass(0.5);
  assert.equal(client.status.state, "closed");
});

test("a session that another client has taken is over on both links", async () => {
  const { clock, client, socket, sayPolling } = await crossing();
  sayPolling(REPLACED);
  await clock.pass(0.2);
  assert.equal(client.status.state, "online", "the new link may have it");
  socket.say([KIND.refusal, 0, { code: "session.token_unknown", sentence: "it is over" }]);
  await clock.pass(0.5);
  const { status } = client;
  assert.deepEqual([status.state, "code" in status && status.code], ["closed", "session.replaced"]);
});
