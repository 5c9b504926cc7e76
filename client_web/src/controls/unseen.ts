/**
 * Play on while the page is not seen: a browser draws nothing then, so the loops that draw stand still.
 *
 * Law: nothing is held by somebody who does not look.
 */

import type { Client, Command, Match } from "gameserver-client";

/** Milliseconds between two ticks of a page that is not seen; browsers make it a second. */
const HIDDEN_MS = 250;

/** Play until the signal is aborted; `command` returns what is held, nothing while it is hidden. */
export function playUnseen(
  client: Client,
  match: Match,
  command: () => Command,
  signal: AbortSignal,
): void {
  const play = () => {
    if (!document.hidden) return;
    if (match.seat >= 0) match.hold(command());
    match.advance(client.now());
  };
  document.addEventListener("visibilitychange", play, { signal });
  const timer = setInterval(play, HIDDEN_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}
