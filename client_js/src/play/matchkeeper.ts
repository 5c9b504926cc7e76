/** Enters matches, and enters them again after a resume. */

import type { Settle } from "../session.js";
import type { FromServer, RequestName } from "../wire/codec.js";
import type { MatchHappened, MatchStarted, Requests } from "../wire/tables.js";
import type { Match } from "./match.js";

export interface Reach {
  ask<N extends RequestName>(name: N, params: Requests[N]["params"], settle: Settle): number;
  abandon(id: number): void;
  post(message: Uint8Array): void;
  ready(): void;
  roundTrips(): readonly number[];
  now(): number;
}

export class MatchKeeper {
  match: Match | null = null;
  constructor(_play: boolean, _reach: Reach) {}
  started(_event: MatchStarted): void {}
  ended(_matchId: string): void {}
  happened(_event: MatchHappened): void {}
  stepOut(): void {}
  watch(): void {}
  forget(): void {}
  disconnected(): void {}
  resumed(): void {}
  retimed(_change: Extract<FromServer, { kind: "steer" | "shift" }>): void {}
  snapshot(_parts: Extract<FromServer, { kind: "snapshot" }>[], _now: number): void {}
}
