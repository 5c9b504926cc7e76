/** A link over the server's side of `/poll`, and what it brings. */

import { Address } from "../../src/address.js";
import { type Means, type OpenLink, surroundings } from "../../src/links/link.js";
import { openPolling } from "../../src/links/polling.js";
import { openSse } from "../../src/links/sse.js";
import { FakePoll } from "./fake_poll.js";
import { FakeClock } from "./fakes.js";

export const ADDRESS = Address.parse("server.test");
const text = (message: Uint8Array) => new TextDecoder().decode(message);
export const bytes = (message: string) => new TextEncoder().encode(message);

export const polling = () => linked(openPolling, "none");
export const following = () => linked(openSse, "pass");

async function linked(open: OpenLink, streams: FakePoll["streams"]) {
  const clock = new FakeClock();
  const server = new FakePoll(clock);
  server.streams = streams;
  const random = (count: number) => new Uint8Array(count).fill(9);
  const means: Means = { ...surroundings, clock, fetch: server.fetch, randomBytes: random };
  const opening = open(ADDRESS, 5, means, new AbortController().signal);
  await clock.pass(0.1);
  const link = await opening;
  const heard: string[] = [];
  const ended: string[] = [];
  link.start(
    (message) => heard.push(text(message)),
    (why) => ended.push(why),
  );
  return { clock, server, link, heard, ended };
}
