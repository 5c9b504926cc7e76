/**
 * Bounds of the fields of a lobby form, equal to the server's checks.
 *
 * Law: the server accepts every configuration that these functions accept. So a form can limit its
 * sliders to these bounds instead of sending a configuration that is refused.
 */

import { clamp } from "./play/timesync.js";
import type { FormField, LobbyConfig, LobbyForm, MapChoice } from "./wire/tables.js";

/** The field that chooses the game's mode; undefined in a game without modes. */
export function modeField(form: LobbyForm): FormField | undefined {
  return form.options.find((field) => field.name === form.mode);
}

/** The maps that can be played in the mode that these options choose. */
export function mapsFor(form: LobbyForm, options: LobbyConfig["options"]): MapChoice[] {
  const mode = options[form.mode] as string;
  const chosen = modeField(form)?.choices.includes(mode) ?? false;
  return form.maps.filter((map) => !chosen || map.modes.includes(mode));
}

/** Fewest and most seats on a map; nobody of the `seated` people loses the seat. */
export function seatsOn(form: LobbyForm, mapName: string, seated = 0): [lo: number, hi: number] {
  let [lo, hi] = [form.min_size, form.max_size];
  const map = form.maps.find(({ name }) => name === mapName);
  if (map) {
    lo = Math.max(lo, map.min_players);
    hi = Math.max(lo, Math.min(hi, map.max_players));
  }
  return [Math.min(Math.max(lo, seated), hi), hi];
}

/** How many bots a lobby of this size can ask for: one seat is for a person. */
export function mostBots(form: LobbyForm, size: number): number {
  return form.bot_levels.length ? Math.max(0, size - 1) : 0;
}

/** The nearest configuration that the server accepts: map, size, bots and bot level. */
export function fitted(form: LobbyForm, config: LobbyConfig, seated = 0): LobbyConfig {
  const fitting = mapsFor(form, config.options).map(({ name }) => name);
  const map = fitting.includes(config.map) ? config.map : (fitting[0] ?? config.map);
  const size = clamp(config.size, ...seatsOn(form, map, seated));
  const bots = clamp(config.bots, 0, mostBots(form, size));
  const known = form.bot_levels.includes(config.bot_level);
  return {
    ...config,
    map,
    size,
    bots,
    bot_level: known ? config.bot_level : form.default.bot_level,
  };
}
