/** The table of matches, and one match as it goes: its picture from above and its standings. */

import { useEffect, useRef } from "preact/hooks";
import { get, type MatchInside, type MatchPicture, type MatchRow, type Page } from "./api.js";
import { COLOURS } from "./chart.js";
import { Drawer, Fact } from "./drawer.js";
import { useLoaded } from "./state.js";
import { SearchTable } from "./table.js";
import { clock } from "./words.js";

const PICTURES_MS = 250;

export function Matches(props: { open: (id: string) => void }) {
  return (
    <SearchTable<MatchRow, Page & { matches: MatchRow[] }>
      label="Matches"
      path="/matches"
      rows={(page) => page.matches}
      id={(row) => row.match_id}
      open={(row) => props.open(row.match_id)}
      empty="No match is running."
      columns={[
        {
          name: "Lobby",
          cell: (row) => (
            <button type="button" class="link" onClick={() => props.open(row.match_id)}>
              <bdi>{row.title}</bdi>
            </button>
          ),
        },
        { name: "For", cell: (row) => clock(row.elapsed_s), kind: "num" },
        { name: "People", cell: (row) => row.players, kind: "num" },
        { name: "Bots", cell: (row) => row.bots, kind: "num minor" },
        { name: "Viewers", cell: (row) => row.viewers, kind: "num minor" },
        { name: "Map", cell: (row) => row.map, kind: "minor" },
        { name: "Tick ms", cell: (row) => row.tick_ms.toFixed(2), kind: "num" },
        { name: "Latest ms", cell: (row) => row.latest_ms.toFixed(0), kind: "num minor" },
        { name: "Id", cell: (row) => row.match_id, kind: "code minor" },
      ]}
    />
  );
}

export function MatchDrawer(props: { id: string; close: () => void; lobby: (id: string) => void }) {
  const path = `/matches/${encodeURIComponent(props.id)}`;
  const { value: inside, fault, gone } = useLoaded(() => get<MatchInside>(path), path, 1000);
  return (
    <Drawer
      title={inside?.match.title ?? "Match"}
      close={props.close}
      fault={fault}
      gone={gone ? "This match is over." : ""}
    >
      {inside && (
        <>
          {!fault && <FromAbove path={path} inside={inside} />}
          <dl>
            <Fact name="Id">{inside.match.match_id}</Fact>
            <Fact name="Lobby">
              <button type="button" class="link" onClick={() => props.lobby(inside.match.lobby_id)}>
                <bdi>{inside.match.title}</bdi>
              </button>
            </Fact>
            <Fact name="Map">
              {inside.match.map} {inside.match.mode}
            </Fact>
            <Fact name="Runs for">{clock(inside.match.elapsed_s)}</Fact>
            {inside.time_left_s !== null && <Fact name="Left">{clock(inside.time_left_s)}</Fact>}
            <Fact name="Tick">{`${inside.match.tick_ms.toFixed(2)} ms`}</Fact>
          </dl>
          <h3>Standings</h3>
          <ol class="standings">
            {inside.scores.lines.map((line) => (
              <li key={line.seat}>
                <span class={`dot c${line.seat % COLOURS.length}`} />
                <bdi>{line.name}</bdi>
                {line.bot && <span class="tag">bot</span>}
                <b>{line.score}</b>
              </li>
            ))}
          </ol>
        </>
      )}
    </Drawer>
  );
}

/** Every entity as a dot on the map's walls; those of a seat in its colour. */
function FromAbove({ path, inside }: { path: string; inside: MatchInside }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { value: seen } = useLoaded(() => get<MatchPicture>(`${path}/view`), path, PICTURES_MS);
  useEffect(() => {
    if (seen && canvas.current) draw(canvas.current, seen);
  }, [seen]);
  const names = inside.scores.lines.length;
  return (
    <canvas
      ref={canvas}
      class="above"
      width={640}
      height={400}
      role="img"
      aria-label={`The match from above, with ${names} players`}
      data-tick={seen?.tick ?? 0}
    />
  );
}

function draw(canvas: HTMLCanvasElement, seen: MatchPicture): void {
  const context = canvas.getContext("2d")!;
  const [width, height] = seen.area;
  canvas.height = Math.round((canvas.width * height) / Math.max(1, width)) || 400;
  const scale = canvas.width / Math.max(1, width);
  context.fillStyle = "#10161f";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const solid = atob(seen.solid.replaceAll("-", "+").replaceAll("_", "/"));
  const tile = canvas.width / Math.max(1, seen.width);
  context.fillStyle = "#334054";
  for (let at = 0; at < solid.length; at++) {
    if (!solid.charCodeAt(at)) continue;
    const [x, y] = [at % seen.width, Math.floor(at / seen.width)];
    context.fillRect(Math.floor(x * tile), Math.floor(y * tile), Math.ceil(tile), Math.ceil(tile));
  }
  for (const entity of seen.entities) {
    if (entity.x === undefined || entity.y === undefined) continue;
    const owned = entity.owner >= 0;
    context.fillStyle = owned ? COLOURS[entity.owner % COLOURS.length]! : "#cbd5e0";
    context.beginPath();
    context.arc(entity.x * scale, entity.y * scale, owned ? 6 : 2.5, 0, 2 * Math.PI);
    context.fill();
  }
}
