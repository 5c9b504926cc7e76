// One player predicts a match with bots over a simulated line for some seconds, sixty frames a second:
// runs about, aims at whoever is near and shoots. Prints how right its predictions were.
import { arena, connect } from "../../client_js/dist/node.js";

const [url, seconds, conditions = "{}"] = process.argv.slice(2);
const client = await connect(url, { name: "Ann", conditions: JSON.parse(conditions) });
client.on("match", (match) => match.predict(arena));

const form = await client.request("lobby.form");
const entered = client.once("match");
await client.request("lobby.create", { config: { ...form.default, size: 4, bots: 3 } });
// A server that has fallen behind puts a match off: be ready again.
const ready = () => client.request("lobby.ready", { ready: true }).catch(() => {});
const again = setInterval(() => client.lobby?.phase === "open" && ready(), 2000);
await ready();
const match = await entered;
clearInterval(again);
const phases = {};
const eased = { frames: 0, longest: 0 };
let last = null;

/** What a player would hold who sees this frame. */
function command({ drawn }, now) {
  const fighters = drawn.filter(({ entity }) => entity.type === "Fighter" && entity.fields.alive);
  const own = fighters.find((each) => each.own);
  if (!own) return {};
  const away = ({ x, y }) => Math.hypot(x - own.x, y - own.y);
  const [near] = fighters.filter((each) => !each.own).sort((a, b) => away(a) - away(b));
  const angle = near ? Math.atan2(near.y - own.y, near.x - own.x) : now;
  const aim = Math.floor(((angle / (2 * Math.PI) + 1) % 1) * 1024);
  const beat = Math.floor(now / 0.4);
  return {
    move: 1 + ((beat * 5) % 8),
    aim,
    fire: beat % 3 !== 0,
    rocket: beat % 7 === 0,
    dash: beat % 11 === 0,
  };
}

/** Note by how much the own fighter's drawn place moves from one frame to the next. */
function watch({ drawn }) {
  const own = drawn.find((each) => each.own && each.entity.type === "Fighter");
  if (own && last?.alive && own.entity.fields.alive) {
    eased.longest = Math.max(eased.longest, Math.hypot(own.x - last.x, own.y - last.y) / 16);
  }
  last = own && { x: own.x, y: own.y, alive: own.entity.fields.alive };
  eased.frames += 1;
}

const began = client.now();
while (client.now() - began < Number(seconds) && client.match === match) {
  const now = client.now();
  const frame = match.frame(now);
  if (frame) {
    watch(frame);
    match.hold(command(frame, now));
  }
  for (const { phase } of match.takeEvents()) phases[phase] = (phases[phase] ?? 0) + 1;
  await new Promise((resolve) => setTimeout(resolve, 1000 / 60));
}
const stats = client.match
  ? await client.request("match.stats", { match_id: match.started.match_id })
  : {};
const { recent, ...corrections } = match.corrections;
const fields = {};
for (const { differences, explained } of recent) {
  for (const { type, field } of differences) {
    const name = `${type}.${field} by ${explained}`;
    fields[name] = (fields[name] ?? 0) + 1;
  }
}
process.stdout.write(
  `${JSON.stringify({
    counts: match.counts,
    corrections,
    fields,
    phases,
    eased,
    stats,
    rttMs: Math.round((client.rttS ?? 0) * 1000),
    viewMs: Math.round(match.viewDelayS * 1000),
    lead: match.leadTicks,
    reconnects: client.reconnects,
  })}\n`,
);
await client.close();
