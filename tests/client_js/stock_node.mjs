// The official client of Socket.IO under Node, once with each of its transports.
import { createRequire } from "node:module";
import { socketIo, visit } from "./stock.mjs";

const { io } = createRequire(new URL("../../client_js/package.json", import.meta.url))(
  "socket.io-client",
);
const [url, lobbyId, count] = process.argv.slice(2);
const clients = {
  "Node websocket": ["websocket"],
  "Node polling": ["polling"],
  "Node upgraded": ["polling", "websocket"],
};
const visits = Object.entries(clients).map(([name, transports]) =>
  visit(socketIo(io, url, transports), name, lobbyId, Number(count)),
);
for (const found of await Promise.all(visits)) {
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
