/**
 * Which lines of the chat were shown already, and word of a whisper that nobody could see.
 *
 * Law: a line counts as read once a tab has shown it; that outlives screens, and for whispers a reload.
 */

import type { Channel, Client } from "gameserver-client";
import { useEffect } from "preact/hooks";
import { store } from "../store.js";
import { t } from "../texts/index.js";

/** The number of the newest whisper that was read, behind the player's id. */
const READ = "gameserver.read";
/** As much of a whisper as a toast has room for. */
const TOAST_CHARS = 120;

/** By player and channel: the number of the newest line that was shown. */
const shown = new Map<string, number>();

function readUpTo(client: Client, channel: Channel): number {
  const known = shown.get(`${client.playerId} ${channel}`);
  if (known !== undefined || channel !== "whisper") return known ?? 0;
  const [player, id] = (sessionStorage.getItem(READ) ?? "").split(" ");
  return player === client.playerId ? Number(id) : 0;
}

/** Note that all lines of a channel are shown now. */
export function read(client: Client, channel: Channel): void {
  const newest = client.chat.lines(channel).at(-1)?.message_id ?? 0;
  if (newest <= readUpTo(client, channel)) return;
  shown.set(`${client.playerId} ${channel}`, newest);
  if (channel === "whisper") sessionStorage.setItem(READ, `${client.playerId} ${newest}`);
}

/** How many lines of others in a channel were not shown yet. */
export function unread(client: Client, channel: Channel): number {
  const upTo = readUpTo(client, channel);
  const lines = client.chat.lines(channel);
  return lines.filter(
    ({ message_id, sender }) => message_id > upTo && sender && sender !== client.playerId,
  ).length;
}

/** Show a whisper as a toast where no chat is in sight, such as a phone that is scrolled up. */
export function useWhisperToasts(client: Client | null): void {
  useEffect(
    () =>
      client?.on("chat.said", ({ line }) => {
        if (line.channel !== "whisper" || line.sender === client.playerId) return;
        if (client.chat.muted.has(line.sender) || chatInSight()) return;
        const text = [...line.text];
        const some =
          text.length > TOAST_CHARS ? `${text.slice(0, TOAST_CHARS).join("")}…` : line.text;
        store.say(t("chat.whispered", { name: line.sender_name, text: some }));
      }),
    [client],
  );
}

/** Whether the end of a chat can be seen: that of a match always can. */
function chatInSight(): boolean {
  if (document.querySelector(".match-chat")) return true;
  const end = document.querySelector(".chat .lines")?.getBoundingClientRect().bottom;
  return end !== undefined && end > 0 && end <= innerHeight;
}
