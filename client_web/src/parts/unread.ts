/**
 * Which lines of the chat were shown already, and word of a whisper that nobody could see.
 *
 * Law: a line counts as read once it was shown, in its own tab, between the lines of another, or over
 * a match; that outlives screens, and for whispers a reload.
 */

import type { Channel, ChatLine, Client } from "gameserver-client";
import { useEffect } from "preact/hooks";
import { store } from "../store.js";
import { t } from "../texts/index.js";

/** The numbers of the whispers that were read, behind the player's id. */
const READ = "gameserver.read";
/** More lines than a client keeps of all channels. */
const KEPT = 1000;
/** As much of a whisper as a toast has room for. */
const TOAST_CHARS = 120;

/** The numbers of the lines that were shown to a player, the newest ones last. */
let shown = new Set<number>();
let shownTo = "";

function shownTill(client: Client): Set<number> {
  if (shownTo !== client.playerId) {
    const [player, ids = ""] = (sessionStorage.getItem(READ) ?? "").split(" ");
    shownTo = client.playerId;
    shown = new Set(player === shownTo && ids ? ids.split(",").map(Number) : []);
  }
  return shown;
}

/** Note that these lines are shown now. */
export function read(client: Client, lines: readonly ChatLine[]): void {
  const known = shownTill(client);
  const fresh = lines.filter(({ message_id }) => !known.has(message_id));
  for (const { message_id } of fresh) known.add(message_id);
  for (const oldest of known) {
    if (known.size <= KEPT) break;
    known.delete(oldest);
  }
  if (!fresh.some(({ channel }) => channel === "whisper")) return;
  const whispers = client.chat.lines("whisper").map(({ message_id }) => message_id);
  const ids = whispers.filter((each) => known.has(each));
  sessionStorage.setItem(READ, `${client.playerId} ${ids.join(",")}`);
}

/** How many lines of others in a channel were not shown yet. */
export function unread(client: Client, channel: Channel): number {
  const known = shownTill(client);
  return client.chat
    .lines(channel)
    .filter(
      ({ message_id, sender }) => sender && sender !== client.playerId && !known.has(message_id),
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
