/** Colours of teams and seats. No information is given by colour alone: a shape gives it, too. */

import { t } from "./texts/index.js";

const KEPT = "gameserver.colours";

export type Palette = "teal" | "sky";

const TEAMS: Readonly<Record<Palette, readonly [number, number, number]>> = {
  teal: [0xb0bac8, 0x40c4bb, 0xf5b142],
  // Blue and orange, which people with the common colour deficiencies can distinguish.
  sky: [0xb0bac8, 0x60b6f0, 0xf4803e],
};
const SEATS = [
  0x40c4bb, 0xf5b142, 0x968cff, 0xf07682, 0x7ece60, 0x60aafa, 0xec84d6, 0xd6d678,
] as const;

let current: Palette = localStorage.getItem(KEPT) === "sky" ? "sky" : "teal";
show();

export function palette(): Palette {
  return current;
}

export function paint(chosen: Palette): void {
  current = chosen;
  localStorage.setItem(KEPT, chosen);
  show();
}

function show(): void {
  document.documentElement.dataset.palette = current;
}

export function teamColour(team: number): number {
  return TEAMS[current][team] ?? SEATS[team % SEATS.length]!;
}

/** The colour of a fighter: its team's, or without teams one of its seat. */
export function fighterColour(team: number, seat: number): number {
  return team ? teamColour(team) : SEATS[((seat % SEATS.length) + SEATS.length) % SEATS.length]!;
}

export function teamName(team: number): string {
  if (team !== 1 && team !== 2) return t("team.other", { number: team });
  return t(current === "sky" ? `team.${team}.sky` : `team.${team}`);
}

export function css(colour: number): string {
  return `#${colour.toString(16).padStart(6, "0")}`;
}

/** Blend two colours; `share` is the part of `b`, from 0 to 1. */
export function mix(a: number, b: number, share: number): number {
  let mixed = 0;
  for (const shift of [16, 8, 0]) {
    const [x, y] = [(a >> shift) & 255, (b >> shift) & 255];
    mixed |= Math.round(x + (y - x) * share) << shift;
  }
  return mixed;
}

const PICKUPS: Readonly<Record<string, number>> = {
  health: 0x76d084,
  ammo: 0xf5cd5c,
  rockets: 0xf2765c,
  haste: 0x70b0fa,
};
const PLAIN = 0xc8c8d2;

export function pickupColour(kind: string): number {
  return PICKUPS[kind] ?? PLAIN;
}
