/**
 * Long polling as a link, where nothing else passes; docs/protocol.md, "Long polling".
 *
 * Law: two requests at most are under way. One waits at the server for messages; the other is free
 * for messages of this side, and the server answers it as soon as it has something.
 */

import { ExchangeLink } from "./exchange.js";
import type { OpenLink } from "./link.js";

/** Time for which a request waits at the server; proxies allow at least 30 s. */
const WAIT_MS = 20_000;

export const openPolling: OpenLink = (address, timeoutS, means, signal) =>
  new PollingLink(address, means, WAIT_MS).open(timeoutS, signal);

class PollingLink extends ExchangeLink {
  readonly road = "long-polling";

  protected async first(timeoutS: number): Promise<void> {
    this.take(await this.post(this.next(0), timeoutS));
  }

  /** One waits at the server. */
  protected wantsRequest(): boolean {
    return this.flying === 0;
  }
}
