/** Bans and mutes, reports of players, and what operators did. */

import { ActButton, SanctionButton } from "./acts.js";
import { type Entry, get, type Page, type Report, type ReportLine, type Sanction } from "./api.js";
import { Chat, Drawer, Fact } from "./drawer.js";
import { PlayerActs } from "./sessions.js";
import { shared, useLoaded, useShared } from "./state.js";
import { SearchTable } from "./table.js";
import { duration, when } from "./words.js";

export function Bans() {
  return (
    <SearchTable<Sanction, Page & { sanctions: Sanction[] }>
      label="Bans"
      path="/sanctions"
      rows={(page) => page.sanctions}
      id={(row) => String(row.number)}
      empty="Nobody is banned or muted."
      columns={[
        {
          name: "What",
          cell: (row) => (
            <span class={`tag ${row.kind === "ban" ? "bad" : "warn"}`}>{row.kind}</span>
          ),
        },
        { name: "Whom", cell: (row) => <bdi>{row.shown}</bdi> },
        { name: "By", cell: (row) => row.known_by },
        { name: "Left", cell: (row) => duration((row.until_ms - Date.now()) / 1000), kind: "num" },
        { name: "Reason", cell: (row) => <bdi>{row.reason}</bdi> },
        { name: "Operator", cell: (row) => <bdi>{row.imposed_by}</bdi>, kind: "minor" },
        { name: "Since", cell: (row) => when(row.at_ms), kind: "minor" },
        {
          name: "",
          cell: (row) => (
            <ActButton
              look="small"
              act={{
                title: "Lift",
                about: row.shown,
                kind: "reason",
                path: `/sanctions/${row.number}/lift`,
              }}
            />
          ),
        },
      ]}
    >
      {() => (
        <span class="right">
          <SanctionButton kind="mute" />
          <SanctionButton kind="ban" />
        </span>
      )}
    </SearchTable>
  );
}

export function Reports(props: { open: (number: number) => void }) {
  return (
    <SearchTable<ReportLine, Page & { reports: ReportLine[]; open: number }>
      label="Reports"
      path="/reports"
      rows={(page) => page.reports}
      id={(row) => String(row.number)}
      open={(row) => props.open(row.number)}
      empty="No player has reported anybody."
      columns={[
        {
          name: "Whom",
          cell: (row) => (
            <button type="button" class="link" onClick={() => props.open(row.number)}>
              <bdi>{row.accused_name}</bdi>
            </button>
          ),
        },
        { name: "What", cell: (row) => <bdi>{row.text || "–"}</bdi> },
        { name: "Reported by", cell: (row) => <bdi>{row.reporter_name}</bdi> },
        { name: "At", cell: (row) => when(row.at_ms), kind: "minor" },
        { name: "Lobby", cell: (row) => <bdi>{row.lobby_title}</bdi>, kind: "minor" },
        {
          name: "State",
          cell: (row) =>
            row.settled_by ? <span class="tag">settled</span> : <span class="tag warn">open</span>,
        },
      ]}
    />
  );
}

export function ReportDrawer(props: { number: number; close: () => void }) {
  const { acts } = useShared();
  const path = `/reports/${props.number}`;
  const { value, fault, gone } = useLoaded(() => get<Report>(path), path, 10_000, acts);
  return (
    <Drawer
      title={value ? `Report on ${value.accused_name}` : "Report"}
      close={props.close}
      fault={fault}
      gone={gone ? "This report is not kept any more." : ""}
    >
      {value && <ReportInside report={value} close={props.close} />}
    </Drawer>
  );
}

function ReportInside(props: { report: Report; close: () => void }) {
  const { report } = props;
  return (
    <>
      <blockquote>
        <bdi>{report.text || "(no words)"}</bdi>
      </blockquote>
      <dl>
        <Fact name="Reported by">
          <bdi>{report.reporter_name}</bdi>
        </Fact>
        <Fact name="At">{when(report.at_ms)}</Fact>
        <Fact name="Lobby">
          <bdi>{report.lobby_title || "–"}</bdi>
        </Fact>
        <Fact name="Address">{report.accused_address || "loopback"}</Fact>
        {report.settled_by && (
          <Fact name="Settled by">
            <bdi>{report.settled_by}</bdi>
          </Fact>
        )}
      </dl>
      <h3>Chat around it</h3>
      <Chat lines={report.lines} marked={report.accused} />
      <PlayerActs id={report.accused} name={report.accused_name} address={report.accused_address} />
      {!report.settled_by && (
        <div class="buttons">
          <button
            type="button"
            class="primary"
            onClick={() => {
              props.close();
              shared.ask({
                title: "Settle the report",
                about: report.accused_name,
                kind: "reason",
                path: `/reports/${report.number}/settle`,
              });
            }}
          >
            Settle the report…
          </button>
        </div>
      )}
    </>
  );
}

export function Audit() {
  return (
    <SearchTable<Entry, Page & { entries: Entry[] }>
      label="Audit"
      path="/audit"
      rows={(page) => page.entries}
      id={(row) => String(row.number)}
      empty="No operator has done anything."
      columns={[
        { name: "At", cell: (row) => when(row.at_ms) },
        { name: "Operator", cell: (row) => <bdi>{row.by}</bdi> },
        { name: "Act", cell: (row) => <b>{row.act}</b> },
        {
          name: "Whom",
          cell: (row) =>
            row.target_name ? <bdi>{row.target_name}</bdi> : <bdi class="id">{row.target}</bdi>,
        },
        { name: "Details", cell: (row) => <bdi>{row.details}</bdi>, kind: "minor" },
        { name: "Reason", cell: (row) => <bdi>{row.reason}</bdi> },
        { name: "Sessions", cell: (row) => row.affected, kind: "num minor" },
      ]}
    />
  );
}
