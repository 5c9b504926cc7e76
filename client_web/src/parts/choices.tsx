/** What a player chooses for all matches: sound, colours, language. */

import { sounds } from "../sound/player.js";
import { store } from "../store.js";
import { t } from "../texts/index.js";
import { type Palette, paint, palette } from "../theme.js";
import { LanguageChoice } from "./language.js";

export function Choices({ repaint }: { repaint: () => void }) {
  return (
    <>
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
    </>
  );
}
