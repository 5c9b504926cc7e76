/** The operator's console: a sign-in, then tabs with figures, tables and what can be done. */

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ActButton, ActDialog } from "./acts.js";
import { get, type Page, signIn } from "./api.js";
import "./console.css";
import { Audit, Bans, ReportDrawer, Reports } from "./lists.js";
import { GlobalChat, Lobbies, LobbyDrawer } from "./lobbies.js";
import { MatchDrawer, Matches } from "./matches.js";
import { Overview } from "./overview.js";
import { SessionDrawer, Sessions } from "./sessions.js";
import { shared, useLoaded, useShared } from "./state.js";
import { when } from "./words.js";

const TABS = ["Overview", "Sessions", "Lobbies", "Matches", "Reports", "Bans", "Audit"] as const;
type Tab = (typeof TABS)[number];

type Opened =
  | { kind: "session" | "lobby" | "match"; id: string }
  | { kind: "report"; number: number }
  | { kind: "chat" }
  | null;

function Console() {
  const { me, known, toast, toastBad } = useShared();
  useEffect(() => void shared.begin(), []);
  if (!known) return null;
  return (
    <>
      {me ? <Desk /> : <SignIn />}
      <output class={toastBad ? "toast warn" : "toast"} hidden={!toast}>
        {toast}
      </output>
    </>
  );
}

function SignIn() {
  const [secret, setSecret] = useState("");
  const [name, setName] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      shared.signedIn(await signIn(secret, name));
    } catch (error) {
      setFault((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>Console</h1>
        <p class="hint">For the operator of this server.</p>
        <label>
          Secret
          <input
            type="password"
            autocomplete="current-password"
            required
            maxLength={256}
            value={secret}
            onInput={(event) => setSecret(event.currentTarget.value)}
          />
        </label>
        <label>
          Your name, for the audit log
          <input
            autocomplete="username"
            maxLength={24}
            placeholder="operator"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          Sign in
        </button>
      </form>
    </main>
  );
}

function tabNow(): Tab {
  const named = location.hash.slice(1);
  return TABS.find((tab) => tab.toLowerCase() === named) ?? "Overview";
}

function Desk() {
  const { me, acts, lost, ending } = useShared();
  const [tab, setTab] = useState<Tab>(tabNow);
  const [opened, setOpened] = useState<Opened>(null);
  useEffect(() => {
    const changed = () => {
      setTab(tabNow());
      setOpened(null);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const close = () => setOpened(null);
  const session = (id: string) => setOpened({ kind: "session", id });
  const lobby = (id: string) => setOpened({ kind: "lobby", id });
  const match = (id: string) => setOpened({ kind: "match", id });
  const { value: reports } = useLoaded(
    async () => {
      await shared.renew();
      return get<Page & { open: number }>("/reports?limit=1");
    },
    "reports",
    10_000,
    acts,
  );
  const waiting = reports?.open ?? 0;
  return (
    <div class={opened ? "desk with-drawer" : "desk"}>
      <header class="top">
        <h1>
          <bdi>{me!.server}</bdi>{" "}
          <small>
            {me!.game} · gameserver {me!.version}
          </small>
          {me!.draining && !lost && <span class="tag warn">draining</span>}
        </h1>
        <div class="buttons">
          <ActButton act={{ title: "Tell all", about: "", kind: "text", path: "/broadcast" }} />
          <ActButton
            act={{ title: "Drain", about: "", kind: "drain", path: "/drain", danger: true }}
          />
          <button type="button" class="quiet" onClick={() => void shared.leave()}>
            Sign out <bdi>{me!.name}</bdi>
          </button>
        </div>
        {lost && (
          <p class="lost" role="alert">
            {ending ? "The server has ended, as you told it to." : "The server does not answer."}{" "}
            {shared.heardAt > 0 && `What you see is from ${when(shared.heardAt)}.`}
          </p>
        )}
      </header>
      <nav class="tabs" aria-label="Parts of the console">
        {TABS.map((each) => (
          <a
            key={each}
            href={`#${each.toLowerCase()}`}
            aria-current={tab === each ? "page" : undefined}
            onClick={close}
          >
            {each}
            {each === "Reports" && waiting > 0 && <span class="badge">{waiting}</span>}
          </a>
        ))}
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <main tabIndex={0}>
        {tab === "Overview" && <Overview />}
        {tab === "Sessions" && <Sessions open={session} />}
        {tab === "Lobbies" && <Lobbies open={lobby} chat={() => setOpened({ kind: "chat" })} />}
        {tab === "Matches" && <Matches open={match} />}
        {tab === "Reports" && <Reports open={(number) => setOpened({ kind: "report", number })} />}
        {tab === "Bans" && <Bans />}
        {tab === "Audit" && <Audit />}
      </main>
      {opened?.kind === "session" && (
        <SessionDrawer key={opened.id} id={opened.id} close={close} lobby={lobby} />
      )}
      {opened?.kind === "lobby" && (
        <LobbyDrawer key={opened.id} id={opened.id} close={close} session={session} match={match} />
      )}
      {opened?.kind === "match" && (
        <MatchDrawer key={opened.id} id={opened.id} close={close} lobby={lobby} />
      )}
      {opened?.kind === "chat" && <GlobalChat close={close} />}
      {opened?.kind === "report" && (
        <ReportDrawer key={opened.number} number={opened.number} close={close} />
      )}
      <ActDialog />
    </div>
  );
}

render(<Console />, document.getElementById("app")!);
