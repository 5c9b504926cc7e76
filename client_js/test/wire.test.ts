/** Messages as bytes: every example of the protocol, and every one that must be refused. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError, RequestError } from "../src/errors.js";
import * as codec from "../src/wire/codec.js";
import { pack } from "../src/wire/pack.js";
import { readShape, writeShape } from "../src/wire/shape.js";
import { KIND, REQUESTS, SUBPROTOCOL } from "../src/wire/tables.js";
import { decodeClient } from "./support/from_client.js";
import { bytesOf, hexOf, load, unplain } from "./support/vectors.js";

interface Example {
  name: string;
  from: "client" | "server";
  hex: string;
  object: unknown[];
}

interface DeltaExample {
  about: string;
  hex: string;
  ticks: number;
  tick: number | null;
  sections: [number, string][];
}

const VECTORS = load<{ subprotocol: string; messages: Example[]; deltas: DeltaExample[] }>(
  "messages.json",
);
const REFUSED = load<{ refused: { name: string; hex: string }[] }>("refused.json").refused;
const asked = new Map(
  VECTORS.messages
    .filter(({ object }) => object[0] === KIND.request)
    .map(({ object }) => [object[1] as number, object[2] as string]),
);

/** Encode a client's example with the functions that the client uses. */
function encoded(row: unknown[]): Uint8Array {
  const [kind, ...rest] = row as [number, ...unknown[]];
  const numbers = rest as number[];
  switch (kind) {
    case KIND.hello:
      return codec.encodeHello(readShape("Hello", rest[0], "hello") as never);
    case KIND.request:
      return codec.encodeRequest(numbers[0]!, rest[1] as string, rest[2]);
    case KIND.ack:
      return codec.encodeAck(numbers[0]!, numbers[1]!);
    case KIND.input:
      return codec.encodeInput(
        numbers[0]!,
        numbers[1]!,
        numbers[2]!,
        numbers[3]!,
        numbers.slice(4),
      );
    case KIND.seen:
      return codec.encodeSeen(numbers[0]!);
    case KIND.ping:
      return codec.encodePing(numbers[0]!);
    case KIND.pong:
      return codec.encodePong(numbers[0]!, numbers[1]!);
    case KIND.goodbye:
      return codec.encodeGoodbye(readShape("Goodbye", rest[0], "goodbye") as never);
    default:
      throw new Error(`no example of kind ${kind} is known`);
  }
}

test("the subprotocol is that of the vectors", () => {
  assert.equal(SUBPROTOCOL, VECTORS.subprotocol);
});

for (const example of VECTORS.messages.filter(({ from }) => from === "client")) {
  test(`the client's ${example.name} has the bytes of the vectors`, () => {
    const row = unplain(example.object) as unknown[];
    assert.equal(hexOf(encoded(row)), example.hex);
    assert.deepEqual(decodeClient(bytesOf(example.hex))[0]?.row, row);
  });
}

for (const example of VECTORS.messages.filter(({ from }) => from === "server")) {
  test(`the server's ${example.name} is read whole`, () => {
    const [message] = codec.decodeServer(bytesOf(example.hex), (id) => asked.get(id));
    const row = unplain(example.object) as unknown[];
    assert.deepEqual(told(message!, row), row);
  });
}

for (const { about, hex, ticks, tick, sections } of VECTORS.deltas) {
  test(`a delta is read whole: ${about}`, () => {
    const [message] = codec.decodeServer(bytesOf(hex), () => undefined);
    assert.equal(message?.kind, "delta");
    const told = message as Extract<codec.FromServer, { kind: "delta" }>;
    assert.deepEqual([told.ticks, told.tick], [ticks, tick]);
    const found = told.sections.map(({ number, body }) => [number, hexOf(body)]);
    assert.deepEqual(found, sections);
  });
}

for (const hostile of ["00", "0080", "008080808080", "008080808008", "60", "610201000200", "21"]) {
  test(`the hostile delta ${hostile} is refused`, () => {
    assert.throws(() => codec.decodeServer(bytesOf(hostile), () => undefined), ProtocolError);
  });
}

for (const hostile of ["2101", "2101056162", "21000161", "2180800400", "4101000100"]) {
  test(`the delta ${hostile} with a broken change is refused`, () => {
    assert.throws(() => codec.decodeServer(bytesOf(hostile), () => undefined), ProtocolError);
  });
}

