/** The command that is held: levels until they change, a press until it was sent once. */

import type { HeldCommand } from "../predict/game.js";
import { isInteger } from "../wire/shape.js";
import type { CommandField } from "./schema.js";
import { clamp } from "./timesync.js";

/** What is held, by the names of the schema's command; what is left out is 0 or its lowest. */
export type Command = Readonly<Record<string, number | boolean>>;

export class Held {
  private values: Readonly<Record<string, number>>;
  private readonly released: Readonly<Record<string, number>>;

  constructor(private readonly fields: readonly CommandField[]) {
    this.values = Object.fromEntries(fields.map((field) => [field.name, neutral(field)]));
    const edges = fields.filter(({ edge }) => edge);
    this.released = Object.fromEntries(edges.map(({ name }) => [name, 0]));
  }

  /** Throws `RangeError` for a field or value that the schema does not have. */
  hold(command: Command): void {
    for (const name of Object.keys(command)) {
      if (!Object.hasOwn(this.values, name)) {
        throw new RangeError(`the game's command has no field ${name}`);
      }
    }
    const values: Record<string, number> = {};
    for (const field of this.fields) {
      const value = Number(command[field.name] ?? neutral(field));
      if (!isInteger(value) || value < field.lo || value > field.hi) {
        throw new RangeError(`${field.name} is a whole number from ${field.lo} to ${field.hi}`);
      }
      values[field.name] = (field.edge && this.values[field.name]) || value;
    }
    this.values = values;
  }

  /** What is held now, aimed at a picture of this age in 1/16 ticks. */
  at(view: number): HeldCommand {
    return { ...this.values, view };
  }

  /** Return what is held, for the next tick's input: a press is over with it. */
  take(view: number): HeldCommand {
    const command = this.at(view);
    this.values = { ...this.values, ...this.released };
    return command;
  }

  /** The values of a command as they travel. */
  row(command: HeldCommand): number[] {
    return this.fields.map(({ name }) => command[name]!);
  }

  /** The command of a tick for which nothing is known. */
  get neutral(): HeldCommand {
    return new Held(this.fields).at(0);
  }

  /** A command as it counts in a later tick without an input. */
  repeated(command: HeldCommand): HeldCommand {
    return { ...command, ...this.released };
  }
}

function neutral({ lo, hi }: CommandField): number {
  return clamp(0, lo, hi);
}
