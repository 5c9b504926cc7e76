// Encode recorded states with Colyseus's schema: one line of JSON in, one of base64 out.
//
// The first line names classes and the types of their fields; then each line is a tick's
// {class: [[id, value...]...]}. The encoder, not the room, is measured: what it gives out is what
// a room sends behind one byte of kind.
import { createInterface } from "node:readline";
import { Encoder, schema, t } from "@colyseus/schema";

const KINDS = {
  quantized: (lo, hi, wrap) =>
    t.quantized({ min: lo, max: hi, bits: 16, ...(wrap ? { mode: "wrap" } : {}) }),
  boolean: () => t.boolean(),
  string: () => t.string(),
  int8: () => t.int8(),
  uint8: () => t.uint8(),
  int16: () => t.int16(),
  uint16: () => t.uint16(),
  int32: () => t.int32(),
};

let classes, state, encoder;

function begin(tables) {
  const maps = {};
  classes = tables.map(([name, fields]) => {
    const shape = {};
    for (const [field, kind, ...more] of fields) shape[field] = KINDS[kind](...more);
    const made = schema(shape, name);
    maps[name] = t.map(made);
    return [name, made, fields.map((field) => field[0])];
  });
  const State = schema(maps, "State");
  state = new State();
  encoder = new Encoder(state);
}

function advance(rows) {
  for (const [name, Class, fields] of classes) {
    const known = state[name];
    const alive = new Set();
    for (const [id, ...values] of rows[name] || []) {
      const key = String(id);
      alive.add(key);
      let one = known.get(key);
      const fresh = !one;
      if (fresh) one = new Class();
      fields.forEach((field, at) => {
        if (fresh || one.recorded[at] !== values[at]) one[field] = values[at];
      });
      Object.defineProperty(one, "recorded", { value: values, writable: true, configurable: true });
      if (fresh) known.set(key, one);
    }
    for (const key of [...known.keys()]) if (!alive.has(key)) known.delete(key);
  }
  const bytes = Buffer.from(encoder.encode());
  encoder.discardChanges();
  return bytes;
}

for await (const line of createInterface({ input: process.stdin })) {
  if (!state) begin(JSON.parse(line));
  else process.stdout.write(advance(JSON.parse(line)).toString("base64") + "\n");
}
