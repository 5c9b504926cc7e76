// Plays the random steps of a file in Arena's rules of this side, and compares what each step makes,
// field by field, with what the server's rules made; prints the number of steps, or what differs.
import { readFileSync } from "node:fs";
import { arena } from "../../client_js/dist/arena/index.js";
import { PredictedWorld } from "../../client_js/dist/predict/world.js";

const [path] = process.argv.slice(2);
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const { map, options, seat, entities, fields, events } = JSON.parse(
  readFileSync(`${path}.json`, "utf-8"),
);
const numbers = (name) => {
  const { buffer, byteOffset, length } = readFileSync(`${path}.${name}`);
  return new Int32Array(buffer, byteOffset, length / 4);
};
const given = numbers("given");
const made = numbers("made");
const solid = new Uint8Array(Buffer.from(map.solid, "hex"));
const present = { rewound: (of) => [...of].filter(({ type }) => type === "Fighter") };
const world = new PredictedWorld({ ...map, solid }, options, 1, present);
for (const body of entities) world.put(body);

const KINDS = Object.keys(fields);
const number = (value) => (typeof value === "string" ? value.length : Number(value));
let [at, read, steps] = [0, 0, 0];

/** Take the fields of an entity that the test changed. */
function edit() {
  const body = world.get(given[at++]);
  for (const [name, kind] of fields[body.type]) {
    const value = given[at++];
    if (kind !== "str") body.fields[name] = kind === "bool" ? value === 1 : value;
  }
}

function expect(value, words) {
  if (made[read] !== value) {
    print({ differs: words(), step: steps, tick: world.tick, here: value, there: made[read] });
    process.exit(0);
  }
  read += 1;
}

function compare() {
  const all = [...world];
  expect(all.length, () => "the number of entities");
  for (const body of all) {
    const told = (name) => () => `${body.type} ${body.id}, ${name}`;
    for (const name of ["id", "owner", "born", "ordinal"]) expect(body[name], told(name));
    expect(KINDS.indexOf(body.type), told("type"));
    for (const [name] of fields[body.type]) expect(number(body.fields[name]), told(name));
  }
  expect(world.events.length, () => "the number of events");
  for (const { type, fields: row } of world.events) {
    expect(Object.keys(events).indexOf(type), () => type);
    for (const name of events[type]) expect(number(row[name]), () => `${type}, ${name}`);
  }
}

while (at < given.length) {
  world.tick = given[at++];
  for (let edits = given[at++]; edits > 0; edits--) edit();
  const [move, aim, fire, rocket, dash, view] = given.subarray(at, at + 6);
  at += 6;
  world.events = [];
  world.causedBy(seat, () => arena.predict(world, seat, { move, aim, fire, rocket, dash, view }));
  compare();
  steps += 1;
}
print({ steps, numbers: read, whole: read === made.length });
