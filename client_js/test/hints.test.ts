/** What an author tells of how a game is drawn and played, as a client reads it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../src/errors.js";
import { Drawing, type Thing } from "../src/play/drawing.js";
import { readSchema } from "../src/play/schema.js";

const BOAT = {
  name: "Boat",
  look: { shape: "triangle", size: 320 },
  public: [
    { name: "east", kind: "int", hint: "x" },
    { name: "south", kind: "int", hint: "y" },
    { name: "spin", kind: "int", wrap: 8 },
    { name: "bow", kind: "int", wrap: 1024, hint: "heading" },
  ],
};
const PLAIN = {
  name: "Plain",
  public: [
    { name: "x", kind: "int" },
    { name: "y", kind: "int" },
    { name: "odd", kind: "int", wrap: 7, hint: "none" },
    { name: "spin", kind: "int", wrap: 8 },
  ],
};
const SCHEMA = {
  entities: [BOAT, PLAIN],
  events: [],
  command: [
    ["rudder", "level", -8, 8],
    ["anchor", "edge", 0, 1],
  ],
  edges: ["anchor"],
  bindings: { rudder: { axis: "x" } },
};

test("hints count before names; without them all is as before", () => {
  const schema = readSchema(SCHEMA);
  const [boat, plain] = schema.entities;
  assert.deepEqual([boat!.placed, boat!.place], [true, ["east", "south"]]);
  assert.deepEqual([plain!.placed, plain!.place], [true, ["x", "y"]]);
  assert.deepEqual([boat!.angle?.name, plain!.angle?.name], ["bow", "spin"]);
  assert.deepEqual([boat!.look, plain!.look], [BOAT.look, {}]);
  assert.deepEqual(
    schema.command.map(({ bound }) => bound),
    [{ axis: "x" }, {}],
  );
  const { bindings: _, ...bare } = SCHEMA;
  assert.deepEqual(readSchema(bare).command[0]!.bound, {});
});

test("an entity is drawn where its hints say, at its heading", () => {
  const drawing = new Drawing(readSchema(SCHEMA));
  const at = (east: number, bow: number): Thing => {
    const fields = { east, south: 40, spin: 3, bow };
    return { id: 1, type: "Boat", owner: 0, cause: null, fields };
  };
  const drawn = drawing.between(at(0, 1000), at(100, 24), 0.5, false);
  assert.deepEqual([drawn.x, drawn.y, drawn.angle], [50, 40, 0]);
});

test("hints that are none are refused", () => {
  const spoilt = [
    { ...SCHEMA, bindings: 7 },
    { ...SCHEMA, entities: [{ ...BOAT, look: [] }] },
    { ...SCHEMA, entities: [{ name: "A", public: [{ name: "x", kind: "int", hint: 1 }] }] },
  ];
  for (const each of spoilt) assert.throws(() => readSchema(each), ProtocolError);
});
