/** A WebSocket as a link. */

import { ConnectionLostError } from "../errors.js";
import { LOST } from "../farewell.js";
import { shown } from "../text.js";
import { SUBPROTOCOL } from "../wire/tables.js";
import { BaseLink } from "./base.js";
import type { OpenLink, WebSocketLike } from "./link.js";

/** Bytes waiting to be sent beyond which a link counts as lost: half a minute of inputs. */
const QUEUED_BYTES = 1 << 20;

const CLOSE_S = 1;

const REASONS: Readonly<Record<number, string>> = {
  1000: "the server closed the connection",
  1001: "the server went away",
  1006: LOST,
  1009: "the server closed the connection: a message was too large",
};

export const openWebSocket: OpenLink = (address, timeoutS, means, signal) =>
  new Promise((resolve, reject) => {
    if (!means.WebSocket) return reject(new ConnectionLostError("there is no WebSocket here"));
    const there = address.there;
    let socket: WebSocketLike;
    try {
      socket = new means.WebSocket(address.websocket, SUBPROTOCOL);
    } catch (error) {
      // A browser refuses ws:// on a page that came over https://.
      return reject(new ConnectionLostError(`cannot reach ${there}: ${words(error)}`));
    }
    socket.binaryType = "arraybuffer";
    const settle = (finish: () => void) => {
      stop();
      signal.removeEventListener("abort", cancel);
      socket.onopen = socket.onerror = socket.onclose = null;
      finish();
    };
    const refuse = (sentence: string) =>
      settle(() => {
        drop(socket);
        reject(new ConnectionLostError(sentence));
      });
    const cancel = () => refuse("the attempt was given up");
    const stop = means.clock.after(timeoutS, () =>
      refuse(`${there} did not answer within ${timeoutS} s`),
    );
    signal.addEventListener("abort", cancel);
    if (signal.aborted) return cancel();
    socket.onopen = () => settle(() => resolve(new WebSocketLink(socket, means.clock)));
    socket.onerror = (event: { message?: string }) =>
      refuse(`no WebSocket to ${there}${event.message ? `: ${shown(event.message, 200)}` : ""}`);
    socket.onclose = () => refuse(`no WebSocket to ${there}`);
  });

class WebSocketLink extends BaseLink {
  readonly road = "websocket";
  private gone: () => void = () => {};

  constructor(
    private readonly socket: WebSocketLike,
    private readonly clock: { after(seconds: number, call: () => void): () => void },
  ) {
    super();
    socket.onmessage = ({ data }: { data: unknown }) => this.arrived(data);
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      const sentence = REASONS[code] ?? `the server closed the connection (${code})`;
      this.end(reason ? `${sentence}: ${shown(reason, 200)}` : sentence);
    };
    socket.onerror = () => {}; // `onclose` follows
  }

  send(message: Uint8Array): void {
    if (this.over) return;
    if (this.socket.bufferedAmount > QUEUED_BYTES) {
      this.abort();
      return;
    }
    this.bytesOut += message.length;
    this.socket.send(message);
  }

  close(): Promise<void> {
    if (this.over) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.clock.after(CLOSE_S, () => this.end(LOST));
      this.gone = () => {
        stop();
        resolve();
      };
      this.socket.close(1000);
    });
  }

  private arrived(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) {
      this.end("the server sent text, which is no message of docs/protocol.md");
      return;
    }
    this.bytesIn += data.byteLength;
    this.receive(new Uint8Array(data));
  }

  protected release(): void {
    drop(this.socket);
    this.gone();
  }
}

/** Close a socket of which nothing more is wanted. */
function drop(socket: WebSocketLike & { terminate?: () => void }): void {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.onerror = () => {}; // `ws` would throw where nobody listens
  if (socket.terminate) socket.terminate();
  else socket.close();
}

function words(error: unknown): string {
  return shown(error instanceof Error ? error.message : String(error), 200);
}
