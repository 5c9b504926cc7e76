/** The menu of a match; the match goes on behind it. */

import { type Client, download, type Match } from "gameserver-client";
import { useEffect, useRef } from "preact/hooks";
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
  /** What the keys do, a line each. */
  keys: readonly string[];
}) {
  const { client, match, close, repaint } = props;
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.querySelector("button")?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <div class="veil">
      <section
        ref={box}
        class="box menu"
        role="dialog"
        aria-modal="true"
        aria-label={t("menu.title")}
        onKeyDown={(event) => stayWithin(event.currentTarget, event)}
      >
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
        <ul class="muted keys keys-only" aria-label={t("menu.keys")}>
          {props.keys.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
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

/** Let Tab go round within a dialog. */
function stayWithin(box: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== "Tab") return;
  const reached = [...box.querySelectorAll<HTMLElement>("button, input, select")];
  const [first, last] = [reached[0], reached.at(-1)];
  const at = document.activeElement;
  if (event.shiftKey && at === first) last?.focus();
  else if (!event.shiftKey && at === last) first?.focus();
  else return;
  event.preventDefault();
}
