/** The chat of a screen: channels, lines, and the line that is written. */

import type { Channel, ChatLine, Client } from "gameserver-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { useClock } from "../store.js";
import { apart } from "../texts/apart.js";
import { isText, t } from "../texts/index.js";
import { css, fighterColour, mix } from "../theme.js";
import { Panel, Segments } from "./basic.js";
import { useDraft } from "./draft.js";
import { read, unread } from "./unread.js";

const TYPING_MS = 2500;
const CHANNELS: readonly Channel[] = ["global", "lobby", "team", "whisper"];
const INKS = [0x6aa8f5, 0xf07682, 0xf5b142, 0x7ece60, 0xb4a4ff, 0xec84d6, 0x40c4bb];

/** The colour of a line's sender: in a lobby that of the match, elsewhere a steady one of the name. */
export function inkOf({ lobby }: Client, { sender, sender_name: name }: ChatLine): string {
  const member = lobby?.members.find(({ player_id }) => player_id === sender);
  if (member) return member.seat < 0 ? "inherit" : css(fighterColour(member.team, member.seat));
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) >>> 0;
  return css(mix(INKS[sum % INKS.length]!, 0xffffff, 0.1));
}

export function ChatPanel({ client, channels }: { client: Client; channels: Channel[] }) {
  const [chosen, choose] = useState<Channel>(channels[0]!);
  const channel = channels.includes(chosen) ? chosen : channels[0]!;
  const { draft, field, answered, write, submit } = useDraft(client);
  const told = useRef(0);
  const end = useRef<HTMLDivElement>(null);
  const since = useRef(newestOf(client));
  const lines = linesOf(client, channel, since.current);
  const newest = lines.at(-1)?.message_id;
  read(client, lines); // before the counts of the other tabs are made
  useEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [client, newest, channel]);
  return (
    <Panel title={t("chat.title")} class="chat">
      {channels.length > 1 && (
        <Segments
          label={t("chat.title")}
          choices={channels.map((each) => [each, t(`chat.${each}`)] as const)}
          count={(each) => (each === channel ? 0 : unread(client, each))}
          chosen={channel}
          choose={choose}
        />
      )}
      <div class="lines" ref={end} role="log">
        {lines.length === 0 && <p class="muted">{t("chat.nothing")}</p>}
        {lines.map((line) => (
          <Line key={line.message_id} client={client} line={line} />
        ))}
      </div>
      <Typing client={client} channel={channel} />
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          told.current = 0; // the line ends what was told; the next one begins anew
          submit(channel);
        }}
      >
        {channel === "whisper" && answered && !draft.startsWith("/") && (
          <small class="to mark-whisper">{t("chat.to", { name: answered.name })}</small>
        )}
        <input
          ref={field}
          class="grow"
          name="say"
          aria-label={t("chat.say")}
          placeholder={channel === "whisper" && !answered ? t("chat.whisperHelp") : t("chat.say")}
          maxLength={client.limits?.chat_chars ?? 300}
          autocomplete="off"
          value={draft}
          onInput={(event) => {
            write(event.currentTarget.value);
            const whispers = channel === "whisper" || event.currentTarget.value.startsWith("/");
            if (whispers || Date.now() - told.current < TYPING_MS) return;
            told.current = Date.now();
            client.request("chat.typing", { channel }).catch(() => {}); // of no weight
          }}
        />
        <button type="submit" disabled={!draft.trim()}>
          {t("chat.send")}
        </button>
      </form>
    </Panel>
  );
}

/** Names of those who type; drawn again by itself, since the end of a notice is no event. */
function Typing({ client, channel }: { client: Client; channel: Channel }) {
  useClock(500);
  const names = client.chat.typing(channel, client.now());
  return (
    <p class="typing">
      {names.length > 0 && t("chat.typing", { names: names.map(apart).join(", ") })}
    </p>
  );
}

/** The lines of a channel, and between them the whispers since it is open. */
function linesOf(client: Client, channel: Channel, since: number): ChatLine[] {
  const lines = client.chat.lines(channel);
  if (channel === "whisper") return lines;
  const first = Math.min(lines[0]?.message_id ?? since + 1, since + 1);
  const whispers = client.chat.lines("whisper").filter(({ message_id }) => message_id >= first);
  return whispers.length
    ? [...lines, ...whispers].sort((a, b) => a.message_id - b.message_id)
    : lines;
}

/** The number of the newest line that the client knows. */
function newestOf(client: Client): number {
  const ids = CHANNELS.map((each) => client.chat.lines(each).at(-1)?.message_id ?? 0);
  return Math.max(...ids);
}

function Line({ client, line }: { client: Client; line: ChatLine }) {
  const time = new Date(line.at_ms).toTimeString().slice(0, 5);
  if (!line.sender) return <p class="line server">{toldIn(line)}</p>;
  return (
    <p class={`line ${line.channel}`}>
      <time>{time}</time>{" "}
      <b style={{ color: inkOf(client, line) }}>
        <bdi>{line.sender_name}</bdi>
      </b>{" "}
      <WhisperMark line={line} me={client.playerId} /> <span dir="auto">{line.text}</span>
    </p>
  );
}

/** What a line of the server tells, in the player's language; its own text if that is unknown. */
export function toldIn({ told, about, text }: ChatLine): string {
  const [name = "", now = ""] = about;
  const key = `told.${told}`;
  return isText(key) ? t(key, { name, now }) : text;
}

/** Tells a whisper from what all can read, and to whom the own one went. */
export function WhisperMark({ line, me }: { line: ChatLine; me: string }) {
  if (line.channel !== "whisper") return null;
  const own = line.sender === me;
  return (
    <small class="mark-whisper">
      {own ? t("chat.whisperedTo", { name: line.recipient_name }) : t("chat.whispers")}
    </small>
  );
}
