/** What a client knows, for the application to read. */

import type { ChatBook } from "./chatbook.js";
import type { Conversation } from "./conversation.js";
import { Emitter } from "./emitter.js";
import { type Stall, stallOf, type Trouble, troubleOf, wordsOf } from "./health.js";
import type { Conditions } from "./links/conditions.js";
import type { Road } from "./links/link.js";
import type { Match } from "./play/match.js";
import type { Roads } from "./roads.js";
import type { Happenings } from "./settings.js";
import type { Limits, LobbyList, LobbyState } from "./wire/tables.js";

export abstract class ClientView extends Emitter<Happenings> {
  /** Connections made after the first one. */
  reconnects = 0;
  protected abstract readonly talk: Conversation;
  protected abstract readonly roads: Roads;

  /** This player's public id; empty before the first welcome. */
  get playerId(): string {
    return this.talk.session.playerId;
  }

  /** This player's name, as the server accepted it. */
  get playerName(): string {
    return this.talk.state.playerName;
  }

  /** The newest resume token: a later run can resume this session with it. A secret. */
  get token(): Uint8Array {
    return this.talk.session.token;
  }

  /** The server's limits for requests and texts; null before the first welcome. */
  get limits(): Limits | null {
    return this.talk.welcome?.limits ?? null;
  }

  /** The server's name for itself. */
  get server(): string {
    return this.talk.welcome?.server ?? "";
  }

  /** Name of the game that the server plays. */
  get game(): string {
    return this.talk.welcome?.game ?? "";
  }

  /** The newest state of this player's lobby; null outside a lobby. */
  get lobby(): LobbyState | null {
    return this.talk.state.lobby;
  }

  /** The newest list of lobbies, from a request or from a watch. */
  get lobbyList(): LobbyList | null {
    return this.talk.state.lobbyList;
  }

  /** Chat lines, typing notices and muted players. */
  get chat(): ChatBook {
    return this.talk.state.chat;
  }

  /** The match that this player is in; see the happening `match`. */
  get match(): Match | null {
    return this.talk.matches.match;
  }

  /** Name of the road in use; null before the first connection. */
  get road(): Road | null {
    return this.roads.current;
  }

  /** Smallest of the last round trips, in seconds; null before the first measurement. */
  get rttS(): number | null {
    return this.talk.rttS;
  }

  /** In a match: seconds since the last message from the server. Elsewhere 0. */
  get silentS(): number {
    return this.talk.silentS;
  }

  /** In a match: how long nothing has come, in the steps that a player is shown. */
  get stall(): Stall {
    const { match } = this;
    if (!match) return "none";
    return stallOf(this.silentS, match.started.snapshot_every / match.started.tick_rate);
  }

  /** In a match: what is wrong with a connection on which everything arrives. */
  get trouble(): Trouble {
    return this.match ? troubleOf(this.rttS ?? 0, this.match.jitterS) : "none";
  }

  /** `trouble` in one sentence for the player; empty without trouble. */
  get troubleSentence(): string {
    return wordsOf(this.trouble, this.rttS ?? 0, this.match?.jitterS ?? 0);
  }

  /** Simulated conditions of the connection; what is set holds from the next message on. */
  get conditions(): Conditions {
    return this.roads.conditions;
  }

  set conditions(conditions: Conditions) {
    this.roads.conditions = conditions;
  }

  /** Bytes of messages received over all connections so far. */
  get bytesIn(): number {
    return this.talk.bytesIn;
  }

  /** Bytes of messages sent over all connections so far. */
  get bytesOut(): number {
    return this.talk.bytesOut;
  }
}
