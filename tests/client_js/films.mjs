// Prints of a film's file the world at each given tick, then the events up to each of them.
import { readFileSync } from "node:fs";
import { Film } from "../../client_js/dist/film.js";

const [path, ...ticks] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(path));
const film = new Film(bytes);
const { first, last, seat } = film;
console.log(JSON.stringify({ first, last, seat, players: film.started.players.length }));
for (const tick of ticks.map(Number)) {
  const { world, drawn } = film.at(tick);
  const entities = [...world.entities.values()].map(({ id, fields }) => [id, fields]);
  const places = drawn.map(({ entity, x, y }) => [entity.id, x, y]);
  const events = film.events(first, tick).length;
  console.log(JSON.stringify({ tick: world.tick, entities, places, events }));
}
let refused = 0;
for (const damaged of [bytes.slice(1), bytes.slice(0, -9), bytes.slice(0, 300), new Uint8Array()]) {
  try {
    new Film(damaged).at(0);
  } catch (error) {
    if (error.name !== "ProtocolError") throw error;
    refused += 1;
  }
}
console.log(refused);
