// What stock clients have in common, under Node and in a browser: each signs in, joins a lobby, chats
// with all others, and plays the match. A road is an object with `welcome` (a promise), `ask(request,
// fields)`, `input(row)`, `seen` (the newest snapshot's tick), `snapshots`, `way()` and `close()`; it
// is made with a function that takes events.

/** The official client of Socket.IO. */
export function socketIo(io, url, transports) {
  return (name, take) => {
    const socket = io(url, { auth: { name }, transports, forceNew: true });
    const road = {
      seen: 0,
      snapshots: 0,
      welcome: new Promise((resolve, reject) => {
        socket.once("welcome", resolve);
        socket.once("connect_error", reject);
      }),
      ask: async (request, fields) => {
        const { error, result } = await socket.emitWithAck(request, fields);
        if (error) throw new Error(`${request}: ${error.sentence}`);
        return result;
      },
      input: (row) => socket.emit("input", row),
      way: () => socket.io.engine.transport.name,
      close: () => socket.disconnect(),
    };
    socket.onAny((event, fields) => {
      if (event !== "snapshot") take(event, fields);
    });
    socket.on("snapshot", (bytes, tick) => {
      if (bytes.byteLength > 0) road.snapshots += 1;
      road.seen = tick;
    });
    return road;
  };
}

/** A browser's EventSource, with `fetch` for what is said. */
export function eventSource(url) {
  return (name, take) => {
    const waiting = new Map();
    let [source, link, next, number, sending] = [null, "", 1, 0, Promise.resolve()];
    let queue = [];
    const say = (message) => {
      queue.push(message);
      if (queue.length > 1) return;
      sending = sending.then(async () => {
        const body = JSON.stringify({ link, number: ++number, say: queue });
        queue = [];
        const answer = await fetch(`${url}/sse/send`, { method: "POST", body });
        if (!answer.ok) throw new Error(`/sse/send: ${await answer.text()}`);
      });
    };
    const road = {
      seen: 0,
      snapshots: 0,
      ask: (request, fields) =>
        new Promise((resolve, reject) => {
          waiting.set(next++, { request, resolve, reject });
          say([request, fields]);
        }),
      input: (row) => say(["input", ...row]),
      way: () => "event-stream",
      close: () => source.close(),
    };
    const heard = {
      answer: ({ request, result, error }) => {
        const { resolve, reject, ...asked } = waiting.get(request);
        if (error) reject(new Error(`${asked.request}: ${error.sentence}`));
        else resolve(result);
      },
      snapshot: ({ tick, bytes }) => {
        if (bytes.length > 0) road.snapshots += 1;
        road.seen = tick;
      },
    };
    road.welcome = new Promise((resolve, reject) => {
      heard.welcome = (welcome) => {
        next = welcome.next_request ?? 1;
        resolve(welcome);
      };
      const open = { method: "POST", body: JSON.stringify({ name }) };
      fetch(`${url}/sse`, open)
        .then((response) => response.json())
        .then((opened) => {
          link = opened.link;
          source = new EventSource(`${url}/sse?ticket=${opened.ticket}`);
          for (const event of [...Object.keys(heard), ...FOLLOWED]) {
            source.addEventListener(event, ({ data }) => {
              const fields = JSON.parse(data);
              if (heard[event]) heard[event](fields);
              else take(event, fields);
            });
          }
        })
        .catch(reject);
    });
    return road;
  };
}

/** A WebSocket with a library for msgpack; the first numbers of messages are in docs/protocol.md. */
export function webSocket({ encode, decodeMulti }, url) {
  return (name, take) => {
    const socket = new WebSocket(url.replace("http", "ws"), "gameserver.v1");
    socket.binaryType = "arraybuffer";
    const waiting = new Map();
    let next = 1;
    const road = {
      seen: 0,
      snapshots: 0,
      ask: (request, fields) =>
        new Promise((resolve, reject) => {
          waiting.set(next, { resolve, reject: ({ sentence }) => reject(new Error(sentence)) });
          socket.send(encode([18, next++, request, fields]));
        }),
      input: (row) => socket.send(encode([1, ...row])),
      way: () => socket.protocol,
      close: () => socket.close(),
    };
    road.welcome = new Promise((resolve, reject) => {
      socket.onerror = reject;
      socket.onopen = () =>
        socket.send(encode([16, { version: 2, client: "by hand", player_name: name }]));
      const heard = {
        2: (tick, ...sections) => {
          if (sections.length > 0) road.snapshots += 1;
          road.seen = tick;
        },
        4: (nonce) => socket.send(encode([5, nonce, 0])),
        17: resolve,
        19: (id, result) => waiting.get(id).resolve(result),
        20: (id, error) => waiting.get(id).reject(error),
        21: (_number, event, fields) => take(event, fields),
      };
      socket.onmessage = ({ data }) => {
        const first = new Uint8Array(data, 0, 1)[0];
        if (first < 0x80) {
          road.snapshots += data.byteLength > 1 ? 1 : 0; // a delta: ticks since the one before
          road.seen += first % 32;
          return;
        }
        for (const [kind, ...rest] of decodeMulti(data)) heard[kind]?.(...rest);
      };
    });
    return road;
  };
}

const FOLLOWED = ["lobby.changed", "chat.said", "match.started"];

/** Join the lobby, talk with all `count` members, and play until 20 inputs were applied. */
export async function visit(open, name, lobbyId, count) {
  const speakers = new Set();
  let [members, started, changed] = [0, null, () => {}];
  const road = open(name, (event, fields) => {
    if (event === "lobby.changed") members = fields.lobby.members.length;
    if (event === "chat.said" && fields.line.text === `hello from ${fields.line.sender_name}`) {
      speakers.add(fields.line.sender_name);
    }
    if (event === "match.started") started = fields.match_id;
    changed();
  });
  const until = async (ready) => {
    while (!ready()) {
      await new Promise((resolve) => {
        changed = resolve;
      });
    }
  };
  const { player_name } = await road.welcome;
  const { lobby } = await road.ask("lobby.join", { lobby_id: lobbyId });
  members = Math.max(members, lobby.members.length);
  await until(() => members === count);
  await road.ask("chat.send", { channel: "lobby", text: `hello from ${player_name}` });
  await until(() => speakers.size === count);
  await road.ask("lobby.ready", { ready: true });
  await until(() => started !== null);
  let seq = (await road.ask("match.enter", { match_id: started })).next_seq ?? 1;
  // seq, tick (0: the next one), seen, view, then Arena's move, aim, fire, rocket, dash
  const walk = setInterval(
    () => road.input([seq++, 0, road.seen, 0, 1 + (seq % 8), 0, 1, 0, 0]),
    40,
  );
  let applied = 0;
  while (applied < 20 || road.snapshots < 10) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    ({ applied = 0 } = await road.ask("match.stats", { match_id: started }));
  }
  clearInterval(walk);
  const way = road.way();
  road.close();
  return { name, way };
}
