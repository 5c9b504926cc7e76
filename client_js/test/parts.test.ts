/** Parts of the client by themselves: clocks, the view, maps, forms, health. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted, mapsFor, mostBots, seatsOn } from "../src/forms.js";
import { stallOf, troubleOf, wordsOf } from "../src/health.js";
import { readMap } from "../src/play/map.js";
import { LeadClock, Percentile, ServerClock } from "../src/play/timesync.js";
import { ViewClock } from "../src/play/view.js";
import type { LobbyConfig, LobbyForm } from "../src/wire/tables.js";
import { MAP } from "./support/map.js";

test("the server's clock follows the least delayed snapshot, and glides", () => {
  const clock = new ServerClock(0.05);
  for (let tick = 0; tick < 40; tick++) {
    clock.arrived(tick, 10 + tick * 0.05 + (tick % 3 === 0 ? 0 : 0.02));
  }
  assert.ok(Math.abs(clock.tickAt(12) - 40) < 0.01);
  const before = clock.tickAt(12);
  clock.arrived(41, 10 + 41 * 0.05 - 0.04);
  assert.ok(clock.tickAt(12) - before < 0.1, "a small error is slewed");
  clock.arrived(80, 10 + 41 * 0.05);
  assert.ok(Math.abs(clock.tickAt(10 + 41 * 0.05) - 80) < 0.01, "a large one is corrected at once");
});

test("the lead grows fast and shrinks slowly", () => {
  const lead = new LeadClock(0.05);
  lead.start(0.1, 0, 0);
  assert.equal(lead.at(0), 3);
  lead.steer(4);
  assert.equal(lead.at(0.2), 5);
  assert.equal(lead.at(1), 7);
  lead.steer(-4);
  assert.ok(Math.abs(lead.at(1.5) - 6) < 1e-9);
});

test("the view's delay grows with jitter, and the picture never goes back", () => {
  const view = new ViewClock(1);
  let drawn = 0;
  for (let tick = 0; tick < 200; tick++) {
    view.arrived(tick % 4 === 0 ? 3 : 0);
    const next = view.drawnAt(tick, tick, 1, Number.NEGATIVE_INFINITY);
    assert.ok(next >= drawn && next <= tick * 16);
    drawn = next;
  }
  assert.ok(Math.abs(view.delay - 4.25) < 0.01);
  const some = new Percentile(0.9, 3);
  assert.equal(some.value, 0);
  for (const sample of [9, 1, 2, 3]) some.add(sample);
  assert.equal(some.value, 3, "the oldest is gone");
});

test("a malformed map is refused", () => {
  for (const [at, value] of [
    [0, 2],
    [3, 7],
    [5, new Uint8Array([255, 0])],
    [5, new Uint8Array([255, 0, 255, 0, 255, 0, 255, 0, 0, 0])],
    [5, "grid"],
    [8, [[1, "spawn"]]],
  ] as [number, unknown][]) {
    const map: unknown[] = [...MAP];
    map[at] = value;
    assert.throws(() => readMap({ map }), `place ${at}`);
  }
  assert.throws(() => readMap({}));
});

test("the form's bounds are those of the server", () => {
  const map = (name: string, modes: string[], lo: number, hi: number) => ({
    name,
    title: name,
    modes,
    min_players: lo,
    max_players: hi,
  });
  const config: LobbyConfig = {
    title: "",
    map: "a",
    size: 4,
    visibility: "public",
    bots: 0,
    bot_level: "easy",
    join_in_progress: true,
    spectators: true,
    options: { mode: "dm" },
  };
  const form = {
    game: "g",
    title: "G",
    mode: "mode",
    options: [{ name: "mode", choices: ["dm", "ctf"] }],
    maps: [map("a", ["dm"], 1, 16), map("b", ["ctf"], 4, 6)],
    bot_levels: ["easy"],
    min_size: 2,
    max_size: 8,
    default: config,
  } as unknown as LobbyForm;
  assert.deepEqual(
    mapsFor(form, { mode: "ctf" }).map(({ name }) => name),
    ["b"],
  );
  assert.equal(mapsFor(form, {}).length, 2);
  assert.deepEqual(
    [seatsOn(form, "a"), seatsOn(form, "b", 5), seatsOn(form, "?")],
    [
      [2, 8],
      [5, 6],
      [2, 8],
    ],
  );
  assert.equal(mostBots(form, 4), 3);
  assert.equal(mostBots({ ...form, bot_levels: [] }, 4), 0);
  const wild = { ...config, options: { mode: "ctf" }, size: 99, bots: 99, bot_level: "?" };
  const sound = fitted(form, wild);
  assert.deepEqual([sound.map, sound.size, sound.bots, sound.bot_level], ["b", 6, 5, "easy"]);
  assert.deepEqual(fitted(form, sound), sound);
});

test("a connection is rated in the words of the page for players", () => {
  assert.deepEqual(
    [stallOf(0.4, 0.03), stallOf(0.5, 0.03), stallOf(2, 0.03)],
    ["none", "brief", "long"],
  );
  assert.equal(stallOf(3, 1), "none", "a game of one snapshot a second");
  assert.deepEqual(
    [troubleOf(0.1, 0), troubleOf(0.1, 0.3), troubleOf(0.6, 0.3), troubleOf(2.1, 0)],
    ["none", "unsteady", "slow", "too-slow"],
  );
  assert.equal(wordsOf("slow", 0.71, 0), "Your connection is slow: 0.7 s to the server and back.");
  assert.equal(wordsOf("none", 0, 0), "");
});
