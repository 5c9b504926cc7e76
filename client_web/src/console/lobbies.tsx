/** The table of lobbies, and one lobby with its members and chat. */

import { ActButton } from "./acts.js";
import { type ChatLine, get, type LobbyInside, type LobbyLine, type Page } from "./api.js";
import { Chat, Drawer, Fact } from "./drawer.js";
import { useLoaded, useShared } from "./state.js";
import { SearchTable } from "./table.js";

export function Lobbies(props: { open: (id: string) => void; chat: () => void }) {
  return (
    <SearchTable<LobbyLine, Page & { lobbies: LobbyLine[] }>
      label="Lobbies"
      path="/lobbies"
      rows={(page) => page.lobbies}
      id={(row) => row.summary.lobby_id}
      open={(row) => props.open(row.summary.lobby_id)}
      empty="No lobby is open."
      columns={[
        {
          name: "Title",
          cell: (row) => (
            <button type="button" class="link" onClick={() => props.open(row.summary.lobby_id)}>
              <bdi>{row.summary.title}</bdi>
            </button>
          ),
        },
        { name: "Phase", cell: (row) => row.summary.phase.replace("_", " ") },
        {
          name: "People",
          cell: (row) => `${row.summary.players}/${row.summary.size}`,
          kind: "num",
        },
        { name: "Host", cell: (row) => <bdi>{row.summary.host_name}</bdi> },
        { name: "Map", cell: (row) => row.summary.map, kind: "minor" },
        { name: "For", cell: (row) => row.visibility, kind: "minor" },
        { name: "Id", cell: (row) => row.summary.lobby_id, kind: "code minor" },
      ]}
    >
      {() => (
        <span class="right">
          <button type="button" onClick={props.chat}>
            Global chat
          </button>
        </span>
      )}
    </SearchTable>
  );
}

/** The channel of all players. */
export function GlobalChat(props: { close: () => void }) {
  const { value, fault } = useLoaded(() => get<{ lines: ChatLine[] }>("/chat"), "/chat", 1500);
  return (
    <Drawer title="Global chat" close={props.close} fault={fault}>
      {value && <Chat lines={value.lines} />}
    </Drawer>
  );
}

export function LobbyDrawer(props: {
  id: string;
  close: () => void;
  session: (id: string) => void;
  match: (id: string) => void;
}) {
  const { acts } = useShared();
  const path = `/lobbies/${encodeURIComponent(props.id)}`;
  const { value: inside, fault, gone } = useLoaded(() => get<LobbyInside>(path), path, 1500, acts);
  const summary = inside?.lobby.summary;
  return (
    <Drawer
      title={summary?.title ?? "Lobby"}
      close={props.close}
      fault={fault}
      gone={gone ? "This lobby is closed." : ""}
    >
      {inside && summary && (
        <>
          <dl>
            <Fact name="Id">{summary.lobby_id}</Fact>
            <Fact name="Phase">{summary.phase.replace("_", " ")}</Fact>
            <Fact name="Map">
              {summary.map} {summary.mode}
            </Fact>
            <Fact name="Open to">{inside.lobby.visibility}</Fact>
            {inside.lobby.match_id && (
              <Fact name="Match">
                <button
                  type="button"
                  class="link"
                  onClick={() => props.match(inside.lobby.match_id)}
                >
                  watch
                </button>
              </Fact>
            )}
          </dl>
          <h3>Members</h3>
          <ul class="members">
            {inside.members.map((member) => (
              <li key={member.player_id || `bot ${member.seat}`}>
                {member.bot ? (
                  <span>
                    <bdi>{member.name}</bdi> <span class="tag">bot</span>
                  </span>
                ) : (
                  <button
                    type="button"
                    class="link"
                    onClick={() => props.session(member.player_id)}
                  >
                    <bdi>{member.name}</bdi>
                  </button>
                )}
                <small>
                  {member.seat >= 0 ? `seat ${member.seat}` : "watches"}
                  {!member.connected && " · away"}
                </small>
              </li>
            ))}
          </ul>
          <h3>Chat</h3>
          <Chat lines={inside.chat} />
          {!fault && (
            <div class="buttons">
              <ActButton
                act={{
                  title: "Close the lobby",
                  about: summary.title,
                  kind: "reason",
                  path: `${path}/close`,
                  danger: true,
                }}
              />
            </div>
          )}
        </>
      )}
    </Drawer>
  );
}
