import { store } from "../store.js";
import { LANGUAGES, language, speak, t } from "../texts/index.js";

export function LanguageChoice() {
  return (
    <label class="language">
      <span class="muted">{t("menu.language")}</span>
      <select
        value={language()}
        onChange={(event) => {
          speak(event.currentTarget.value);
          store.changed();
        }}
      >
        {Object.entries(LANGUAGES).map(([key, { name }]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
