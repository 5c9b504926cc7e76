/** The first screen: a name, and in. */

import { useEffect, useRef, useState } from "preact/hooks";
import { runNames } from "../controls/keyrows.js";
import { useAbout } from "../parts/about.js";
import { LanguageChoice } from "../parts/language.js";
import { SettingsButton } from "../parts/settings.js";
import { store } from "../store.js";
import { t } from "../texts/index.js";

export function Home() {
  const [name, setName] = useState(store.name);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // By touch the keyboard would cover the screen before it is read.
    if (!matchMedia("(hover: none) and (pointer: coarse)").matches) field.current?.focus();
  }, []);
  const { invited, knownCode, busy, ended } = store;
  const { about, asked } = useAbout();
  const shooter = !about || about.game === "arena";
  const go = (then?: "quick" | "known") => {
    if (name.trim()) void store.signIn(name.trim(), then);
  };
  return (
    <main class="home">
      <form
        class="box hero"
        onSubmit={(event) => {
          event.preventDefault();
          go(invited ? undefined : "quick");
        }}
      >
        <h1>{about?.title ?? (asked ? t("app.title") : "\u00a0")}</h1>
        {shooter && <p class="muted">{asked ? t("app.tagline") : "\u00a0"}</p>}
        <label class="field">
          {t("home.name")}
          <input
            ref={field}
            name="name"
            maxLength={20}
            autocomplete="nickname"
            placeholder={t("home.namePlaceholder")}
            value={name}
            disabled={busy}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary big" disabled={busy || !name.trim()}>
          {busy
            ? t("app.connecting")
            : invited
              ? t("home.join", { code: invited })
              : t("home.quick")}
        </button>
        {!invited && knownCode && (
          <button
            type="button"
            class="big"
            disabled={busy || !name.trim()}
            onClick={() => go("known")}
          >
            {t("home.join", { code: knownCode })}
          </button>
        )}
        {!invited && (
          <button type="button" class="big" disabled={busy || !name.trim()} onClick={() => go()}>
            {t("home.lobbies")}
          </button>
        )}
        {ended && !busy && (
          <p class="bad" role="alert">
            {ended}
          </p>
        )}
        {shooter && <p class="faint keys-only">{t("home.keys", { keys: runNames() })}</p>}
        {shooter && <p class="faint touch-only">{t("home.touch")}</p>}
      </form>
      <footer class="row">
        <LanguageChoice />
        <SettingsButton />
      </footer>
    </main>
  );
}
