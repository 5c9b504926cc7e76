/** The bar with which a film is played, by pointer, keys or a screen reader. */

import { t } from "../texts/index.js";
import type { Player } from "./player.js";
import { SPEEDS } from "./player.js";
import type { Followed } from "./stage.js";

export function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function Bar(props: {
  player: Player;
  people: readonly Followed[];
  followed: number;
  follow: (seat: number) => void;
  /** Draw the bar again: something was pressed. */
  changed: () => void;
  close: () => void;
}) {
  const { player, people, followed, changed } = props;
  const { film } = player;
  const does = (act: () => void) => () => {
    act();
    changed();
  };
  return (
    <div class="glass replay-bar">
      <div class="seek">
        <span>{clockOf(player.seconds)}</span>
        <input
          type="range"
          aria-label={t("replay.place")}
          aria-valuetext={clockOf(player.seconds)}
          min={film.first}
          max={film.last}
          step={film.started.snapshot_every}
          value={Math.round(player.at)}
          onInput={(event) => {
            player.seek(event.currentTarget.valueAsNumber);
            changed();
          }}
        />
        <span>{clockOf(film.seconds)}</span>
      </div>
      <div class="row">
        <Key name="replay.back" sign="«" press={does(() => player.seekSeconds(-5))} />
        <Key name="replay.stepBack" sign="‹" press={does(() => player.nudge(-1))} />
        <button
          type="button"
          class="primary small"
          onClick={does(() => player.toggle())}
          aria-label={t(player.playing ? "replay.pause" : "replay.play")}
        >
          {player.playing ? "❚❚" : "▶"}
        </button>
        <Key name="replay.step" sign="›" press={does(() => player.nudge(1))} />
        <Key name="replay.on" sign="»" press={does(() => player.seekSeconds(5))} />
        <select
          aria-label={t("replay.speed")}
          value={player.speed}
          onChange={({ currentTarget }) => {
            player.speed = Number(currentTarget.value);
            changed();
          }}
        >
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each} ×
            </option>
          ))}
        </select>
        <select
          class="grow"
          aria-label={t("replay.follow")}
          value={followed}
          onChange={({ currentTarget }) => props.follow(Number(currentTarget.value))}
        >
          {followed < 0 && <option value={-1}>{t("replay.free")}</option>}
          {people.map(({ seat, name }) => (
            <option key={seat} value={seat}>
              {name}
            </option>
          ))}
        </select>
        <button type="button" class="small" onClick={props.close}>
          {t("replay.close")}
        </button>
      </div>
      <p class="faint keys-only">{t("replay.keys")}</p>
    </div>
  );
}

function Key(props: {
  name: "replay.back" | "replay.stepBack" | "replay.step" | "replay.on";
  sign: string;
  press: () => void;
}) {
  return (
    <button
      type="button"
      class="small"
      title={t(props.name)}
      aria-label={t(props.name)}
      onClick={props.press}
    >
      {props.sign}
    </button>
  );
}
