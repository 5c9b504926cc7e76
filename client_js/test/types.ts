/** What an application's compiler must accept and refuse. Compiled with the tests, never run. */

import {
  type Client,
  type ClientNamespace,
  connect,
  type Frame,
  fitted,
  type LobbyState,
  RequestError,
  webStore,
} from "../src/index.js";

export async function application(): Promise<[LobbyState, Frame | null | undefined]> {
  const client: Client = await connect("server", {
    name: "Ann",
    storage: webStore(sessionStorage),
    roads: ["websocket", "sse", "long-polling"],
  });
  client.on("chat.said", ({ line }) => line.text.length);
  client.on("session.presence", ({ connected }) => connected === true);
  client.on("event", (event) => {
    if (event.name === "lobby.changed") event.fields.lobby.revision.toFixed();
  });
  client.on("status", (status) => {
    if (status.state === "reconnecting") status.reason.length;
  });
  const guild: ClientNamespace = client.namespace("/guild");
  guild.on("said", (hall: string, text: string) => hall.length + text.length);
  guild.on("invited", async (by: string) => by === "Bob");
  const halls: unknown = await guild.timeout(5).emitWithAck("enter", { hall: "great" });
  await client.request("lobby.quick_play");
  await client.request("lobby.list", { filter: { text: "x" } }, { timeoutS: 5 });
  const form = await client.request("lobby.form");
  await client.request("lobby.create", { config: fitted(form, form.default) });
  const { lobby } = await client.request("lobby.join", { code: "X" });

  // @ts-expect-error  a needed field is missing
  await client.request("chat.send", { channel: "lobby" });
  // @ts-expect-error  the name alone is not enough
  await client.request("chat.send");
  // @ts-expect-error  there is no such request
  await client.request("lobby.nope");
  // @ts-expect-error  there is no such channel
  await client.request("chat.send", { channel: "nowhere", text: "" });
  // @ts-expect-error  there is no such happening
  client.on("lobby.nope", () => {});
  // @ts-expect-error  results are read, not sent
  const { nothing } = await client.request("server.info");

  try {
    await client.online();
  } catch (error) {
    if (error instanceof RequestError && error.code === "lobby.full")
      console.log(error.details, nothing, halls);
  }
  return [lobby, client.match?.frame(client.now())];
}
