/** Numbers and times as people read them. */

const UNITS: [number, string][] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
];

/** A time in its largest unit of which there are at least two. */
export function duration(seconds: number): string {
  for (const [size, unit] of UNITS) {
    if (seconds >= 2 * size) return `${Math.round(seconds / size)} ${unit}`;
  }
  return `${Math.max(0, Math.round(seconds))} s`;
}

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

export function when(ms: number): string {
  const at = new Date(ms);
  const day = at.toLocaleDateString(undefined, { month: "short", day: "2-digit" });
  return `${day} ${at.toLocaleTimeString(undefined, { hour12: false })}`;
}

export function bytes(count: number): string {
  if (count >= 1 << 30) return `${(count / (1 << 30)).toFixed(2)} GiB`;
  if (count >= 1 << 20) return `${(count / (1 << 20)).toFixed(1)} MiB`;
  if (count >= 1024) return `${(count / 1024).toFixed(1)} KiB`;
  return `${Math.round(count)} B`;
}

export function ms(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ms`;
}

export const count = (value: number) => Math.round(value).toLocaleString("en");

export const STRAIN = ["none", "half the snapshots", "a quarter", "no new matches"];
