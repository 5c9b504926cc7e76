/** The same for Node, whose older versions have no WebSocket and no `crypto` of their own. */

import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";
import { surroundings, type WebSocketLike } from "./links/link.js";

/** A WebSocket of the package `ws` that asks for no compression: the server has none. */
class NodeWebSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol, { perMessageDeflate: false });
  }
}

surroundings.WebSocket = NodeWebSocket as unknown as new (
  url: string,
  protocol: string,
) => WebSocketLike;
surroundings.randomBytes = (count) => new Uint8Array(randomBytes(count));

export * from "./index.js";
