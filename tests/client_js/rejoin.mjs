// A member of the guild of examples/guild.py whose server is killed and started again.
import { connect } from "../../client_js/dist/node.js";

const [url] = process.argv.slice(2);
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const client = await connect(url, { name: "Ann" });
const guild = client.namespace("/guild");
const ended = [];
guild.on("disconnect", (...args) => ended.push(args));
await guild.join({ word: "friend" });
const left = client.once("namespace.ended");
print({ entered: await guild.emitWithAck("enter", "great") });

const { code } = await left;
while (!guild.joined) await client.request("server.info");
print({ code, ended, entered: await guild.emitWithAck("enter", "great") });
await client.close();
