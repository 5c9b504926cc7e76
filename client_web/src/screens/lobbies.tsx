/** The lobby browser. */

import { type Client, type LobbyForm, type LobbySummary, modeField } from "gameserver-client";
import { useEffect, useState } from "preact/hooks";
import { useAbout } from "../parts/about.js";
import { Panel, Segments, Toggle } from "../parts/basic.js";
import { ChatPanel } from "../parts/chat.js";
import { SettingsButton } from "../parts/settings.js";
import { store } from "../store.js";
import { choiceOf, t, titleOf, worded } from "../texts/index.js";

const TYPED_MS = 250;

export function Lobbies({ client, form }: { client: Client; form: LobbyForm }) {
  const [text, setText] = useState("");
  const [mode, setMode] = useState("");
  const [joinable, setJoinable] = useState(false);
  const [chosen, choose] = useState("");
  const [code, setCode] = useState("");
  const [asked, setAsked] = useState({ text, mode, joinable });
  useEffect(() => {
    const timer = setTimeout(() => setAsked({ text, mode, joinable }), text ? TYPED_MS : 0);
    return () => clearTimeout(timer);
  }, [text, mode, joinable]);
  const epoch = client.reconnects;
  useEffect(() => {
    void store.ask("lobby.watch", { filter: asked });
  }, [asked, epoch]);
  useEffect(
    () => () => {
      client.request("lobby.watch", { on: false }).catch(() => {}); // it ends with the session, too
    },
    [client],
  );
  const modes = modeField(form);
  const { about } = useAbout();
  const list = client.lobbyList;
  const row = list?.lobbies.find(({ lobby_id }) => lobby_id === chosen) ?? null;
  const filtered = Boolean(text || mode || joinable);
  return (
    <main class="page lobbies">
      <header class="top">
        <div>
          <h1>{t("lobbies.title")}</h1>
          <p class="muted">
            {t("lobbies.signedIn", { server: client.server, name: client.playerName })}
          </p>
        </div>
        <div class="row">
          {about?.replays && (
            <button type="button" class="quiet" onClick={() => store.showReplays(true)}>
              {t("replays.title")}
            </button>
          )}
          <SettingsButton />
          <button type="button" class="quiet" onClick={() => void store.signOut()}>
            {t("lobbies.signOut")}
          </button>
        </div>
      </header>
      <div class="actions">
        <button
          type="button"
          class="primary big"
          onClick={() => void store.ask("lobby.quick_play", mode ? { mode } : {})}
        >
          {t("home.quick")}
        </button>
        <button type="button" class="big" onClick={() => store.edit("new")}>
          {t("lobbies.create")}
        </button>
        {store.knownCode && (
          <button
            type="button"
            class="big"
            onClick={() => void store.join({ code: store.knownCode })}
          >
            {t("home.join", { code: store.knownCode })}
          </button>
        )}
      </div>
      <div class="filters">
        <input
          type="search"
          aria-label={t("lobbies.search")}
          placeholder={t("lobbies.search")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {modes && (
          <Segments
            label={worded(form.game, modes.label)}
            choices={[
              ["", t("lobbies.all")],
              ...modes.choices.map((each) => [each, choiceOf(form.game, modes, each)] as const),
            ]}
            chosen={mode}
            choose={setMode}
          />
        )}
        <Toggle label={t("lobbies.joinable")} on={joinable} change={setJoinable} />
      </div>
      <Panel
        class="list"
        title={t("lobbies.open")}
        right={list && t("lobbies.count", { shown: list.lobbies.length, total: list.total })}
      >
        <ul class="rows">
          {list?.lobbies.map((each) => (
            <Row
              key={each.lobby_id}
              lobby={each}
              form={form}
              chosen={each.lobby_id === chosen}
              choose={() => choose(each.lobby_id)}
            />
          ))}
        </ul>
        {list?.lobbies.length === 0 && (
          <p class="empty">{t(filtered ? "lobbies.noneFits" : "lobbies.none")}</p>
        )}
      </Panel>
      <div class="foot">
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            if (code.trim()) void store.join({ code: code.trim() });
          }}
        >
          <input
            class="code"
            aria-label={t("lobbies.code")}
            placeholder={t("lobbies.code")}
            maxLength={32}
            autocomplete="off"
            value={code}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
          <button type="submit" disabled={!code.trim()}>
            {t("lobbies.joinCode")}
          </button>
        </form>
        <div class="row end">
          <button
            type="button"
            disabled={!row}
            onClick={() => row && void store.join({ lobby_id: row.lobby_id, spectate: true })}
          >
            {t("lobbies.watch")}
          </button>
          <button
            type="button"
            class="primary"
            disabled={!row?.joinable}
            onClick={() => row && void store.join({ lobby_id: row.lobby_id })}
          >
            {t("lobbies.join")}
          </button>
        </div>
      </div>
      <ChatPanel client={client} channels={["global", "whisper"]} />
    </main>
  );
}

function Row(props: { lobby: LobbySummary; form: LobbyForm; chosen: boolean; choose: () => void }) {
  const { lobby, form } = props;
  const map = form.maps.find(({ name }) => name === lobby.map)?.title ?? lobby.map;
  const [state, word] = stateOf(lobby);
  return (
    <li>
      <button
        type="button"
        class="lobby"
        aria-pressed={props.chosen}
        onClick={props.choose}
        onDblClick={() => lobby.joinable && void store.join({ lobby_id: lobby.lobby_id })}
      >
        {lobby.password && (
          <svg class="lock" width="14" height="16" viewBox="0 0 14 16">
            <title>{t("lobbies.password")}</title>
            <path d="M1 7h12v9H1zM3.5 7V4.5a3.5 3.5 0 017 0V7h-2V4.5a1.5 1.5 0 00-3 0V7z" />
          </svg>
        )}
        <span class="what">
          <b dir="auto">{titleOf(lobby.title, lobby.host_name)}</b>
          <small>{t("lobbies.host", { name: lobby.host_name })}</small>
        </span>
        <span class="mode">{choiceOf(form.game, modeField(form), lobby.mode)}</span>
        <span class="map">{map}</span>
        <span class="count">
          <b>
            {lobby.players}/{lobby.size}
          </b>
          {lobby.spectators > 0 && (
            <small>{t("lobbies.watching", { count: lobby.spectators })}</small>
          )}
        </span>
        <span class={`state ${state}`}>{word}</span>
      </button>
    </li>
  );
}

function stateOf(lobby: LobbySummary): [state: string, word: string] {
  if (lobby.locked) return ["bad", t("state.locked")];
  const playing = lobby.phase === "in_match";
  if (lobby.joinable) return playing ? ["warn", t("state.playing")] : ["good", t("state.open")];
  if (lobby.players >= lobby.size) return ["off", t("state.full")];
  return ["off", t("state.closed")];
}
