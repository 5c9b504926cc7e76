/** The list of keys: choose a line, then press its new key. A key of two lines is told at both. */

import { useLayoutEffect, useState } from "preact/hooks";
import { type KeyRow, sharedKeys } from "../controls/keyrows.js";
import { changedKey, changeKey, keyNames, learnKey, mayBe, resetKeys } from "../controls/keys.js";
import { store } from "../store.js";
import { t } from "../texts/index.js";

export function KeyChoice({ rows }: { rows: readonly KeyRow[] }) {
  const [waiting, wait] = useState("");
  const [refused, refuse] = useState(false);
  useLayoutEffect(() => {
    if (!waiting) return;
    const take = (event: KeyboardEvent) => {
      event.preventDefault();
      event.stopImmediatePropagation(); // the key that is chosen does nothing else
      if (event.repeat) return;
      learnKey(event);
      const stays = event.code === "Escape";
      refuse(!stays && !mayBe(event.code));
      if (!stays && !mayBe(event.code)) return;
      if (!stays) changeKey(waiting, event.code);
      wait("");
      store.changed();
    };
    const stop = new AbortController();
    const { signal } = stop;
    addEventListener("keydown", take, { capture: true, signal });
    addEventListener("pointerdown", () => wait(""), { capture: true, signal });
    return () => stop.abort();
  }, [waiting]);
  const shared = sharedKeys(rows);
  const changes = rows.some(({ what }) => changedKey(what) !== undefined);
  return (
    <div class="key-choice">
      <p class={refused ? "warn" : "muted"} role="status">
        {t(refused ? "keys.foreign" : "keys.help")}
      </p>
      <ul>
        {rows.map(({ what, label, codes }) => {
          const others = shared.get(what);
          return (
            <li key={what}>
              <button
                type="button"
                aria-pressed={what === waiting}
                onClick={() => {
                  refuse(false);
                  wait(what);
                }}
              >
                <span>
                  {label}
                  {others && (
                    <small class="warn">{t("keys.also", { others: others.join(", ") })}</small>
                  )}
                </span>
                <kbd class={others ? "warn" : ""}>
                  {what === waiting ? t("keys.press") : keyNames(codes)}
                </kbd>
              </button>
            </li>
          );
        })}
      </ul>
      <button
        type="button"
        disabled={!changes}
        onClick={() => {
          resetKeys(rows.map(({ what }) => what));
          store.changed();
        }}
      >
        {t("keys.reset")}
      </button>
    </div>
  );
}
