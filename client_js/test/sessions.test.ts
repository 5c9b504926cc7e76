/** Sessions that the Python client has recorded: this side sends, predicts, tells and draws the same. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { arena } from "../src/index.js";
import { crc32 } from "../src/play/crc.js";
import { readMap } from "../src/play/map.js";
import { Match } from "../src/play/match.js";
import { unpack } from "../src/wire/pack.js";
import { load } from "./support/vectors.js";

interface Sessions {
  sessions: { about: string; steps: unknown[][] }[];
}

interface Made {
  frames: number;
  inputs: number;
  desyncs: number;
  events: Record<string, number>;
  differs: unknown;
}

const FILE = load<Sessions>("prediction.json");
const PLAYER = new URL("../../../tests/client_js/session.mjs", import.meta.url);
const { played } = (await import(PLAYER.href)) as {
  played: (file: Sessions, session: unknown, sdk: object) => Made;
};

for (const session of FILE.sessions) {
  test(`as in the Python client: ${session.about}`, () => {
    const made = played(FILE, session, { Match, readMap, arena, crc32, unpack });
    assert.equal(made.differs, null);
    assert.equal(made.frames, session.steps.filter(([call]) => call === "frame").length);
    assert.ok(made.frames > 300 && made.inputs > 150);
    assert.equal(made.desyncs, 0);
    assert.ok((made.events.confirmed ?? 0) >= 3, JSON.stringify(made.events));
  });
}
