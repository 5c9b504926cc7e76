/**
 * What a written line asks for.
 *
 * Law: a line that begins with a slash is a command and is never said to others. One that is wrong
 * sends nothing and stays in its field, with a hint.
 */

import type { Channel, ChatLine, Client, Requests } from "gameserver-client";
import { t } from "../texts/index.js";

export type Sent = Requests["chat.send"]["params"];

/** The other end of a whisper. */
export interface Other {
  id: string;
  name: string;
}

/** `/w name text`, or with the name in quotes; phones write curly ones. */
const WHISPER = /^\/w\s+(?:["“”„](.+?)["“”„]\s+|([^\s"“”„]\S*)\s+)(\S.*)$/i;
/** A name that needs no quotes. */
const PLAIN = /^[^\s"“”„]\S*$/;

/** How a whisper to a player begins. */
export function whisperTo(name: string): string {
  return `/w ${PLAIN.test(name) ? name : `"${name}"`} `;
}

/** With whom the last whisper was exchanged. */
export function lastOther(client: Client): Other | null {
  const line: ChatLine | undefined = client.chat.lines("whisper").at(-1);
  if (!line) return null;
  return line.sender === client.playerId
    ? { id: line.recipient, name: line.recipient_name }
    : { id: line.sender, name: line.sender_name };
}

/** Return what is sent for a text, or why nothing is; `answered` is whom plain whispers go to. */
export function messageOf(channel: Channel, draft: string, answered: Other | null): Sent | string {
  const text = draft.trim();
  const [, quoted, plain, said] = WHISPER.exec(text) ?? [];
  if (said) return { channel: "whisper", recipient_name: (quoted ?? plain)!, text: said };
  if (/^\/w(\s|$)/i.test(text)) return t("chat.whisperHow");
  if (text.startsWith("/")) return t("chat.noCommand", { command: text.split(/\s/)[0]! });
  if (channel !== "whisper") return { channel, text };
  return answered ? { channel, recipient: answered.id, text } : t("chat.whisperHow");
}
