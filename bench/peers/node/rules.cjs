// The rules of bench/minimal.py, and rooms that step them on a timer of their own.
"use strict";

const SIDE = 2000 * 16;
const STEP = 99;
const FULL_HP = 100;
const SCORE_EVERY = 64;
const HZ = Number(process.env.HZ || 20);

const clamp = (value) => (value < 0 ? 0 : value > SIDE ? SIDE : value);

class Player {
  constructor(id) {
    this.id = id;
    this.x = 800 + ((id * 7919) % (SIDE - 1600));
    this.y = 800 + ((id * 104729) % (SIDE - 1600));
    this.angle = 0;
    this.hp = FULL_HP;
    this.score = 0;
    this.dx = 0;
    this.dy = 0;
    this.aim = 0;
    this.seq = 0;
  }
}

// Works on whatever has these fields: the plain class above, or a schema's instance.
function step(player, input, tick) {
  const x = player.x + input.dx * STEP;
  const y = player.y + input.dy * STEP;
  player.x = clamp(x);
  player.y = clamp(y);
  player.angle = input.aim;
  if (player.x !== x || player.y !== y) player.hp = player.hp - 1 || FULL_HP;
  if ((tick + player.id) % SCORE_EVERY === 0) player.score += 1;
}

class Room {
  // `broadcast(room, rows)` is called once a tick with one row of values per player.
  constructor(key, broadcast) {
    this.key = key;
    this.players = new Map();
    this.tick = 0;
    this.ids = 0;
    const period = 1000 / HZ;
    let due = performance.now() + period;
    const turn = () => {
      this.tick += 1;
      const rows = [];
      for (const p of this.players.values()) {
        step(p, p, this.tick);
        rows.push([p.id, p.x, p.y, p.angle, p.hp, p.score]);
      }
      if (rows.length) broadcast(this, rows);
      due += period;
      const now = performance.now();
      if (due < now - 5 * period) due = now;
      setTimeout(turn, Math.max(0, due - now));
    };
    setTimeout(turn, period);
  }

  join(connection) {
    const player = new Player((this.ids += 1));
    this.players.set(connection, player);
    return player;
  }

  leave(connection) {
    this.players.delete(connection);
  }
}

function rooms(broadcast) {
  const known = new Map();
  return (key) => {
    let room = known.get(key);
    if (!room) known.set(key, (room = new Room(key, broadcast)));
    return room;
  };
}

function take(player, seq, dx, dy, aim) {
  player.seq = seq;
  player.dx = dx;
  player.dy = dy;
  player.aim = aim;
}

function listening(port) {
  process.stdout.write(`listening ${port}\n`);
}

module.exports = { FULL_HP, HZ, Player, SIDE, listening, rooms, step, take };
