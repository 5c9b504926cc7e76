// What a browser has itself, and the official client of Socket.IO as its package brings it.
import { io } from "/node_modules/socket.io-client/dist/socket.io.esm.min.js";
import { eventSource, socketIo, visit, webSocket } from "/stock.mjs";

const report = (found) => fetch("/report", { method: "POST", body: JSON.stringify(found) });
const asked = new URLSearchParams(location.search);
const url = asked.get("server");
const clients = {
  "Page websocket": socketIo(io, url, ["websocket"]),
  "Page polling": socketIo(io, url, ["polling"]),
  "Page upgraded": socketIo(io, url, ["polling", "websocket"]),
  EventSource: eventSource(url),
  WebSocket: webSocket(globalThis.MessagePack, url),
};
try {
  await Promise.all(
    Object.entries(clients).map(async ([name, open]) =>
      report(await visit(open, name, asked.get("lobby"), Number(asked.get("count")))),
    ),
  );
} catch (error) {
  await report({ error: String(error.stack ?? error) });
}
