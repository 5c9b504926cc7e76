/**
 * The place of prediction: own entities ahead of the server.
 *
 * Without a predictor own entities are drawn between two snapshots as all others are, so an input
 * shows after a round trip and the view delay. A predictor runs a game's own rules on the client:
 * `Match` gives it each command before that is sent, and each snapshot, to compare and to replay
 * the later commands on; docs/protocol.md, section 5, step 7.
 */

import type { Command } from "./match.js";
import type { Entity, World } from "./reader.js";

export interface Predictor {
  /** A snapshot has come: reset to it where it differs, and replay the later commands. */
  reconcile(world: World): void;
  /** Step the own part of the world by one tick with this command. */
  predict(tick: number, command: Command): void;
  /**
   * The match was entered, again perhaps: forget the commands given so far. The next snapshot may
   * be of an earlier tick than the last one, since a server that crashed goes on behind that.
   */
  restart?(): void;
  /** Where to draw an own entity at the client's own tick; null to draw it as the others. */
  place(entity: Entity, tick: number): { x: number; y: number; angle: number } | null;
}
