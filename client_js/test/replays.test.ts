/** Replays: fetched page by page, and nothing is taken that is not the announced file. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ConnectionLostError, fetchReplay, RequestError } from "../src/index.js";
import type { AsksReplays } from "../src/replays.js";
import type { ReplayPage } from "../src/wire/tables.js";

const DATA = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
const DIGEST = createHash("sha256").update(DATA).digest("hex");

function page(offset: number, more: Partial<ReplayPage> = {}): ReplayPage {
  const data = DATA.slice(offset, offset + 300);
  return { file: "1-m1.journal", size: DATA.length, digest: DIGEST, offset, data, ...more };
}

/** A server that answers as the test says. */
function odd(answers: (offset: number) => ReplayPage) {
  const asked: number[] = [];
  const request = (async (_name: string, params: { offset: number }) => {
    asked.push(params.offset);
    return answers(params.offset);
  }) as unknown as AsksReplays["request"];
  return { client: { request } as AsksReplays, asked };
}

test("a replay comes whole, with its progress", async () => {
  const { client, asked } = odd(page);
  const told: [number, number][] = [];
  const data = await fetchReplay(client, "m1", { progress: (...each) => told.push(each) });
  assert.deepEqual(data, DATA);
  assert.deepEqual(asked, [0, 300, 600, 900]);
  assert.deepEqual(told, [
    [300, 1000],
    [600, 1000],
    [900, 1000],
    [1000, 1000],
  ]);
});

const WRONG: Record<string, (offset: number) => ReplayPage> = {
  digest: (at) => page(at, { digest: "0".repeat(64) }),
  long: (at) => page(at, { size: DATA.length + 1 }),
  short: (at) => page(at, { size: 50 }),
  offset: (at) => page(at, { offset: 0 }),
  other: (at) => (at ? page(at, { data: new Uint8Array([1]) }) : page(at)),
};

for (const [name, answers] of Object.entries(WRONG)) {
  test(`what is not the announced file is refused: ${name}`, async () => {
    const { client, asked } = odd(answers);
    await assert.rejects(fetchReplay(client, "m1"), ConnectionLostError);
    assert.equal(asked.filter((at) => at === 0).length, 3);
  });
}

test("a file that becomes another one meanwhile is fetched anew", async () => {
  const first = [page(0, { digest: "old" }), page(300)];
  const { client, asked } = odd((at) => first.shift() ?? page(at));
  assert.deepEqual(await fetchReplay(client, "m1"), DATA);
  assert.deepEqual(asked.slice(0, 3), [0, 300, 0]);
});

test("a larger file than wanted is not fetched", async () => {
  const { client } = odd((at) => page(at, { size: 2 ** 50 }));
  await assert.rejects(fetchReplay(client, "m1"), { code: "too_large" });
});

test("a size that is announced takes no memory", async () => {
  const { client } = odd((at) => page(at, { size: 2 ** 50 }));
  const fetching = fetchReplay(client, "m1", { mostBytes: 2 ** 51 });
  await assert.rejects(fetching, ConnectionLostError);
});

test("a server that asks to wait is asked again, other refusals are told", async () => {
  const refusals = [new RequestError("rate_limited", "wait", { retry_after_s: 0 })];
  const { client, asked } = odd((at) => {
    const refusal = at === 300 ? refusals.shift() : undefined;
    if (refusal) throw refusal;
    return page(at);
  });
  assert.deepEqual(await fetchReplay(client, "m1"), DATA);
  assert.equal(asked.filter((at) => at === 300).length, 2);
  const running = odd(() => {
    throw new RequestError("match.running", "later");
  });
  await assert.rejects(fetchReplay(running.client, "m1"), { code: "match.running" });
});
