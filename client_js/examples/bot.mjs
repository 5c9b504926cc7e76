// A bot for Node: signs in, joins a lobby, says hello and plays.
//   npm install && npm run build        (once, in client_js/)
//   node examples/bot.mjs ws://127.0.0.1:7777 Robo 10
import { connect, RequestError } from "gameserver-client";

const [url = "ws://127.0.0.1:7777", name = "Robo", seconds = "10"] = process.argv.slice(2);
const client = await connect(url, { name, client: "example-bot 1.0" });
console.log(`signed in as ${client.playerName} over ${client.road}, to play ${client.game}`);

client.on("status", (status) => console.log(`status: ${status.state}`));
client.on("chat.said", ({ line }) => console.log(`${line.sender_name || "server"}: ${line.text}`));

try {
  await client.request("lobby.quick_play");
  await client.request("chat.send", { channel: "lobby", text: "hello" });
} catch (error) {
  if (!(error instanceof RequestError)) throw error;
  console.log(`refused (${error.code}): ${error.sentence}`);
}
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
console.log(`round trip ${Math.round((client.rttS ?? 0) * 1000)} ms, ${client.bytesIn} bytes in`);
await client.close();
