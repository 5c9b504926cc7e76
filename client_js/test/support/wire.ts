/** A link of which a test is the other end. */

import { BaseLink } from "../../src/links/base.js";
import type { FakeClock } from "./fakes.js";

export class Wire extends BaseLink {
  readonly road = "websocket";
  readonly sent: { at: number; message: number }[] = [];

  constructor(private readonly clock: FakeClock) {
    super();
  }

  send(message: Uint8Array): void {
    this.sent.push({ at: this.clock.now(), message: message[0]! });
  }

  /** A message of the server comes. */
  comes(message: number): void {
    this.receive(Uint8Array.of(message));
  }

  breaks(): void {
    this.end("broken");
  }

  close(): Promise<void> {
    this.end("closed");
    return Promise.resolve();
  }

  protected release(): void {}
}
