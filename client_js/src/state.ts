/**
 * The client's copy of lobby and chat, updated from events, notices and answers.
 *
 * Law: the newest state of the server counts. A lobby state with a lower revision than the known one
 * is dropped, and so is the content of an answer that is older than the applied events.
 */

import { ChatBook } from "./chatbook.js";
import type { AnswerAge } from "./session.js";
import type { EventName, NoticeName, RequestName } from "./wire/codec.js";
import type { Events, LobbyList, LobbyState, Notices, Requests, Welcome } from "./wire/tables.js";

/** A message with its name, so that a switch over the name knows the fields. */
export type Named<T> = { [N in keyof T & string]: { name: N; fields: T[N] } }[keyof T & string];

export class ClientState {
  readonly chat = new ChatBook();
  lobby: LobbyState | null = null;
  lobbyList: LobbyList | null = null;
  /** Whether a watch has sent a list of lobbies over this connection. */
  private listed = false;

  constructor(public playerName: string) {}

  welcomed(welcome: Welcome): void {
    this.playerName = welcome.player_name;
    this.listed = false;
  }

  /** Clear lobby, lists and chat: the session that they belonged to is gone. */
  forget(): void {
    this.leaveLobby();
    this.lobbyList = null;
    this.chat.clear("whisper", "global");
  }

  applyEvent(name: EventName, fields: Events[EventName]): void {
    const event = { name, fields } as Named<Events>;
    switch (event.name) {
      case "lobby.changed":
        return this.enterLobby(event.fields.lobby);
      case "lobby.left":
        if (this.lobby?.lobby_id === event.fields.lobby_id) this.leaveLobby();
        return;
      case "session.renamed":
        this.playerName = event.fields.player_name;
        return;
      case "chat.said":
        return this.chat.add(event.fields.line);
      case "chat.delivered":
        return this.chat.deliver(event.fields.message_id);
    }
  }

  applyNotice(name: NoticeName, fields: Notices[NoticeName], now: number): void {
    const notice = { name, fields } as Named<Notices>;
    switch (notice.name) {
      case "lobby.listed":
        this.lobbyList = notice.fields;
        this.listed = true;
        return;
      case "chat.typing":
        return this.chat.noteTyping(notice.fields, now);
      case "session.presence": {
        if (!this.lobby) return;
        const { player_id, connected, stalled } = notice.fields;
        const members = this.lobby.members.map((member) =>
          member.player_id === player_id ? { ...member, connected, stalled } : member,
        );
        this.lobby = { ...this.lobby, members };
        return;
      }
    }
  }

  /** Apply the result of one of the client's own requests. */
  applyResult(name: RequestName, params: unknown, result: unknown, age: AnswerAge): void {
    switch (name) {
      case "lobby.create":
      case "lobby.join":
      case "lobby.quick_play":
        if (age !== "old") this.enterLobby((result as { lobby: LobbyState }).lobby);
        return;
      case "session.rename":
        if (age !== "old") this.playerName = (result as { player_name: string }).player_name;
        return;
      case "lobby.list":
      case "lobby.watch":
        if (age === "new" || !this.listed) this.lobbyList = result as LobbyList;
        return;
      case "chat.history":
        for (const line of (result as Requests["chat.history"]["result"]).lines)
          this.chat.add(line);
        return;
      case "chat.mute": {
        const { player_id, muted } = params as Requests["chat.mute"]["params"];
        return this.chat.mute(player_id, muted);
      }
    }
  }

  private enterLobby(state: LobbyState): void {
    const known = this.lobby;
    if (known?.lobby_id === state.lobby_id) {
      if (state.revision < known.revision) return;
    } else if (known) {
      this.leaveLobby();
    }
    this.lobby = state;
  }

  private leaveLobby(): void {
    this.lobby = null;
    this.chat.clear("lobby", "team");
  }
}
