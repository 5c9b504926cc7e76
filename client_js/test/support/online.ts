/** A client that is online with a server in the process, and messages of such a server. */

import { type Client, type ClientSettings, connect, type Status } from "../../src/index.js";
import { KIND } from "../../src/wire/tables.js";
import { FakeClock, FakeServer } from "./fakes.js";

export interface Setting {
  clock: FakeClock;
  server: FakeServer;
  client: Client;
  statuses: Status[];
  /** Close the client, which waits a second for a server that does not answer. */
  leave(): Promise<void>;
}

export function settings(clock: FakeClock, server: FakeServer): ClientSettings {
  const { WebSocket } = server;
  return { name: "Ann", clock, WebSocket, roads: ["websocket"] };
}

export async function online(more: ClientSettings = {}): Promise<Setting> {
  const [clock, server] = [new FakeClock(), new FakeServer()];
  const client = await connect("server.test", { ...settings(clock, server), ...more });
  const statuses: Status[] = [];
  client.on("status", (status) => statuses.push(status));
  const leave = async () => {
    const closing = client.close();
    await clock.pass(3);
    await closing;
  };
  return { clock, server, client, statuses, leave };
}

export const LOBBY = {
  lobby_id: "l-1",
  revision: 1,
  phase: "open",
  host: "p-ann",
  config: { title: "Ann's", map: "m", size: 2 },
  invite_code: "ABC",
  locked: false,
  teams: 0,
  members: [{ player_id: "p-ann", name: "Ann", seat: 0 }],
};
export const changed = (number: number, revision: number) => [
  KIND.event,
  number,
  "lobby.changed",
  { lobby: { ...LOBBY, revision } },
];
export const said = (number: number, text: string) => [
  KIND.event,
  number,
  "chat.said",
  {
    line: {
      message_id: number,
      channel: "global",
      sender: "p-bob",
      sender_name: "Bob",
      text,
      at_ms: 0,
    },
  },
];
