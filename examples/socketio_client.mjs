// A client of the game server with nothing but Socket.IO's own library:
//   npm install socket.io-client
//   node examples/socketio_client.mjs http://127.0.0.1:7777 Nora 10
// It opens a lobby with three bots, says hello, plays for ten seconds and leaves.
import { io } from "socket.io-client";

const [url = "http://127.0.0.1:7777", name = "Nora", seconds = "10"] = process.argv.slice(2);
const socket = io(url, { auth: { name } });
const ask = async (request, fields = {}) => {
  const answer = await socket.emitWithAck(request, fields);
  if (answer.error) throw new Error(`${request}: ${answer.error.sentence}`);
  return answer.result;
};

// A later connection resumes the session with the newest token and the last event that came.
socket.on("welcome", (welcome) => {
  console.log(`signed in as ${welcome.player_name}, to play ${welcome.game}`);
  socket.auth = { token: welcome.token, last_event: socket.auth.last_event ?? 0 };
});
socket.onAny((event, fields, number) => {
  if (event !== "snapshot" && number !== undefined) socket.auth.last_event = number;
});
socket.on("connect_error", (error) => console.log(error.message));
socket.on("goodbye", (goodbye) => console.log(goodbye.sentence));
socket.on("chat.said", ({ line }) => console.log(`${line.sender_name ?? "server"}: ${line.text}`));

let seq = 0, seen = 0, snapshots = 0;
socket.on("snapshot", (bytes, tick) => {
  // `bytes` is msgpack; docs/protocol.md, section 4, tells how to read it.
  seen = tick;
  snapshots += 1;
});
socket.on("match.started", async ({ match_id }) => {
  const entered = await ask("match.enter", { match_id });
  seq = entered.next_seq ?? 1;
  const walk = setInterval(() => {
    // seq, tick (0: the next one), seen, view, then Arena's move, aim, fire, rocket, dash
    socket.emit("input", [seq++, 0, seen, 0, 1 + (seq >> 4) % 8, (seq * 8) % 1024, 1, 0, 0]);
  }, 50);
  setTimeout(async () => {
    clearInterval(walk);
    const stats = await ask("match.stats", { match_id });
    console.log(`${snapshots} snapshots, ${stats.applied} inputs applied`);
    socket.disconnect();
  }, Number(seconds) * 1000);
});
socket.on("match.ended", ({ result }) => {
  console.log(`no match any more: ${result.message || result.reason}`);
  socket.disconnect();
});

await new Promise((resolve) => socket.once("welcome", resolve));
const form = await ask("lobby.form");
await ask("lobby.create", { config: { ...form.default, size: 4, bots: 3 } });
await ask("chat.send", { channel: "lobby", text: "hello" });
await ask("lobby.ready", { ready: true });
