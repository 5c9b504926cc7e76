/** What all links do alike: they hand on what came before `start`, and end once. */

import { LOST } from "../farewell.js";
import type { Link, Road } from "./link.js";

export abstract class BaseLink implements Link {
  abstract readonly road: Road;
  bytesIn = 0;
  bytesOut = 0;
  /** Why the link has ended; empty while it has not. */
  protected over = "";
  private readonly early: Uint8Array[] = [];
  protected receive: (message: Uint8Array) => void = (message) => this.early.push(message);
  protected ended: (sentence: string) => void = () => {};

  start(receive: (message: Uint8Array) => void, ended: (sentence: string) => void): void {
    this.receive = receive;
    this.ended = ended;
    for (const message of this.early.splice(0)) receive(message);
    if (this.over) ended(this.over);
  }

  abstract send(message: Uint8Array): void;

  abstract close(): Promise<void>;

  abort(): void {
    this.end(LOST);
  }

  protected end(sentence: string): void {
    if (this.over) return;
    this.over = sentence;
    this.release();
    this.ended(sentence);
  }

  /** Let go of what carries the link. */
  protected abstract release(): void;
}
