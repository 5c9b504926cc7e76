/**
 * The chat as one client knows it: lines by channel, typing notices, muted players.
 *
 * Law: everything is bounded. Each line is kept once, in the order of its number, whether it came
 * live, in a history, or in the replay after a resume.
 */

import type { Channel, ChatLine, ChatTyping } from "./wire/tables.js";

const KEPT_LINES = 200;
const TYPING_S = 4;

export class ChatBook {
  /** Players whose lines are hidden. */
  readonly muted: ReadonlySet<string> = new Set();
  private readonly kept = new Map<Channel, ChatLine[]>();
  private readonly typers = new Map<
    string,
    { channel: Channel; sender: string; name: string; until: number }
  >();
  private readonly delivered = new Set<number>();

  /** Return the channel's lines, oldest first, without those of muted players. */
  lines(channel: Channel): ChatLine[] {
    return (this.kept.get(channel) ?? []).filter((line) => !this.muted.has(line.sender));
  }

  /** Return the names of the players who are typing in a channel; `now` as of `Client.now`. */
  typing(channel: Channel, now: number): string[] {
    for (const [key, typer] of this.typers) if (typer.until <= now) this.typers.delete(key);
    return [...this.typers.values()]
      .filter((typer) => typer.channel === channel && !this.muted.has(typer.sender))
      .map((typer) => typer.name);
  }

  /** Tell whether a whisper is known to have reached its recipient. */
  isDelivered(messageId: number): boolean {
    return this.delivered.has(messageId);
  }

  /** Insert a line at its place; one that is known already changes nothing. */
  add(line: ChatLine): void {
    const lines = this.kept.get(line.channel) ?? [];
    this.kept.set(line.channel, lines);
    let at = lines.length;
    while (at > 0 && lines[at - 1]!.message_id > line.message_id) at -= 1;
    if (at > 0 && lines[at - 1]!.message_id === line.message_id) return;
    lines.splice(at, 0, line);
    lines.splice(0, lines.length - KEPT_LINES);
    this.typers.delete(typerKey(line.channel, line.sender));
  }

  clear(...channels: Channel[]): void {
    for (const channel of channels) this.kept.delete(channel);
    for (const [key, typer] of this.typers) {
      if (channels.includes(typer.channel)) this.typers.delete(key);
    }
  }

  deliver(messageId: number): void {
    this.delivered.add(messageId);
    for (const oldest of this.delivered) {
      if (this.delivered.size <= KEPT_LINES) break;
      this.delivered.delete(oldest);
    }
  }

  noteTyping({ channel, sender, sender_name: name }: ChatTyping, now: number): void {
    this.typers.set(typerKey(channel, sender), { channel, sender, name, until: now + TYPING_S });
  }

  mute(playerId: string, muted: boolean): void {
    const changed = this.muted as Set<string>;
    if (muted) changed.add(playerId);
    else changed.delete(playerId);
  }
}

function typerKey(channel: Channel, sender: string): string {
  return `${channel} ${sender}`;
}
