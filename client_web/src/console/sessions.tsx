/** The table of sessions, and what can be done to one. */

import { ActButton, SanctionButton } from "./acts.js";
import { get, type SessionLine } from "./api.js";
import { Drawer, Fact } from "./drawer.js";
import { useLoaded, useShared } from "./state.js";
import { SearchTable } from "./table.js";

export function Sessions(props: { open: (id: string) => void }) {
  return (
    <SearchTable<SessionLine, import("./api.js").Page & { sessions: SessionLine[] }>
      label="Sessions"
      path="/sessions"
      rows={(page) => page.sessions}
      id={(row) => row.player_id}
      open={(row) => props.open(row.player_id)}
      empty="Nobody is here."
      columns={[
        {
          name: "Name",
          cell: (row) => (
            <button type="button" class="link" onClick={() => props.open(row.player_id)}>
              <bdi>{row.name}</bdi>
            </button>
          ),
        },
        { name: "State", cell: (row) => <State row={row} /> },
        { name: "Lobby", cell: (row) => <bdi>{row.lobby_title}</bdi> },
        { name: "Address", cell: (row) => row.address || "loopback", kind: "code" },
        { name: "By", cell: (row) => row.transport, kind: "minor" },
        { name: "ms", cell: (row) => row.round_trip_ms ?? "", kind: "num minor" },
        { name: "Id", cell: (row) => row.player_id, kind: "code minor" },
      ]}
    />
  );
}

function State({ row }: { row: SessionLine }) {
  return (
    <>
      {row.banned && <span class="tag bad">banned</span>}
      {row.muted && <span class="tag warn">muted</span>}
      {row.playing && <span class="tag good">playing</span>}
      {!row.connected && <span class="tag">away</span>}
    </>
  );
}

/** The buttons of what can be done to a player. */
export function PlayerActs(props: { id: string; name: string; address: string }) {
  const { id, name, address } = props;
  const path = `/sessions/${encodeURIComponent(id)}`;
  return (
    <div class="buttons">
      <SanctionButton kind="mute" player={id} name={name} address={address} />
      <ActButton act={{ title: "Rename", about: name, kind: "name", path: `${path}/rename` }} />
      <ActButton
        act={{ title: "Kick", about: name, kind: "reason", path: `${path}/kick`, danger: true }}
      />
      <SanctionButton kind="ban" player={id} name={name} address={address} />
    </div>
  );
}

export function SessionDrawer(props: {
  id: string;
  close: () => void;
  lobby: (id: string) => void;
}) {
  const { acts } = useShared();
  const path = `/sessions/${encodeURIComponent(props.id)}`;
  const { value: row, fault, gone } = useLoaded(() => get<SessionLine>(path), path, 2000, acts);
  return (
    <Drawer
      title={row?.name ?? "Session"}
      close={props.close}
      fault={fault}
      gone={gone ? "This session is over." : ""}
    >
      {row && (
        <>
          <p>
            <State row={row} />
          </p>
          <dl>
            <Fact name="Id">{row.player_id}</Fact>
            <Fact name="Address">{row.address || "loopback"}</Fact>
            <Fact name="Connected by">{row.transport || "–"}</Fact>
            <Fact name="Round trip">
              {row.round_trip_ms === null ? "–" : `${row.round_trip_ms} ms`}
            </Fact>
            <Fact name="Lobby">
              {row.lobby_id ? (
                <button type="button" class="link" onClick={() => props.lobby(row.lobby_id)}>
                  <bdi>{row.lobby_title}</bdi>
                </button>
              ) : (
                "–"
              )}
            </Fact>
          </dl>
          {!fault && <PlayerActs id={row.player_id} name={row.name} address={row.address} />}
        </>
      )}
    </Drawer>
  );
}
