/** The same for Node, whose older versions have no WebSocket of their own. */

import { WebSocket } from "ws";
import { type Client, type ClientSettings, connect as connectAnywhere } from "./client.js";
import type { WebSocketLike } from "./links/link.js";

/** A WebSocket of the package `ws` that asks for no compression: the server has none. */
class NodeWebSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol, { perMessageDeflate: false });
  }
}

export * from "./index.js";

/** See `connect` of `client.ts`. */
export function connect(address: string, settings: ClientSettings = {}): Promise<Client> {
  const own = NodeWebSocket as unknown as new (url: string, protocol: string) => WebSocketLike;
  return connectAnywhere(address, { WebSocket: own, ...settings });
}
