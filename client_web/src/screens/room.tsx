/** The room of a lobby before and between matches: seats, teams, ready marks, chat. */

import type { Client, LobbyForm, LobbyState, Member } from "gameserver-client";
import { useState } from "preact/hooks";
import { Mark, Panel } from "../parts/basic.js";
import { ChatPanel } from "../parts/chat.js";
import { beginLine } from "../parts/draft.js";
import { whisperTo } from "../parts/written.js";
import { store, useClock } from "../store.js";
import { amountOf, choiceOf, named, t, titleOf, worded } from "../texts/index.js";
import { css, fighterColour, teamColour, teamName } from "../theme.js";
import { Actions } from "./deciding.js";

export function Room(props: { client: Client; lobby: LobbyState; form: LobbyForm }) {
  const { client, lobby, form } = props;
  useClock(250);
  const me = lobby.members.find(({ player_id }) => player_id === client.playerId);
  const seated = lobby.members.filter(({ seat }) => seat >= 0);
  const watching = lobby.members.filter(({ seat }) => seat < 0);
  const host = lobby.members.find(({ player_id }) => player_id === lobby.host)?.name ?? "";
  const isHost = lobby.host === client.playerId;
  const shared = { client, lobby, isHost };
  return (
    <main class="page room">
      <header class="top">
        <div>
          <h1 dir="auto">{titleOf(lobby.config.title, host)}</h1>
          <span class="pill">
            {lobby.locked ? t("room.locked") : t(`room.${lobby.config.visibility}`)}
          </span>
        </div>
        <Invite code={lobby.invite_code} />
      </header>
      <Panel
        title={t("room.players")}
        right={t("room.taken", { taken: seated.length, size: lobby.config.size })}
        class="players"
      >
        <div class="teams">
          {teamsOf(lobby).map((team) => (
            <Team key={team} team={team} seated={seated} me={me} {...shared} />
          ))}
        </div>
        {watching.length > 0 && (
          <>
            <h3>
              {t("room.watchers")} <small>{watching.length}</small>
            </h3>
            <ul class="seats">
              {watching.map((each) => (
                <Seat key={each.player_id} member={each} {...shared} />
              ))}
            </ul>
          </>
        )}
      </Panel>
      <div class="middle">
        <Settings lobby={lobby} form={form} isHost={isHost} />
        <Actions me={me} form={form} {...shared} />
      </div>
      <ChatPanel
        client={client}
        channels={
          lobby.teams && me && me.seat >= 0 ? ["lobby", "team", "whisper"] : ["lobby", "whisper"]
        }
      />
    </main>
  );
}

function teamsOf(lobby: LobbyState): number[] {
  return lobby.teams ? Array.from({ length: lobby.teams }, (_, at) => at + 1) : [0];
}

function Invite({ code }: { code: string }) {
  const [copied, setCopied] = useState(false);
  const link = `${location.origin}/join/${code}`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      // Without https there is no clipboard: the link can be marked and copied by hand.
      prompt(t("room.invite"), link);
    }
  };
  return (
    <button type="button" class="invite" title={link} onClick={() => void copy()}>
      <span>
        {t("room.invite")}
        <small>{t(copied ? "room.copied" : "room.copy")}</small>
      </span>
      <b>{code}</b>
    </button>
  );
}

export interface Shared {
  client: Client;
  lobby: LobbyState;
  isHost: boolean;
}

