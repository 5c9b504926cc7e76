/** A server that is reached over a WebSocket and over long polling. */

import { pack, unpackObjects } from "../../src/wire/pack.js";
import { KIND } from "../../src/wire/tables.js";
import { FakePoll } from "./fake_poll.js";
import { FakeClock, FakeServer, WELCOME } from "./fakes.js";

/** A server on both roads; what is said over long polling is answered as over the WebSocket. */
export function onBothRoads() {
  const clock = new FakeClock();
  const server = new FakeServer();
  const poll = new FakePoll(clock);
  const rows: unknown[][] = [];
  const fetching = (async (url: string, init: RequestInit) => {
    const body = unpackObjects(init.body as Uint8Array, { items: 64, depth: 8 })[0]!.row;
    for (const message of (body as unknown[])[4] as Uint8Array[]) {
      const row = unpackObjects(message, { items: 64, depth: 8 })[0]!.row as unknown[];
      rows.push(row);
      if (row[0] === KIND.hello) sayPolling([KIND.welcome, WELCOME]);
    }
    return poll.fetch(url, init);
  }) as typeof fetch;
  const sayPolling = (row: unknown) => {
    poll.sayBytes(pack(row));
  };
  const settings = {
    name: "Ann",
    clock,
    WebSocket: server.WebSocket,
    fetch: fetching,
    signOut: false,
  };
  return { clock, server, poll, rows, settings, sayPolling };
}
