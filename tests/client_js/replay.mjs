// A player fetches the replay of a match against bots into a file.
import { writeFileSync } from "node:fs";
import { connect, fetchReplay } from "../../client_js/dist/node.js";

const [url, road, path] = process.argv.slice(2);
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const client = await connect(url, { name: "Ann", roads: [road], play: false });
const { default: config } = await client.request("lobby.form");
const started = client.once("match.started");
await client.request("lobby.create", { config: { ...config, bots: 3 } });
await client.request("lobby.ready", { ready: true });
const { match_id } = await started;
const running = await fetchReplay(client, match_id).catch((error) => error.code);
await client.request("lobby.leave");
const told = [];
const data = await fetchReplay(client, match_id, { progress: (...each) => told.push(each) });
writeFileSync(path, data);
print({ running, whole: told.at(-1)[0] === data.length && told.at(-1)[1] === data.length });
await client.close();
