/** The settings, over any screen outside a match; within one they are in its menu. */

import { anyRows, arenaRows } from "../controls/keyrows.js";
import { store } from "../store.js";
import { t } from "../texts/index.js";
import { useAbout } from "./about.js";
import { Choices } from "./choices.js";
import { Dialog } from "./dialog.js";
import { KeyChoice } from "./keychoice.js";

export function SettingsButton() {
  return (
    <button type="button" class="quiet" onClick={() => store.showSettings(true)}>
      {t("settings.title")}
    </button>
  );
}

export function Settings() {
  const { about } = useAbout();
  const shooter = !about || about.game === "arena";
  const close = () => store.showSettings(false);
  return (
    <Dialog title={t("settings.title")} class="menu wide" close={close}>
      <Choices repaint={store.changed} />
      <section class="keys-only">
        <h3>{t("keys.title")}</h3>
        <KeyChoice rows={shooter ? arenaRows() : anyRows(about.game, null)} />
        {!shooter && <p class="faint">{t("keys.inMatch")}</p>}
      </section>
      <button type="button" class="primary" onClick={close}>
        {t("settings.done")}
      </button>
    </Dialog>
  );
}
