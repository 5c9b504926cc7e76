/** One chart: lines over the last minutes, drawn by uPlot. */

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export const COLOURS = [
  "#4fd1c5",
  "#f6ad55",
  "#fc8181",
  "#90cdf4",
  "#b794f4",
  "#68d391",
  "#f687b3",
];

const HEIGHT = 140;

const short = (value: number) =>
  Math.abs(value) >= 1e6
    ? `${(value / 1e6).toFixed(Math.abs(value) >= 1e8 ? 0 : 1)}M`
    : Math.abs(value) >= 1e4
      ? `${(value / 1e3).toFixed(0)}k`
      : Number.isInteger(value)
        ? String(value)
        : value.toFixed(value < 1 ? 2 : 1);

const time = (seconds: number) =>
  new Date(seconds * 1000).toLocaleTimeString(undefined, { hour12: false });

const axis = {
  stroke: "#8b98a9",
  grid: { stroke: "#222b38", width: 1 },
  ticks: { stroke: "#222b38", width: 1, size: 4 },
  font: "11px system-ui, sans-serif",
};

export interface Line {
  name: string;
  values: (number | null)[];
}

export function Chart(props: {
  title: string;
  unit?: string;
  times: number[];
  lines: Line[];
  show?: (value: number) => string;
}) {
  const { title, unit, times, lines } = props;
  const show = props.show ?? short;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const names = lines.map((line) => line.name).join("\n");

  useEffect(() => {
    const element = place.current!;
    const made = new uPlot(
      {
        width: element.clientWidth || 300,
        height: HEIGHT,
        cursor: { drag: { x: false, y: false }, points: { size: 6 }, sync: { key: "console" } },
        legend: { show: false },
        scales: { y: { range: (_, lo, hi) => [Math.min(0, lo), hi <= 0 ? 1 : hi * 1.08] } },
        axes: [
          { ...axis, space: 70, size: 28, values: (_, ticks) => ticks.map(time) },
          { ...axis, size: 46, values: (_, ticks) => ticks.map(short) },
        ],
        series: [
          {},
          ...lines.map((line, at) => ({
            label: line.name,
            stroke: COLOURS[at % COLOURS.length]!,
            width: 1.6,
            points: { show: false },
          })),
        ],
      },
      [times, ...lines.map((line) => line.values)] as uPlot.AlignedData,
      element,
    );
    plot.current = made;
    const sized = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    sized.observe(element);
    return () => {
      sized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names]);

  useEffect(() => {
    plot.current?.setData([times, ...lines.map((line) => line.values)] as uPlot.AlignedData);
  }, [times]);

  return (
    <figure class="chart">
      <figcaption>
        <b>{title}</b> {unit && <small>{unit}</small>}
        <span class="legend">
          {lines.map((line, at) => (
            <span key={line.name} class={`key c${at % COLOURS.length}`}>
              {line.name} <b>{lastOf(line.values, show)}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} class="plot" />
    </figure>
  );
}

function lastOf(values: (number | null)[], show: (value: number) => string): string {
  const value = values[values.length - 1];
  return value === null || value === undefined ? "–" : show(value);
}
