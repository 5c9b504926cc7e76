// Plays a session that the Python client has recorded (tests/vectors/prediction.py) in a match of this
// side, and compares what it sends, predicts, tells and draws, call by call.
const NAMES = [
  "inputs",
  "own tick",
  "view",
  "predicted tick",
  "predicted world",
  "own drawn",
  "all drawn",
  "events",
  "snapshots compared",
  "divergences",
  "divergences by input",
  "last correction",
];

const thousandths = (value) => Math.floor(value * 1000 + 0.5);
const number = (value) => (typeof value === "boolean" ? Number(value) : value);
const bytesOf = (hex) =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** JSON's values as msgpack holds them: `{"$hex": …}` stands for bytes. */
function unplain(value) {
  if (Array.isArray(value)) return value.map(unplain);
  if (typeof value !== "object" || value === null) return value;
  if ("$hex" in value) return bytesOf(value.$hex);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unplain(part)]));
}

/**
 * Play one session of a file with the parts of a client: `Match`, `readMap`, `arena`, `crc32`,
 * `unpack`. Returns counts, and the first difference or null.
 */
export function played({ maps, fields, events }, session, sdk) {
  const { started, steps } = session;
  const inputs = [];
  const reach = {
    post(message) {
      const [kind, ...row] = sdk.unpack(message);
      if (kind === 1) inputs.push(row);
    },
    desync() {
      counts.desyncs += 1;
    },
    now: () => 0,
    client: "session",
  };
  const counts = { frames: 0, snapshots: 0, inputs: 0, desyncs: 0, events: {} };
  const map = sdk.readMap({ map: unplain(maps[started.map]) });
  const match = new sdk.Match(started, map, reach);
  const names = match.schema.command.map(({ name }) => name);
  match.predict(sdk.arena);

  const sum = (rows) => sdk.crc32(new TextEncoder().encode(JSON.stringify(rows)));
  const entityRow = ({ type, id, owner, cause, fields: held }) => {
    const values = fields[type].map((name) => number(held[name]));
    return [type, id, owner, ...(cause ?? [0, -1]), ...values];
  };
  const drawnRow = ({ entity, x, y, angle, own }) => [
    entity.id,
    ...[x, y, angle].map(thousandths),
    Number(own),
  ];
  const eventRow = ({ type, phase, fields: told }) => {
    counts.events[phase] = (counts.events[phase] ?? 0) + 1;
    return [type, phase, ...events[type].map((name) => number(told[name]))];
  };

  function result(now) {
    const frame = match.frame(now);
    const { judged, divergences, byInput, lastPx } = match.corrections;
    const drawn = frame.drawn.map(drawnRow);
    return [
      inputs.splice(0),
      thousandths(frame.tick),
      thousandths(frame.view),
      frame.world.tick,
      sum([...frame.world.entities.values()].map(entityRow)),
      drawn.filter((row) => row[4] === 1),
      sum(drawn),
      match.takeEvents().map(eventRow),
      judged,
      divergences,
      byInput,
      thousandths(lastPx),
    ];
  }

  const calls = {
    enter: (tick, seat, next_seq, epoch) => match.enter({ tick, seat, next_seq, epoch }),
    pause: () => match.pause(),
    trip: (seconds) => match.roundTrip(seconds),
    steer: (tick, ticks) => match.retimed("steer", tick, ticks),
    shift: (tick, ticks) => match.retimed("shift", tick, ticks),
    event: (tick, event, told) =>
      match.happened({ match_id: started.match_id, tick, event, fields: told }),
    hold: (values) => match.hold(Object.fromEntries(names.map((name, i) => [name, values[i]]))),
    snapshot(now, tick, rows) {
      counts.snapshots += 1;
      const sections = rows.map(([section, keyframe, body]) => ({
        number: section,
        keyframe: keyframe === 1,
        body: bytesOf(body),
      }));
      match.receive(tick, sections, now);
    },
  };

  for (const [step, [call, ...args]] of steps.entries()) {
    if (call !== "frame") {
      calls[call](...args);
      continue;
    }
    const [now, there] = args;
    const here = result(now);
    counts.frames += 1;
    counts.inputs += here[0].length;
    const differs = NAMES.findIndex((_, i) => JSON.stringify(here[i]) !== JSON.stringify(there[i]));
    if (differs >= 0) {
      const what = { step, now, what: NAMES[differs], here: here[differs], there: there[differs] };
      const rows = [...match.world.entities.values()].map(entityRow);
      return { ...counts, differs: { ...what, recent: match.corrections.recent.at(-1), rows } };
    }
  }
  return { ...counts, corrections: match.corrections, differs: null };
}
