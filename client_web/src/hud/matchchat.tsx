/** Chat over the field: the newest lines, and the line that is written. */

import type { Channel, ChatLine, Client } from "gameserver-client";
import { useEffect, useState } from "preact/hooks";
import { inkOf, toldIn, WhisperMark } from "../parts/chat.js";
import { useDraft } from "../parts/draft.js";
import { read } from "../parts/unread.js";
import { t } from "../texts/index.js";

const SHOWN = 6;
/** Lines fade after so many milliseconds, unless something is written. */
const FADE_MS = 12_000;

export function MatchChat(props: {
  client: Client;
  teams: boolean;
  open: boolean;
  close: () => void;
}) {
  const { client, teams, open, close } = props;
  const { draft, why, field, write, submit } = useDraft(client);
  const [channel, setChannel] = useState<Channel>("lobby");
  useEffect(() => {
    if (open) field.current?.focus();
  }, [open, field]);
  const lines = newest(client, open);
  useEffect(() => read(client, lines));
  return (
    <div class={`match-chat ${open ? "open" : ""}`}>
      <div class="said" role="log">
        {lines.map((line) => (
          <p key={line.message_id} class={line.sender ? line.channel : "server"}>
            {line.sender && (
              <b style={{ color: inkOf(client, line) }}>
                {line.channel === "team" && `[${t("chat.team")}] `}
                <bdi>{line.sender_name}</bdi>
              </b>
            )}{" "}
            <WhisperMark line={line} me={client.playerId} />
            {line.sender ? <span dir="auto">{line.text}</span> : toldIn(line)}
          </p>
        ))}
      </div>
      {open && why && <p class="warn refused">{why}</p>}
      {open && (
        <form
          class="glass row"
          onSubmit={(event) => {
            event.preventDefault();
            if (submit(channel)) close();
          }}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") close();
          }}
        >
          {teams && (
            <button
              type="button"
              class="small"
              onClick={() => {
                setChannel(channel === "team" ? "lobby" : "team");
                field.current?.focus();
              }}
            >
              {t(channel === "team" ? "chat.team" : "chat.lobby")}
            </button>
          )}
          <input
            ref={field}
            class="grow"
            name="say"
            aria-label={t("chat.say")}
            placeholder={t("chat.say")}
            maxLength={client.limits?.chat_chars ?? 300}
            autocomplete="off"
            value={draft}
            onInput={(event) => write(event.currentTarget.value)}
          />
        </form>
      )}
    </div>
  );
}

function newest(client: Client, open: boolean): ChatLine[] {
  const channels: Channel[] = ["lobby", "team", "whisper"];
  const all = channels.flatMap((each) => client.chat.lines(each).slice(-SHOWN));
  all.sort((a, b) => a.message_id - b.message_id);
  const since = Date.now() - FADE_MS;
  return all.slice(-SHOWN).filter(({ at_ms }) => open || at_ms > since);
}
