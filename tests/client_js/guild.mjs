// Two members of the guild of examples/guild.py: refused, let in, invited, cut off and back again.
import { connect, RequestError } from "../../client_js/dist/node.js";

const [url, road] = process.argv.slice(2);
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const code = (promise) =>
  promise.then(
    () => null,
    (error) => (error instanceof RequestError ? error.code : error.name),
  );
const ann = await connect(url, { name: "Ann", roads: [road] });
const bob = await connect(url, { name: "Bob", roads: [road] });
const [guild, other] = [ann.namespace("/guild"), bob.namespace("/guild")];
const heard = [];
other.on("*", (...args) => heard.push(args));
other.on("invited", async (by, hall) => by === "Ann" && hall === "great");
print({
  unknown: await code(ann.namespace("/nothing").join()),
  outside: await code(guild.emit("say", "great", "hello")),
  closed: await code(guild.join({ word: "foe" })),
});

await other.join({ word: "friend" });
await guild.join({ word: "friend" });
print({
  entered: await guild.emitWithAck("enter", "great"),
  comes: await guild.emitWithAck("invite", "Bob", "great"),
  stays: await guild.emitWithAck("invite", "Bob", "small"),
  nobody: await code(guild.emitWithAck("invite", "Cid", "great")),
  elsewhere: await code(guild.emitWithAck("say", "small", "hello")),
});

// What is said while the connection is cut arrives once.
await guild.emit("say", "great", "one ✓");
bob.dropConnection();
await guild.emitWithAck("say", "great", "two");
await bob.online();
await guild.emitWithAck("wave", "great", 0.5, 1);
await bob.request("server.info");
print({ heard, member: other.joined, reconnects: bob.reconnects });
await guild.leave();
print({ outside: await code(guild.emit("say", "great", "hello")) });
await ann.close();
await bob.close();
