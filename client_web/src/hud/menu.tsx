/** The menu of a match; the match goes on behind it. */

import { type Client, download, type Match } from "gameserver-client";
import { LanguageChoice } from "../parts/language.js";
import { sounds } from "../sound/player.js";
import { store } from "../store.js";
import { t } from "../texts/index.js";
import { type Palette, paint, palette } from "../theme.js";

export function Menu(props: {
  client: Client;
  match: Match;
  close: () => void;
  repaint: () => void;
  /** Show the figures of the line. */
  net: () => void;
}) {
  const { client, match, close, repaint } = props;
  return (
    <div class="veil">
      <section class="box menu" role="dialog" aria-label={t("menu.title")}>
        <h2>{t("menu.title")}</h2>
        <button type="button" class="primary" onClick={close}>
          {t("menu.resume")}
        </button>
        <label class="field slide">
          <span>
            {t("menu.sound")} <b>{Math.round(sounds.volume * 100)}</b>
          </span>
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={sounds.volume}
            onInput={(event) => {
              sounds.volume = event.currentTarget.valueAsNumber;
              sounds.chime("hit");
              store.changed();
            }}
          />
        </label>
        <label class="language">
          <span class="muted">{t("menu.colours")}</span>
          <select
            value={palette()}
            onChange={(event) => {
              paint(event.currentTarget.value as Palette);
              repaint();
            }}
          >
            <option value="teal">{t("menu.coloursTeal")}</option>
            <option value="sky">{t("menu.coloursSky")}</option>
          </select>
        </label>
        <LanguageChoice />
        {match.started.game === "arena" && (
          <ul class="muted keys keys-only">
            <li>{t("menu.keysRun")}</li>
            <li>{t("menu.keysAim")}</li>
            <li>{t("menu.keysRocket")}</li>
            <li>{t("menu.keysDash")}</li>
            <li>{t("menu.keysChat")}</li>
          </ul>
        )}
        <button type="button" onClick={props.net}>
          {t("net.title")} <kbd class="keys-only">F3</kbd>
        </button>
        <button type="button" onClick={async () => download(await match.saveTape())}>
          {t("menu.tape")}
        </button>
        <div class="row">
          <button type="button" onClick={() => void store.leaveMatch()}>
            {t("menu.leaveMatch")}
          </button>
          <button
            type="button"
            class="danger"
            onClick={() => void client.request("lobby.leave").catch(() => {})}
          >
            {t("menu.leaveLobby")}
          </button>
        </div>
      </section>
    </div>
  );
}
