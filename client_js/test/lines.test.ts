/** The links of a session: what they bring before they are used. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Lines } from "../src/lines.js";
import { FakeClock, settled } from "./support/fakes.js";
import { Wire } from "./support/wire.js";

function began() {
  const clock = new FakeClock();
  const heard: number[] = [];
  const lines = new Lines(clock, {
    hello: () => Uint8Array.of(0),
    receive: (_line, message) => heard.push(message[0]!),
    stayed: () => {},
    ended: () => {},
  });
  const broken = new Wire(clock);
  broken.comes(7);
  broken.breaks();
  return { clock, heard, lines, broken };
}

test("what a link has brought before it is used counts, and its end as well", async () => {
  const { heard, lines, broken } = began();
  let sentence = "";
  void lines.over(broken).then((reason) => {
    sentence = reason.sentence;
  });
  await settled();
  assert.deepEqual([heard, sentence, lines.current], [[7], "broken", null]);
});

test("a session does not move to a link that has ended", async () => {
  const { clock, lines, broken } = began();
  const present = new Wire(clock);
  void lines.over(present);
  let moved: boolean | null = null;
  void lines.moveTo(broken, 5).then((worked) => {
    moved = worked;
  });
  await settled();
  assert.deepEqual([moved, lines.next, lines.current?.link], [false, null, present]);
});
