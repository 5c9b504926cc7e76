// Plays all sessions of a file in the built client, and prints a line for each.
import { readFileSync } from "node:fs";
import { arena } from "../../client_js/dist/arena/index.js";
import { crc32 } from "../../client_js/dist/play/crc.js";
import { readMap } from "../../client_js/dist/play/map.js";
import { Match } from "../../client_js/dist/play/match.js";
import { unpack } from "../../client_js/dist/wire/pack.js";
import { played } from "./session.mjs";

const file = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const sdk = { Match, readMap, arena, crc32, unpack };
for (const session of file.sessions) {
  process.stdout.write(`${JSON.stringify(played(file, session, sdk))}\n`);
}