function Team(props: Shared & { team: number; seated: Member[]; me: Member | undefined }) {
  const { lobby, team, seated, me } = props;
  const mine = seated.filter((each) => !lobby.teams || each.team === team);
  const share = lobby.teams ? Math.ceil((lobby.config.size - (team - 1)) / lobby.teams) : 0;
  const places = lobby.teams ? share : lobby.config.size;
  const free = Math.max(0, places - mine.length);
  const allFree = lobby.config.size - seated.length;
  const others = lobby.teams ? Math.max(0, allFree - free) : 0;
  const bots = Math.max(0, Math.min(free, Math.ceil(lobby.config.bots - others)));
  const changes = me && me.seat >= 0 && me.team !== team && lobby.phase !== "in_match";
  return (
    <section>
      {team > 0 && (
        <h3 style={{ color: css(teamColour(team)) }}>
          <Mark team={team} /> {teamName(team)} <small>{mine.length}</small>
          {changes && (
            <button
              type="button"
              class="small"
              onClick={() => void store.ask("lobby.team", { team })}
            >
              {t("room.joinTeam", { team: teamName(team) })}
            </button>
          )}
        </h3>
      )}
      <ul class="seats">
        {mine.map((each) => (
          <Seat key={each.seat} member={each} {...props} />
        ))}
        {Array.from({ length: free }, (_, at) => (
          <li key={`free ${at}`} class="seat free">
            <span>
              {at < bots ? t("room.bot") : t("room.free")}
              {at < bots && (
                <small>{t("room.level", { level: named("level", lobby.config.bot_level) })}</small>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Seat(props: Shared & { member: Member }) {
  const { client, lobby, isHost, member } = props;
  const [open, setOpen] = useState(false);
  const [reporting, setReporting] = useState(false);
  const mine = member.player_id === client.playerId;
  const ignored = client.chat.muted.has(member.player_id);
  const one = { player_id: member.player_id };
  const state = !member.connected
    ? "gone"
    : member.seat < 0 || member.bot
      ? ""
      : member.ready
        ? "ready"
        : "notReady";
  return (
    <li class={`seat ${mine ? "mine" : ""}`}>
      <Mark team={member.team} colour={fighterColour(member.team, member.seat)} size={16} />
      <span>
        <b>
          <bdi>{member.name}</bdi>
        </b>
        <small>
          {mine && <i class="you">{t("room.you")}</i>}
          {member.player_id === lobby.host && <i class="warn">{t("room.host")}</i>}
          {member.bot && <i>{t("score.bot")}</i>}
          {state && <i class={state}>{t(`room.${state}` as "room.ready")}</i>}
        </small>
      </span>
      {!mine && !member.bot && (
        <button
          type="button"
          class="quiet dots"
          aria-expanded={open}
          aria-label={t("room.more", { name: member.name })}
          onClick={() => setOpen(!open)}
        >
          ⋮
        </button>
      )}
      {open && (
        <div class="deeds">
          <button
            type="button"
            onClick={() => {
              setOpen(false);
              beginLine(whisperTo(member.name));
            }}
          >
            {t("room.whisper")}
          </button>
          <button
            type="button"
            onClick={() => void store.ask("chat.mute", { ...one, muted: !ignored })}
          >
            {t(ignored ? "room.unmute" : "room.mute")}
          </button>
          <button type="button" onClick={() => setReporting(!reporting)}>
            {t("room.report")}
          </button>
          {isHost && (
            <>
              {member.seat >= 0 && (
                <button type="button" onClick={() => void store.ask("lobby.transfer", one)}>
                  {t("room.makeHost")}
                </button>
              )}
              <button
                type="button"
                class="danger"
                onClick={() => void store.ask("lobby.kick", one)}
              >
                {t("room.kick")}
              </button>
              <button type="button" class="danger" onClick={() => void store.ask("lobby.ban", one)}>
                {t("room.ban")}
              </button>
            </>
          )}
        </div>
      )}
      {open && reporting && (
        <Report
          member={member}
          close={() => {
            setReporting(false);
            setOpen(false);
          }}
        />
      )}
    </li>
  );
}

/** Tells the operator of a player; the server adds the chat that can be read now. */
function Report({ member, close }: { member: Member; close: () => void }) {
  const [text, setText] = useState("");
  return (
    <form
      class="deeds"
      onSubmit={async (event) => {
        event.preventDefault();
        const told = { player_id: member.player_id, text };
        if (await store.ask("player.report", told)) {
          store.say(t("room.reported"));
          close();
        }
      }}
    >
      <input
        class="grow"
        aria-label={t("room.reportWhy", { name: member.name })}
        placeholder={t("room.reportWhy", { name: member.name })}
        maxLength={500}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="danger">
        {t("room.reportSend")}
      </button>
    </form>
  );
}

function Settings(props: { lobby: LobbyState; form: LobbyForm; isHost: boolean }) {
  const { lobby, form, isHost } = props;
  const { config } = lobby;
  const map = form.maps.find(({ name }) => name === config.map)?.title ?? config.map;
  const rows = form.options.map((field) => {
    const value = config.options[field.name] ?? field.default;
    const shown =
      field.kind === "bool"
        ? t(value ? "room.yes" : "room.no")
        : field.choices.includes(String(value))
          ? choiceOf(form.game, field, String(value))
          : amountOf(form.game, field, String(value));
    return [worded(form.game, field.label), shown] as const;
  });
  const level = named("level", config.bot_level);
  rows.unshift([t("create.map"), map]);
  rows.push([
    t("room.bots"),
    config.bots ? t("room.botsUpTo", { count: config.bots, level }) : t("room.noBots"),
  ]);
  const changeable = isHost && (lobby.phase === "open" || lobby.phase === "results");
  return (
    <Panel title={t("room.match")}>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {isHost && (
        <div class="row">
          <button type="button" disabled={!changeable} onClick={() => store.edit("change")}>
            {t("room.change")}
          </button>
          <button
            type="button"
            onClick={() => void store.ask("lobby.lock", { locked: !lobby.locked })}
          >
            {t(lobby.locked ? "room.unlock" : "room.lock")}
          </button>
        </div>
      )}
    </Panel>
  );
}
