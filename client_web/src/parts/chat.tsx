/** The chat of a screen: channels, lines, and the line that is written. */

import type { Channel, ChatLine, Client } from "gameserver-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../texts/index.js";
import { css, mix } from "../theme.js";
import { Panel, Segments } from "./basic.js";
import { useDraft } from "./draft.js";

const TYPING_MS = 2500;
const INKS = [0x6aa8f5, 0xf07682, 0xf5b142, 0x7ece60, 0xb4a4ff, 0xec84d6, 0x40c4bb];

/** A steady colour of a name. */
export function inkOf(name: string): string {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) >>> 0;
  return css(mix(INKS[sum % INKS.length]!, 0xffffff, 0.1));
}

export function ChatPanel({ client, channels }: { client: Client; channels: Channel[] }) {
  const [chosen, choose] = useState<Channel>(channels[0]!);
  const channel = channels.includes(chosen) ? chosen : channels[0]!;
  const { draft, write, send } = useDraft(client);
  const told = useRef(0);
  const end = useRef<HTMLDivElement>(null);
  const lines = client.chat.lines(channel);
  const newest = lines.at(-1)?.message_id;
  useEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [newest, channel]);
  const typing = client.chat.typing(channel, client.now());
  return (
    <Panel title={t("chat.title")} class="chat">
      {channels.length > 1 && (
        <Segments
          label={t("chat.title")}
          choices={channels.map((each) => [each, t(`chat.${each}`)] as const)}
          chosen={channel}
          choose={choose}
        />
      )}
      <div class="lines" ref={end} role="log">
        {lines.length === 0 && <p class="muted">{t("chat.nothing")}</p>}
        {lines.map((line) => (
          <Line key={line.message_id} line={line} me={client.playerId} />
        ))}
      </div>
      <p class="typing">{typing.length > 0 && t("chat.typing", { names: typing.join(", ") })}</p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const sent = messageOf(channel, draft);
          if (sent) void send(sent);
        }}
      >
        <input
          class="grow"
          name="say"
          aria-label={t("chat.say")}
          placeholder={channel === "whisper" ? t("chat.whisperHelp") : t("chat.say")}
          maxLength={client.limits?.chat_chars ?? 300}
          autocomplete="off"
          value={draft}
          onInput={(event) => {
            write(event.currentTarget.value);
            if (channel === "whisper" || Date.now() - told.current < TYPING_MS) return;
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

export function Line({ line, me }: { line: ChatLine; me: string }) {
  const time = new Date(line.at_ms).toTimeString().slice(0, 5);
  if (!line.sender) return <p class="line server">{line.text}</p>;
  const other = line.sender === me ? line.recipient_name : "";
  return (
    <p class="line">
      <time>{time}</time>
      <b style={{ color: inkOf(line.sender_name) }}>
        <bdi>{line.sender_name}</bdi>
        {other && <small> {t("chat.to", { name: other })}</small>}
      </b>
      <span dir="auto">{line.text}</span>
    </p>
  );
}

/** What is sent for a text: `/w name text` whispers, in any channel. */
export function messageOf(channel: Channel, draft: string) {
  const text = draft.trim();
  const whisper = /^\/w\s+("[^"]+"|\S+)\s+(.+)$/.exec(text);
  if (whisper) {
    const recipient_name = whisper[1]!.replace(/^"|"$/g, "");
    return { channel: "whisper" as const, recipient_name, text: whisper[2]! };
  }
  return text && channel !== "whisper" ? { channel, text } : null;
}
