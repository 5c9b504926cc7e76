// Two players sign in, chat, are refused, lose their connection, and leave; prints what they saw.
import { connect, RequestError } from "../../client_js/dist/node.js";

const [url, road] = process.argv.slice(2);
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const ann = await connect(url, { name: "Ann", roads: [road] });
const bob = await connect(url, { name: "Bob", roads: [road] });
print({ names: [ann.playerName, bob.playerName], road: ann.road, state: ann.status.state });

const heard = [];
bob.on("chat.said", ({ line }) => line.sender === ann.playerId && heard.push(line.text));
const form = await ann.request("lobby.form");
const { lobby } = await ann.request("lobby.create", { config: form.default });
await bob.request("lobby.join", { lobby_id: lobby.lobby_id });
await ann.request("chat.send", { channel: "lobby", text: "hello ✓" });
const refused = await ann.request("lobby.join", { code: "NOSUCH" }).catch((error) => error);
const unfit = await ann.request("lobby.sit", { seat: "one" }).catch((error) => error);
print({
  refused: refused instanceof RequestError && refused.code,
  unfit: unfit instanceof RequestError && unfit.code,
});

// What is said while the connection is cut arrives once, and the request is answered.
const [before, token] = [bob.playerId, bob.token];
const statuses = [];
bob.on("status", (status) => statuses.push(status.state));
bob.dropConnection();
await ann.request("chat.send", { channel: "lobby", text: "are you there?" });
await bob.request("chat.send", { channel: "lobby", text: "I am" });
print({
  statuses,
  heard,
  same: bob.playerId === before,
  fresh: `${bob.token}` !== `${token}`,
  book: bob.chat
    .lines("lobby")
    .map((line) => line.text)
    .filter((text) => !text.includes("Bob")),
  members: bob.lobby.members.map((member) => member.name),
  reconnects: bob.reconnects,
});

await bob.close();
print({ closed: bob.status.state, late: (await bob.request("server.info").catch((e) => e)).name });
await ann.request("server.info");
print({ members: ann.lobby.members.map((member) => member.name), rtt: ann.rttS >= 0 });
await ann.close();
