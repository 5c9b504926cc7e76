// A bot for Node: signs in, opens a lobby with bots, says hello, plays and leaves.
//   npm install --no-package-lock && npm run build        (once, in client_js/)
//   node examples/bot.mjs ws://127.0.0.1:7777 Robo 10
import { connect } from "gameserver-client";

const [url = "ws://127.0.0.1:7777", name = "Robo", seconds = "10"] = process.argv.slice(2);
const client = await connect(url, { name, client: "example-bot 1.0" });
console.log(`signed in as ${client.playerName} over ${client.road}, to play ${client.game}`);

client.on("status", (status) => console.log(`status: ${status.state}`));
client.on("chat.said", ({ line }) => console.log(`${line.sender_name || "server"}: ${line.text}`));
client.on("match.ended", ({ result }) => console.log(`${result.winner || "nobody"} won`));

const form = await client.request("lobby.form");
await client.request("lobby.create", { config: { ...form.default, size: 4, bots: 3 } });
await client.request("chat.send", { channel: "lobby", text: "hello" });
const entered = client.once("match");
await client.request("lobby.ready", { ready: true });
const match = await entered;
console.log(`a match on ${match.map.title}, in seat ${match.seat}`);

// A game's command has the fields that the schema lists, each with its bounds.
const [level] = match.schema.command.filter((field) => !field.edge);
let events = 0;
const play = setInterval(() => {
  const second = Math.floor(client.now());
  match.hold(level ? { [level.name]: level.lo + (second % (level.hi - level.lo + 1)) } : {});
  match.advance(client.now());
  events += match.takeEvents().length;
}, 33);
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
clearInterval(play);

const stats = await client.request("match.stats", { match_id: match.started.match_id });
console.log(
  `${match.counts.snapshots} snapshots, ${match.counts.desyncs} desyncs, ${events} events`,
);
console.log(`inputs: ${stats.applied} applied, ${stats.late} late, ${stats.malformed} malformed`);
console.log(`round trip ${Math.round((client.rttS ?? 0) * 1000)} ms, ${client.bytesIn} bytes in`);
await client.close();
