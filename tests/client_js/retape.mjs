// Makes the tape of a match that another client's tape has seen: the first line of its standard input
// is `match.started`, each further one what came or went, with its time; the last one is empty.
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { SnapshotReader } from "../../client_js/dist/play/reader.js";
import { readSchema } from "../../client_js/dist/play/schema.js";
import { Tape } from "../../client_js/dist/play/tape.js";

const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const next = async () => JSON.parse((await lines.next()).value || "null");
const started = await next();
const schema = readSchema(started.schema);
let now = 0;
const tape = new Tape(started, "another", () => now);
let reader;
const TAKERS = {
  entered(entered) {
    reader = new SnapshotReader(schema);
    tape.entered(entered);
  },
  snapshot(tick, parts) {
    const sections = parts.map(([number, keyframe, body]) => ({
      number,
      keyframe,
      body: new Uint8Array(Buffer.from(body, "hex")),
    }));
    reader.apply(tick, sections);
    tape.snapshot(tick, sections, reader);
  },
};
for (let row = await next(); row; row = await next()) {
  const [at, kind, ...values] = row;
  now = at;
  (TAKERS[kind] ?? tape[kind].bind(tape))(...values);
}
writeFileSync(process.argv[2], (await tape.save()).data);
process.stdin.destroy();
