// Socket.IO as documented: rooms, named events, WebSocket alone, JSON.
"use strict";
const { createServer } = require("node:http");
const { Server } = require("socket.io");
const { listening, rooms, take } = require("./rules.cjs");

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
const roomOf = rooms((room, rows) => io.to(room.key).emit("state", rows));

io.on("connection", (socket) => {
  const room = roomOf(String(socket.handshake.query.room));
  const player = room.join(socket);
  socket.join(room.key);
  socket.on("input", (seq, dx, dy, aim) => take(player, seq, dx, dy, aim));
  socket.on("disconnect", () => room.leave(socket));
});
http.listen(0, "127.0.0.1", () => listening(http.address().port));
