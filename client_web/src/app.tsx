/** Decides which screen is shown, and shows what may lie over each: a lost line, a password, a word. */

import { useEffect, useRef } from "preact/hooks";
import { AnyMatch } from "./any/screen.js";
import { learnLayout } from "./controls/keys.js";
import { focusHeading, letGo, openDialog } from "./parts/focus.js";
import { LostLine } from "./parts/lostline.js";
import { PasswordBox } from "./parts/passwordbox.js";
import { Settings } from "./parts/settings.js";
import { useWhisperToasts } from "./parts/unread.js";
import { Replay } from "./replay/screen.js";
import { Create } from "./screens/create.js";
import { Home } from "./screens/home.js";
import { Lobbies } from "./screens/lobbies.js";
import { MatchScreen } from "./screens/match.js";
import { Replays } from "./screens/replays.js";
import { Results } from "./screens/results.js";
import { Room } from "./screens/room.js";
import { store, useStore } from "./store.js";
import { t } from "./texts/index.js";

export function App() {
  const { client, toast, locked, settings } = useStore();
  const playing = client?.lobby?.phase === "in_match" && client.match;
  useEffect(() => {
    void learnLayout().then(store.changed);
    if (store.resumes && store.name) void store.signIn(store.name);
  }, []);
  useWhisperToasts(client);
  return (
    <>
      <Screen />
      {client?.status.state === "reconnecting" && <LostLine client={client} />}
      {settings && !playing && <Settings />}
      {client && locked && <PasswordBox into={locked} />}
      <output class="toast" hidden={!toast}>
        <span>{toast}</span>
      </output>
    </>
  );
}

function Screen() {
  const screen = chosen();
  const kind = screen.type;
  const before = useRef(kind);
  const playing = kind === MatchScreen || kind === AnyMatch;
  useEffect(() => {
    scrollTo(0, 0);
    if (before.current === kind) return; // the page has just opened
    before.current = kind;
    if (openDialog()) return; // it gives the focus to this screen when it is closed
    if (playing) letGo();
    else focusHeading();
  }, [kind]);
  return (
    <>
      {screen}
      <p class="spoken" role="status">
        {playing && t("match.begins")}
      </p>
    </>
  );
}

function chosen() {
  const { client, form, editing, leftMatch } = store;
  if (!client || !form) return <Home />;
  const { lobby, match } = client;
  if (store.watched) return <Replay client={client} matchId={store.watched} />;
  if (store.replays && !lobby) return <Replays client={client} />;
  if (editing && (editing === "new") === !lobby) return <Create form={form} />;
  if (!lobby) return <Lobbies client={client} form={form} />;
  if (lobby.phase === "in_match" && match) {
    const Screen = match.started.game === "arena" ? MatchScreen : AnyMatch;
    return <Screen client={client} match={match} />;
  }
  if (lobby.phase === "results" && lobby.result && lobby.result.match_id !== leftMatch) {
    return <Results client={client} lobby={lobby} result={lobby.result} />;
  }
  return <Room client={client} lobby={lobby} form={form} />;
}
