/** The match that a player is in. */

import type { MatchStarted } from "../wire/tables.js";

export class Match {
  live = false;
  constructor(readonly started: MatchStarted) {}
  acknowledge(_now: number): void {}
  roundTrip(_seconds: number): void {}
}
