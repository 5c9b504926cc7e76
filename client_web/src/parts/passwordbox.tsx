/** Asks for the password of a lobby. */

import { useState } from "preact/hooks";
import { type Locked, store } from "../store.js";
import { t } from "../texts/index.js";
import { Dialog } from "./dialog.js";

export function PasswordBox({ into }: { into: Locked }) {
  const [password, setPassword] = useState("");
  const close = () => {
    store.locked = null;
    store.changed();
  };
  return (
    <Dialog title={t("password.title")} close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void store.join(into, password);
        }}
      >
        <label class="field">
          {t("password.label")}
          <input
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
    </Dialog>
  );
}
