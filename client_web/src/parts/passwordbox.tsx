import { useEffect, useRef, useState } from "preact/hooks";
import { type Locked, store } from "../store.js";
import { t } from "../texts/index.js";

export function PasswordBox({ into }: { into: Locked }) {
  const [password, setPassword] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    field.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const close = () => {
    store.locked = null;
    store.changed();
  };
  return (
    <div class="veil">
      <form
        class="box"
        aria-label={t("password.title")}
        onSubmit={(event) => {
          event.preventDefault();
          void store.join(into, password);
        }}
        onKeyDown={(event) => event.key === "Escape" && close()}
      >
        <h2>{t("password.title")}</h2>
        <label class="field">
          {t("password.label")}
          <input
            ref={field}
            type="password"
            maxLength={64}
            autocomplete="off"
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <div class="row">
          <button type="submit" class="primary" disabled={!password}>
            {t("password.enter")}
          </button>
          <button type="button" onClick={close}>
            {t("password.cancel")}
          </button>
        </div>
      </form>
    </div>
  );
}
