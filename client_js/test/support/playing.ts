/** A client that plays a match with a fake server, for tests. */

import { connect, type Match, type PredictedGame } from "../../src/index.js";
import { pack } from "../../src/wire/pack.js";
import { KIND } from "../../src/wire/tables.js";
import { FakeClock, FakeServer, type FakeSocket, settled } from "./fakes.js";
import { MAP } from "./map.js";
import { load, unplain } from "./vectors.js";

export const SCHEMA = unplain(load<{ schema: unknown }>("snapshots.json").schema);
export const HZ = 20;

export const started = (seat: number) => ({
  match_id: "m-1",
  game: "skirmish",
  seat,
  players: [],
  tick_rate: HZ,
  snapshot_every: 1,
  map: "yard",
  map_digest: "d1",
  options: {},
  salt: 1,
  schema: SCHEMA,
});

/** A keyframe of section 0: one Runner of seat 0 that moves by 16 a tick. */
export function keyframe(tick: number, x: number): unknown[] {
  const values = [-5, 2, 1, 0, null, x, 2000, 0, "Ann", 1, false, 10, 0, 16, 0];
  return [KIND.snapshot, tick, 1, Buffer.concat(values.map((value) => pack(value)))];
}

export const inputs = (socket: FakeSocket) =>
  socket.heard.filter((row) => row[0] === KIND.input).map((row) => row as number[]);

export async function playing(seat = 0, epoch = 1) {
  const [clock, server] = [new FakeClock(), new FakeServer()];
  const { WebSocket } = server;
  const settings = { name: "Ann", clock, WebSocket, roads: ["websocket"] as const, signOut: false };
  const client = await connect("server.test", settings);
  await settled();
  server.last.say([KIND.event, 1, "match.started", started(seat)]);
  server.last.say([KIND.result, server.last.idOf("match.map"), { data: { map: MAP } }]);
  const entered = client.once("match");
  // The keyframe comes in the same message as the result.
  const result = [
    KIND.result,
    server.last.idOf("match.enter"),
    { tick: 99, seat, next_seq: 7, epoch, after: 1 },
  ];
  server.last.say(result, keyframe(100, 1000));
  const match = await entered;
  let tick = 100;
  /** Let ticks pass, each with a snapshot and a frame. */
  const pass = async (ticks: number, each: (match: Match) => void = () => {}) => {
    for (let i = 0; i < ticks; i++) {
      await clock.pass(1 / HZ);
      tick += 1;
      server.last.say([KIND.snapshot, tick]);
      each(match);
    }
  };
  const leave = async () => {
    const closing = client.close();
    await clock.pass(2);
    await closing;
  };
  return { clock, server, client, match, pass, leave };
}

/** Rules of which this test is the server: a runner goes right by 16 a tick while it is told to. */
export const RUNNING: PredictedGame = {
  predict(world, seat, { move, throw: thrown }) {
    const runner = world.owned<{ x: number }>(seat, "Runner");
    if (runner && move === 3) runner.fields.x += 16;
    if (thrown) world.emit("Thrown", { seat });
  },
};
