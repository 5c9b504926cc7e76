// A player plays a match against bots and saves its tape; then its world is tampered with, and the
// server asks for its view.
import { writeFileSync } from "node:fs";
import { connect } from "../../client_js/dist/node.js";

const [url, path] = process.argv.slice(2);
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const client = await connect(url, { name: "Ann" });
const { default: config } = await client.request("lobby.form");
await client.request("lobby.create", { config: { ...config, bots: 3 } });
const entered = client.once("match");
await client.request("lobby.ready", { ready: true });
const match = await entered;
let reached = () => {};
let wanted = 40;
const tick = setInterval(() => {
  match.hold({ move: 1 + (Math.floor(match.counts.inputs / 20) % 8), fire: true });
  match.advance(client.now());
  if (match.counts.inputs >= wanted) reached();
}, 20);

async function plays(more) {
  wanted = match.counts.inputs + more;
  await new Promise((resolve) => {
    reached = resolve;
  });
}

await plays(40);
const saved = { tick: match.world.tick, inputs: match.counts.inputs };
const { name, data } = await match.saveTape();
writeFileSync(path, data);
print({ ...saved, name, match: match.started.match_id });

const fighter = match.own("Fighter")[0];
const at = fighter.row.fields.findIndex((field) => field.name === "score");
fighter.row.values[at] += 3;
print({ id: fighter.id, tick: match.world.tick, score: fighter.fields.score });
while (!match.counts.desyncs) await plays(5);
const counted = match.counts.desyncs;
await plays(40);
print({ desyncs: [counted, match.counts.desyncs] });
for await (const _ of process.stdin) break;
clearInterval(tick);
await client.close();
