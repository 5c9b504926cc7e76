/** Numbers and times as people read them. */

const UNITS: [number, string][] = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
];

/** A time in at most two units, rounded up, as `gameserver.durations` writes it. */
export function duration(seconds: number): string {
  const step = seconds < 120 ? 1 : seconds <= 86_400 ? 60 : 3600;
  let left = Math.max(0, step * Math.ceil(seconds / step));
  if (left < 120 && left !== 60) return `${left} s`;
  const words: string[] = [];
  for (const [size, unit] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count) words.push(`${count} ${unit}`);
  }
  return words.join(" ");
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

const SIZES: [number, string][] = [
  [2 ** 30, "GiB"],
  [2 ** 20, "MiB"],
  [2 ** 10, "KiB"],
];

/** Bytes in at most three digits and a point. */
export function bytes(count: number): string {
  const [size, unit] = SIZES.find(([each]) => count >= (1000 / 1024) * each) ?? [1, "B"];
  const value = count / size;
  return `${value.toFixed(size === 1 || value >= 100 ? 0 : 1)} ${unit}`;
}

export function ms(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ms`;
}

export const count = (value: number) => Math.round(value).toLocaleString("en");

export const STRAIN = ["none", "half the snapshots", "a quarter", "no new matches"];
