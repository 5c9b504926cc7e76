// uWebSockets (C++) under Node, msgpack: one publish to a room's topic per tick.
"use strict";
const uws = require("@uwsjs/core");
const { Packr } = require("msgpackr");
const { listening, rooms, take } = require("./rules.cjs");

const packr = new Packr({ useRecords: false });
const app = uws.App();
const roomOf = rooms((room, rows) => app.publish(room.key, packr.pack(rows), true, false));

app.ws("/*", {
  compression: 0,
  upgrade: (answer, request, context) => {
    const header = (name) => request.getHeader(name);
    answer.upgrade(
      { key: request.getUrl() },
      header("sec-websocket-key"),
      header("sec-websocket-protocol"),
      header("sec-websocket-extensions"),
      context,
    );
  },
  open: (socket) => {
    const data = socket.getUserData();
    data.room = roomOf(data.key);
    data.player = data.room.join(socket);
    socket.send(packr.pack(data.player.id), true);
    socket.subscribe(data.key);
  },
  message: (socket, message) => {
    const [seq, dx, dy, aim] = packr.unpack(new Uint8Array(message));
    take(socket.getUserData().player, seq, dx, dy, aim);
  },
  close: (socket) => socket.getUserData().room.leave(socket),
});
app.listen("127.0.0.1", 0, (token) => listening(uws.us_socket_local_port(token)));
