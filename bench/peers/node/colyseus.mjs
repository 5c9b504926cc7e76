// Colyseus 0.18 as its netcode pages have it: fixed timestep, declared input, quantised fields.
import { createRequire } from "node:module";
import { Room, Server } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";

const { FULL_HP, HZ, Player: Plain, SIDE, listening, step } = createRequire(import.meta.url)(
  "./rules.cjs",
);

const Input = schema({ dx: t.int8(), dy: t.int8(), aim: t.uint16() }, "Input");

const Walker = schema(
  {
    x: t.quantized({ min: 0, max: SIDE, bits: 16 }),
    y: t.quantized({ min: 0, max: SIDE, bits: 16 }),
    angle: t.quantized({ min: 0, max: 1024, mode: "wrap", bits: 16 }),
    hp: t.uint8(),
    score: t.uint16(),
  },
  "Walker",
);

const State = schema({ players: t.map(Walker) }, "State");

const STILL = { dx: 0, dy: 0, aim: 0 };

class Field extends Room {
  maxClients = Number(process.env.ROOM_SIZE || 10);
  state = new State();
  inputs = this.defineInput(Input, { bufferMaxSize: 64 });
  walkers = new Map();
  ids = 0;

  onCreate() {
    this.setFixedTimestep((context) => {
      for (const [session, walker] of this.walkers) {
        const input = this.inputs.get(session).next();
        if (input) walker.held = { dx: input.dx, dy: input.dy, aim: input.aim };
        const plain = walker.plain;
        step(plain, walker.held, context.tick);
        const shown = walker.shown;
        if (shown.x !== plain.x) shown.x = plain.x;
        if (shown.y !== plain.y) shown.y = plain.y;
        if (shown.angle !== plain.angle) shown.angle = plain.angle;
        if (shown.hp !== plain.hp) shown.hp = plain.hp;
        if (shown.score !== plain.score) shown.score = plain.score;
      }
      this.broadcastPatch();
    }, HZ);
    // A patch per step, behind the step: two timers of one rate would drift past each other. Only
    // now, because without a timestep this would start another timer that takes the clock's time.
    this.patchRate = null;
  }

  onJoin(client) {
    const plain = new Plain((this.ids += 1));
    const shown = new Walker();
    Object.assign(shown, { x: plain.x, y: plain.y, angle: 0, hp: FULL_HP, score: 0 });
    this.state.players.set(client.sessionId, shown);
    this.walkers.set(client.sessionId, { plain, shown, held: STILL });
  }

  onLeave(client) {
    this.state.players.delete(client.sessionId);
    this.walkers.delete(client.sessionId);
  }
}

const transport = new WebSocketTransport({ pingInterval: 0 });
const server = new Server({ transport, greet: false });
server.define("field", Field);
await server.listen(0, "127.0.0.1");
listening(transport.server.address().port);
