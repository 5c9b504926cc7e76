/** The figures of this moment, and charts of the last ten minutes. */

import { useMemo, useState } from "preact/hooks";
import type { GameSample, Sample } from "./api.js";
import { Chart, type Line } from "./chart.js";
import { useSamples } from "./history.js";
import { useShared } from "./state.js";
import { bytes, count, ms, STRAIN } from "./words.js";

export function Overview() {
  const { samples, fault } = useSamples();
  const { lost } = useShared();
  const [game, setGame] = useState("");
  const games = useMemo(
    () => [...new Set(samples.flatMap((s) => Object.keys(s.games)))],
    [samples],
  );
  const chosen = games.includes(game) ? game : (games[0] ?? "");
  const now = samples[samples.length - 1];
  const before = samples[samples.length - 2];
  return (
    <section aria-label="Overview">
      {fault && <p class="fault">{fault}</p>}
      {now && <Tiles now={now} before={before} game={chosen} />}
      {games.length > 1 && (
        <label class="pick">
          Game{" "}
          <select value={chosen} onChange={(event) => setGame(event.currentTarget.value)}>
            {games.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      )}
      {samples.length > 1 ? (
        <Charts samples={samples} game={chosen} />
      ) : (
        !fault && !lost && <p class="hint">The first figures come in a moment.</p>
      )}
    </section>
  );
}

function Tiles(props: { now: Sample; before: Sample | undefined; game: string }) {
  const { now, before } = props;
  const game = now.games[props.game];
  const earlier = before?.games[props.game];
  const seconds = before ? Math.max(0.001, (now.at_ms - before.at_ms) / 1000) : 1;
  const per = (field: keyof GameSample) =>
    game && earlier ? ((game[field] as number) - (earlier[field] as number)) / seconds : 0;
  const tiles: [name: string, value: string, state?: string][] = [
    ["Players", count(now.players)],
    ["Sessions", count(now.sessions)],
    ["Lobbies", count(now.lobbies)],
    ["Matches", count(now.matches)],
    ["Viewers", count(game?.viewers ?? 0)],
    ["Congested", count(game?.congested ?? 0), game?.congested ? "warn" : ""],
    ["Tick p99", game ? ms(game.duration[1]) : "–", rated(game?.duration[1], game?.tick_ms)],
    ["Late p99", game ? ms(game.lateness[1]) : "–", rated(game?.lateness[1], game?.tick_ms)],
    ["Late inputs", `${per("late_inputs").toFixed(1)}/s`],
    ["Sent", `${bytes(per("snapshot_bytes"))}/s`],
    ["Processor", `${(now.cpu_share * 100).toFixed(0)} %`, rated(now.cpu_share, 1)],
    ["Memory", bytes(now.memory_bytes)],
    ["Overload", STRAIN[now.strain] ?? String(now.strain), now.strain ? "words bad" : "words good"],
  ];
  return (
    <ul class="tiles">
      {tiles.map(([name, value, state]) => (
        <li key={name}>
          <small>{name}</small>
          <b class={state ?? ""} data-figure={name}>
            {state?.startsWith("words") ? value : <Figure of={value} />}
          </b>
        </li>
      ))}
    </ul>
  );
}

/** A figure with its unit, if it has one, in a smaller type: so both have room in a tile. */
function Figure({ of }: { of: string }) {
  const [figure, unit] = of.split(" ");
  if (!unit) return <>{figure}</>;
  return (
    <>
      {figure} <span class="unit">{unit}</span>
    </>
  );
}

function rated(value: number | undefined, most: number | undefined): string {
  if (value === undefined || !most) return "";
  return value < most / 2 ? "" : value < most ? "warn" : "bad";
}

function Charts({ samples, game }: { samples: Sample[]; game: string }) {
  const times = useMemo(() => samples.map((sample) => sample.at_ms / 1000), [samples]);
  const of = (name: string, value: (sample: Sample) => number | null): Line => ({
    name,
    values: samples.map(value),
  });
  const ofGame = (name: string, value: (game: GameSample) => number): Line =>
    of(name, (sample) => (sample.games[game] ? value(sample.games[game]!) : null));
  const rate = (name: string, field: "late_inputs" | "missed_inputs" | "snapshot_bytes"): Line => ({
    name,
    values: samples.map((sample, at) => {
      const before = samples[at - 1];
      const [newer, older] = [sample.games[game], before?.games[game]];
      if (!before || !newer || !older) return null;
      const seconds = Math.max(0.001, (sample.at_ms - before.at_ms) / 1000);
      return Math.max(0, (newer[field] - older[field]) / seconds);
    }),
  });
  const spread = (from: (game: GameSample) => number[]): Line[] =>
    ["p50", "p99", "p99.9"].map((name, at) => ofGame(name, (each) => from(each)[at]!));
  const transports = [...new Set(samples.flatMap((sample) => Object.keys(sample.transports)))];
  const two = (value: number) => value.toFixed(2);
  const whole = (value: number) => count(value);
  return (
    <div class="charts">
      <Chart
        title="Players"
        times={times}
        show={whole}
        lines={[of("connected", (s) => s.players), of("sessions", (s) => s.sessions)]}
      />
      <Chart
        title="Matches"
        times={times}
        show={whole}
        lines={[of("matches", (s) => s.matches), of("lobbies", (s) => s.lobbies)]}
      />
      <Chart
        title="By transport"
        times={times}
        show={whole}
        lines={transports.map((name) => of(name, (s) => s.transports[name] ?? 0))}
      />
      <Chart
        title="Tick"
        unit="ms"
        times={times}
        show={two}
        lines={spread((each) => each.duration)}
      />
      <Chart
        title="Lateness"
        unit="ms"
        times={times}
        show={two}
        lines={spread((each) => each.lateness)}
      />
      <Chart
        title="Loop lag"
        unit="ms"
        times={times}
        show={two}
        lines={["p50", "p99", "p99.9"].map((name, at) => of(name, (s) => s.loop_lag[at]!))}
      />
      <Chart
        title="Inputs"
        unit="per second"
        times={times}
        show={(value) => value.toFixed(1)}
        lines={[rate("late", "late_inputs"), rate("missed", "missed_inputs")]}
      />
      <Chart
        title="Snapshots"
        unit="bytes per second"
        times={times}
        show={bytes}
        lines={[rate("sent", "snapshot_bytes")]}
      />
      <Chart
        title="Viewers"
        times={times}
        show={whole}
        lines={[
          ofGame("viewers", (each) => each.viewers),
          ofGame("congested", (each) => each.congested),
          ofGame("bots", (each) => each.bots),
        ]}
      />
      <Chart
        title="Processor"
        unit="% of one"
        times={times}
        show={(value) => value.toFixed(0)}
        lines={[of("used", (s) => s.cpu_share * 100)]}
      />
      <Chart
        title="Memory"
        unit="MiB"
        times={times}
        show={(value) => value.toFixed(0)}
        lines={[of("resident", (s) => s.memory_bytes / 2 ** 20)]}
      />
      <Chart
        title="Overload"
        unit="level"
        times={times}
        show={whole}
        lines={[of("level", (s) => s.strain)]}
      />
    </div>
  );
}
