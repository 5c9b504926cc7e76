// `ws` on Node, msgpack: what most JavaScript games are built on.
"use strict";
const { Packr } = require("msgpackr");
const { WebSocketServer } = require("ws");
const { listening, rooms, take } = require("./rules.cjs");

const packr = new Packr({ useRecords: false });
const roomOf = rooms((room, rows) => {
  const bytes = packr.pack(rows);
  for (const socket of room.players.keys()) socket.send(bytes);
});

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket, request) => {
  const room = roomOf(request.url);
  const player = room.join(socket);
  socket.send(packr.pack(player.id));
  socket.on("message", (message) => {
    const [seq, dx, dy, aim] = packr.unpack(message);
    take(player, seq, dx, dy, aim);
  });
  socket.on("close", () => room.leave(socket));
  socket.on("error", () => socket.terminate());
});
server.on("listening", () => listening(server.address().port));
