/** What a predicting client needs to know of a game, beside its schema. */

import type { Value } from "../play/rows.js";
import type { Emitted, PredictedWorld } from "./world.js";

/** A command as the rules get it: its fields by name, and the age of the picture it was aimed at. */
export type HeldCommand = Readonly<Record<string, number>> & {
  /** In 1/16 ticks. */
  readonly view: number;
};

export interface PredictedGame {
  /**
   * Advance what depends on one seat alone by one tick, as the server's rules do, integer for
   * integer. It reads what the seat's player is sent, and changes what `state` holds; it may spawn,
   * despawn and emit.
   */
  predict(state: PredictedWorld, seat: number, command: HeldCommand): void;
  /** Fields by class that a viewer may not have been sent, or never is, with their first values. */
  readonly defaults?: Readonly<Record<string, Readonly<Record<string, Value>>>>;
  /** Classes that can be shot at, so that `PredictedWorld.rewound` has their past. */
  readonly rewindable?: readonly string[];
  /** Classes that are drawn ahead, at the player's own tick, by their last velocity. */
  readonly extrapolated?: readonly string[];
  /** Fields by event in which a predicted event and the server's must agree; by default all. */
  readonly compared?: Readonly<Record<string, readonly string[]>>;
  /** Whether a seat is told of an event on arrival; by default of those whose `seat` it is. */
  shownAtOnce?(event: Emitted, seat: number): boolean;
}
