// One player opens a lobby with bots and plays. Prints a line once it plays, and one each time that
// the road changes; told to by a line on its standard input, it prints its figures and leaves.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { connect } from "../../client_js/dist/node.js";

const [url, settings = "{}"] = process.argv.slice(2);
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const began = performance.now();
const client = await connect(url, { name: "Ann", ...JSON.parse(settings) });
const statuses = [];
client.on("status", ({ state }) => statuses.push(state));

const form = await client.request("lobby.form");
await client.request("lobby.create", { config: { ...form.default, size: 2, bots: 1 } });
const entered = client.once("match");
await client.request("lobby.ready", { ready: true });
let frames = 0;
let frame = null;
let wanted = 0;
let reached = () => {};
const tick = setInterval(() => {
  const { match } = client;
  if (!match) return;
  match.hold({ move: 1 + (Math.floor(frames / 20) % 8), fire: true });
  frame = match.frame(client.now()) ?? frame;
  match.takeEvents();
  frames += 1;
  if (match.counts.inputs >= wanted) reached();
}, 20);

/** Wait until so many more inputs were sent. */
async function plays(inputs) {
  wanted = client.match.counts.inputs + inputs;
  await new Promise((resolve) => {
    reached = resolve;
  });
}

const connected = (performance.now() - began) / 1000;
const match = await entered;
await plays(5);
const describe = () => ({
  road: client.road,
  player: client.playerId,
  seat: match.seat,
  same: client.match === match,
});
print({
  ...describe(),
  connected,
  map: match.map.width * match.map.height === match.map.solid.length,
});
client.on("road", async () => {
  await plays(5);
  print(describe());
});

await lines.next();
await plays(30);
const stats = await client.request("match.stats", { match_id: match.started.match_id });
const own = frame.drawn.filter((drawn) => drawn.own);
print({
  statuses,
  stats,
  counts: match.counts,
  own: own.map(({ entity }) => entity.type),
  drawn: frame.drawn.length,
  sane: frame.drawn.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)),
  view: frame.view,
  world: frame.world.tick,
});
clearInterval(tick);
await client.close();
process.stdin.destroy();
await Promise.race([once(process.stdin, "close"), Promise.resolve()]);