/** Return a decoded message as the array that it was, with the fields that were sent. */
function told(message: codec.FromServer, row: unknown[]): unknown[] {
  assert.ok(message.kind !== "delta", "it is no array");
  const kind = KIND[message.kind];
  const as = (shape: string, fields: unknown, after: number | null = null) => {
    const sent = writeShape(shape, fields, "");
    return after === null ? sent : { ...sent, after };
  };
  switch (message.kind) {
    case "snapshot":
      return [
        kind,
        message.tick,
        ...message.sections.flatMap(({ number, keyframe, body }) => [
          2 * number + (keyframe ? 1 : 0),
          body,
        ]),
      ];
    case "steer":
    case "shift":
      return [kind, message.tick, message.ticks];
    case "ping":
      return [kind, message.nonce];
    case "pong":
      return [kind, message.nonce, message.timeMs];
    case "welcome":
      return [kind, as("Welcome", message.welcome)];
    case "goodbye":
      return [kind, as("Goodbye", message.goodbye)];
    case "result":
      return [
        kind,
        message.id,
        as(REQUESTS[asked.get(message.id)!]![1], message.result, message.after),
      ];
    case "refusal": {
      const { id, code, sentence, details, after } = message;
      const more = Object.keys(details).length ? { details } : {};
      return [kind, id, { code, sentence, ...more, ...(after === null ? {} : { after }) }];
    }
    case "event":
    case "notice": {
      const name = message.name!;
      const fields = as(shapeOf(name), message.fields);
      return kind === KIND.event ? [kind, row[1], name, fields] : [kind, name, fields];
    }
  }
}

function shapeOf(name: string): string {
  const shapes: Record<string, string> = {
    "lobby.changed": "LobbyChanged",
    "chat.said": "ChatSaid",
    "match.event": "MatchHappened",
    "server.message": "ServerMessage",
  };
  return shapes[name]!;
}

for (const { name, hex } of REFUSED) {
  test(`refused of a client: ${name}`, () => {
    assert.throws(() => decodeClient(bytesOf(hex)), ProtocolError);
  });
}

const never = () => undefined;

test("what a newer server may add is passed over, but an unknown event counts", () => {
  assert.deepEqual(codec.decodeServer(pack([99, 1, 2]), never), []);
  assert.deepEqual(codec.decodeServer(pack([KIND.notice, "x.new", {}]), never), []);
  assert.deepEqual(codec.decodeServer(pack([KIND.event, 7, "x.new", { a: 1 }]), never), [
    { kind: "event", number: 7, name: null, fields: {} },
  ]);
  const renamed = pack([KIND.event, 8, "session.renamed", { player_name: "Ann", new_key: 1 }]);
  assert.deepEqual(codec.decodeServer(renamed, never), [
    { kind: "event", number: 8, name: "session.renamed", fields: { player_name: "Ann" } },
  ]);
});

test("a server's message that breaks its shape is refused", () => {
  for (const row of [
    [KIND.event, 1, "session.renamed", {}],
    [KIND.event, 1, "session.renamed", { player_name: 5 }],
    [KIND.event, 0.5, "session.renamed", { player_name: "x" }],
    [KIND.welcome, 5],
    [KIND.snapshot, 1, 1],
    [KIND.snapshot, 1, 1, "text"],
    [KIND.ping],
    "text",
    [],
  ]) {
    assert.throws(() => codec.decodeServer(pack(row), never), ProtocolError, JSON.stringify(row));
  }
});

test("fields that were left out have their defaults, each message its own", () => {
  const read = () =>
    readShape("LobbyConfig", { title: "", map: "m", size: 2 }, "") as { options: object };
  assert.deepEqual(read(), {
    title: "",
    map: "m",
    size: 2,
    visibility: "public",
    bots: 0,
    bot_level: "",
    join_in_progress: true,
    spectators: true,
    options: {},
  });
  assert.notEqual(read().options, read().options);
});

test("a request that does not fit is refused before it is sent", () => {
  const cases: [string, unknown][] = [
    ["chat.send", { channel: "lobby" }],
    ["chat.send", { channel: "lobby", text: "half \ud83d" }],
    ["chat.send", { channel: "nowhere", text: "x" }],
    ["chat.send", { channel: "lobby", text: "x", colour: 1 }],
    ["lobby.sit", { seat: Number.NaN }],
    ["lobby.sit", { seat: 2 ** 53 }],
    ["lobby.no_such", {}],
  ];
  for (const [name, params] of cases) {
    assert.throws(() => codec.encodeRequest(1, name, params), ProtocolError, name);
  }
  assert.ok(new RequestError("bad_params", "x") instanceof Error);
});

test("texts of a server are one line without controls", () => {
  const line = pack([KIND.event, 1, "session.renamed", { player_name: "a\u001b[31m\nb\u202e" }]);
  const [event] = codec.decodeServer(line, never);
  assert.deepEqual((event as { fields: unknown }).fields, { player_name: "a[31m b" });
});
