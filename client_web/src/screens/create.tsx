/** The form of a lobby: for a new one, or to change the present one. Its fields come from the server. */

import {
  type FormField,
  fitted,
  type LobbyConfig,
  type LobbyForm,
  mapsFor,
  mostBots,
  seatsOn,
} from "gameserver-client";
import { useState } from "preact/hooks";
import { Panel, Segments, Toggle } from "../parts/basic.js";
import { store } from "../store.js";
import { bare } from "../texts/apart.js";
import { amountOf, choiceOf, named, t, titleOf, worded } from "../texts/index.js";

export function Create({ form }: { form: LobbyForm }) {
  const lobby = store.client?.lobby ?? null;
  const seated = lobby?.members.filter(({ seat, bot }) => seat >= 0 && !bot).length ?? 0;
  const [config, setConfig] = useState(() => fitted(form, lobby?.config ?? form.default, seated));
  const before = lobby?.config.title ?? form.default.title;
  const proposed = bare(titleOf(before, store.client?.playerName ?? "")); // who sees it is the host
  const [password, setPassword] = useState("");
  const change = (part: Partial<LobbyConfig>) =>
    setConfig((now) => fitted(form, { ...now, ...part }, seated));
  const option = (name: string, value: number | boolean | string) =>
    change({ options: { ...config.options, [name]: value } });
  const [lo, hi] = seatsOn(form, config.map, seated);
  const needsPassword =
    config.visibility === "password" && !password && lobby?.config.visibility !== "password";
  return (
    <main class="page create">
      <header class="top">
        <h1>{t(lobby ? "create.change" : "create.title")}</h1>
      </header>
      <form
        class="columns"
        onSubmit={(event) => {
          event.preventDefault();
          void store.saveLobby(config, config.visibility === "password" ? password : "");
        }}
      >
        <Panel title={t("create.lobby")}>
          <label class="field">
            {t("create.name")}
            <input
              maxLength={40}
              placeholder={t("create.namePlaceholder")}
              value={config.title === before ? proposed : config.title}
              onInput={(event) => change({ title: event.currentTarget.value })}
            />
          </label>
          <div class="field">
            {t("create.visibility")}
            <Segments
              label={t("create.visibility")}
              choices={[
                ["public", t("create.public")],
                ["unlisted", t("create.unlisted")],
                ["password", t("create.withPassword")],
              ]}
              chosen={config.visibility}
              choose={(visibility) => change({ visibility })}
            />
          </div>
          {config.visibility === "password" && (
            <label class="field">
              {t("create.password")}
              <input
                type="password"
                maxLength={64}
                autocomplete="new-password"
                placeholder={
                  lobby?.config.visibility === "password" ? t("create.keepPassword") : ""
                }
                value={password}
                onInput={(event) => setPassword(event.currentTarget.value)}
              />
            </label>
          )}
          <Slide
            label={t("create.size")}
            value={config.size}
            lo={lo}
            hi={hi}
            change={(size) => change({ size })}
          />
          {form.bot_levels.length > 0 && (
            <>
              <Slide
                label={t("create.bots")}
                value={config.bots}
                lo={0}
                hi={mostBots(form, config.size)}
                change={(bots) => change({ bots })}
              />
              <div class="field">
                {t("create.botLevel")}
                <Segments
                  label={t("create.botLevel")}
                  choices={form.bot_levels.map((each) => [each, named("level", each)] as const)}
                  chosen={config.bot_level}
                  choose={(bot_level) => change({ bot_level })}
                />
              </div>
            </>
          )}
          <Toggle
            label={t("create.join")}
            on={config.join_in_progress}
            change={(join_in_progress) => change({ join_in_progress })}
          />
          <Toggle
            label={t("create.spectators")}
            on={config.spectators}
            change={(spectators) => change({ spectators })}
          />
        </Panel>
        <Panel title={t("create.match")}>
          {form.options.map((field) => (
            <Option
              key={field.name}
              game={form.game}
              field={field}
              value={config.options[field.name] ?? field.default}
              change={(value) => option(field.name, value)}
            />
          ))}
          <div class="field">
            {t("create.map")}
            <div class="maps">
              {mapsFor(form, config.options).map((map) => (
                <button
                  type="button"
                  key={map.name}
                  class="map"
                  aria-pressed={map.name === config.map}
                  onClick={() => change({ map: map.name })}
                >
                  <b>{map.title}</b>
                  <small>
                    {map.min_players}–{map.max_players}
                  </small>
                </button>
              ))}
            </div>
          </div>
        </Panel>
        <div class="row end wide">
          <button type="button" onClick={() => store.edit(null)}>
            {t("create.cancel")}
          </button>
          <button type="submit" class="primary" disabled={needsPassword}>
            {t(lobby ? "create.save" : "create.done")}
          </button>
        </div>
      </form>
    </main>
  );
}

function Option(props: {
  game: string;
  field: FormField;
  value: number | boolean | string;
  change: (value: number | boolean | string) => void;
}) {
  const { game, field, value, change } = props;
  switch (field.kind) {
    case "bool":
      return <Toggle label={worded(game, field.label)} on={value === true} change={change} />;
    case "choice":
      return (
        <div class="field" title={worded(game, field.help)}>
          {worded(game, field.label)}
          <Segments
            label={worded(game, field.label)}
            choices={field.choices.map((each) => [each, choiceOf(game, field, each)] as const)}
            chosen={String(value)}
            choose={change}
          />
        </div>
      );
    case "int":
      return (
        <Slide
          label={worded(game, field.label)}
          help={worded(game, field.help)}
          shown={amountOf(game, field, Number(value))}
          value={Number(value)}
          lo={field.lo ?? 0}
          hi={field.hi ?? 100}
          step={field.step}
          change={change}
        />
      );
    default:
      return (
        <label class="field" title={worded(game, field.help)}>
          {worded(game, field.label)}
          <input value={String(value)} onInput={(event) => change(event.currentTarget.value)} />
        </label>
      );
  }
}

function Slide(props: {
  label: string;
  help?: string;
  shown?: string;
  value: number;
  lo: number;
  hi: number;
  step?: number;
  change: (value: number) => void;
}) {
  return (
    <label class="field slide" title={props.help}>
      <span>
        {props.label}
        <b>{props.shown ?? props.value}</b>
      </span>
      <input
        type="range"
        min={props.lo}
        max={props.hi}
        step={props.step ?? 1}
        value={props.value}
        disabled={props.lo >= props.hi}
        onInput={(event) => props.change(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}
