// Made by script/make-vectors from the message classes of the server. Do not edit.

export const PROTOCOL_VERSION = 2;
export const PROTOCOL_MINOR = 1;
export const SUBPROTOCOL = "gameserver.v1";

/** First element of every message. */
export const KIND = {
  input: 1,
  snapshot: 2,
  steer: 3,
  ping: 4,
  pong: 5,
  seen: 6,
  shift: 7,
  hello: 16,
  welcome: 17,
  request: 18,
  result: 19,
  refusal: 20,
  event: 21,
  ack: 22,
  notice: 23,
  goodbye: 24,
} as const;

/** The limits of docs/protocol.md, section 8, that are about messages. */
export const LIMITS = {
  client_message_bytes: 4096,
  server_message_bytes: 1048576,
  objects_per_message: 32,
  client_depth: 8,
  server_depth: 16,
  client_items: 64,
  server_items: 65536,
  name_chars: 64,
  input_fields: 32,
  integer: 9007199254740992,
  tick: 2147483648,
  view: 32768,
  hello_s: 5.0,
  life_per_s: 2.0,
  life_burst: 20,
  messages_per_s: 40.0,
  messages_burst: 120,
  inputs_per_s: 240.0,
  inputs_burst: 2400,
} as const;

/** Recipients of a line. */
export type Channel =
  | "global"
  | "lobby"
  | "team"
  | "whisper";

/** Stable error codes of protocol version 1; meanings are listed in `docs/protocol.md`. */
export type Code =
  | "bad_message"
  | "too_large"
  | "unknown_request"
  | "bad_params"
  | "version_unsupported"
  | "hello_expected"
  | "rate_limited"
  | "server_full"
  | "server_busy"
  | "server_stopping"
  | "forbidden"
  | "internal"
  | "session.token_unknown"
  | "session.replaced"
  | "session.name_refused"
  | "session.kicked"
  | "session.banned"
  | "lobby.unknown"
  | "lobby.full"
  | "lobby.locked"
  | "lobby.limit"
  | "lobby.already_in"
  | "lobby.not_in"
  | "lobby.wrong_password"
  | "lobby.banned"
  | "lobby.not_host"
  | "lobby.wrong_phase"
  | "lobby.seat_taken"
  | "lobby.bad_options"
  | "lobby.not_ready"
  | "player.unknown"
  | "match.unknown"
  | "match.running"
  | "match.not_kept"
  | "match.not_recorded"
  | "namespace.unknown"
  | "namespace.not_in"
  | "namespace.no_handler"
  | "namespace.timed_out"
  | "chat.muted"
  | "chat.too_long"
  | "chat.empty"
  | "chat.no_channel"
  | "chat.repeated";

/** How a form field is shown and checked. */
export type FieldKind =
  | "int"
  | "choice"
  | "bool"
  | "text";

/** State of a lobby; after RESULTS it is OPEN again. */
export type Phase =
  | "open"
  | "countdown"
  | "in_match"
  | "results";

/** Whether a lobby is listed, and what is needed to enter it. */
export type Visibility =
  | "public"
  | "unlisted"
  | "password";

/** A whisper reached its recipient's client. */
export interface ChatDelivered {
  message_id: number;
  recipient: string;
}

/** The last lines of a channel, oldest first; at most 50. */
export interface ChatHistory {
  lines: ChatLine[];
}

/** One line, equal for all recipients. */
export interface ChatLine {
  message_id: number;
  channel: Channel;
  /** Empty for the server's own lines (joined, left, kicked). */
  sender: string;
  sender_name: string;
  text: string;
  /** Unix time in milliseconds. */
  at_ms: number;
  /** Set on whispers. */
  recipient: string;
  recipient_name: string;
  team: number;
  /** On the server's own lines what they tell, for translation: `joined`, `left`, `kicked`, `banned`, `expired`, `closed`, `host`, `muted`, `unmuted`, `renamed`. */
  told: string;
  /** On the server's own lines the names in the text: one; of `renamed` the old and the new. */
  about: string[];
}

/** A line was sent in a channel that the player may read. */
export interface ChatSaid {
  line: ChatLine;
}

/** The server accepted the line and gave it this id and time. */
export interface ChatSent {
  message_id: number;
  at_ms: number;
}

/** A player is typing in a channel. */
export interface ChatTyping {
  channel: Channel;
  sender: string;
  sender_name: string;
}

/** A report was taken. */
export interface DesyncNoted {
  /** Most bytes that the server takes of what the client had of the section, by `match.view`; 0 if it wants nothing. */
  view_bytes: number;
}

/** The ack: what the event's handler returned. */
export interface EmitAnswered {
  args: unknown[];
}

/** An event of a namespace. */
export interface Emitted {
  namespace: string;
  event: string;
  args: unknown[];
  ack: number;
}

/** A volatile event of a namespace: it may be missing, and only the newest one counts. */
export interface EmittedLatest {
  namespace: string;
  event: string;
  args: unknown[];
}

/** One field of a form, as clients receive it. */
export interface FormField {
  name: string;
  kind: FieldKind;
  label: string;
  default: number | boolean | string;
  help: string;
  lo: number | null;
  hi: number | null;
  step: number;
  unit: string;
  choices: string[];
  choice_labels: string[];
}

/** Statistics of one game, or of all games.  Totals are since the server's start. Spreads are of the last 10 to 20 seconds; those that end in `_ever` are since the start. */
export interface GameStats {
  /** Name of the game; empty for all games. */
  game: string;
  matches: number;
  /** Seats in play, bots included. */
  seats: number;
  bots: number;
  /** Players and spectators that receive snapshots. */
  viewers: number;
  /** Viewers that get no snapshots now, because they do not keep up. */
  congested: number;
  ticks: number;
  /** Length of a tick, the longest one of several games; durations must be shorter. */
  tick_ms: number;
  /** Durations of ticks. */
  duration: Quantiles;
  /** Delays between a tick's due time and its begin. */
  lateness: Quantiles;
  duration_ever: Quantiles;
  lateness_ever: Quantiles;
  /** Ticks that took longer than their period. */
  overruns: number;
  /** Ticks of lost time that were given up: all later ticks came that much later. */
  shed_ticks: number;
  /** Inputs that were applied to the tick they named. */
  inputs: number;
  late_inputs: number;
  /** Ticks without a player's input, in which the last command was repeated. */
  missed_inputs: number;
  malformed: number;
  desyncs: number;
  clamped_views: number;
  snapshot_bytes: number;
  /** Bytes of snapshots per viewer and second, over the last seconds. */
  bytes_per_viewer_s: number;
}

/** The connection is closed after it. */
export interface Goodbye {
  code: string;
  sentence: string;
  /** Seconds to wait before connecting again; nil for "do not" (replaced, banned). */
  retry_after_s: number | null;
}

/** With a token it resumes a session, without it signs in a guest. */
export interface Hello {
  version: number;
  /** Name and version of the program, for logs. */
  client: string;
  player_name: string;
  /** The newest resume token received; 16 bytes. */
  token: Uint8Array;
  /** The last reliable event applied. */
  last_event: number;
}

/** The lobby that the player is in now. */
export interface InLobby {
  lobby: LobbyState;
}

/** Limits for this client. Messages over them are refused; then the connection is closed. */
export interface Limits {
  message_bytes: number;
  requests_per_s: number;
  chat_chars: number;
  name_chars: number;
}

/** The watched list of lobbies after a change: whole and filtered. */
export interface LobbiesListed {
  lobbies: LobbySummary[];
  total: number;
}

/** The player's lobby has changed, or the player has entered it. */
export interface LobbyChanged {
  lobby: LobbyState;
}

/** The configuration that the host chooses.  `options` are the game's own, by name. Options that a request leaves out have their defaults; a server always sends all options. */
export interface LobbyConfig {
  /** Cut after 40 characters; the server chooses a title if it is empty. */
  title: string;
  map: string;
  size: number;
  visibility: Visibility;
  /** Most bots: free seats are filled with them when a match starts; they give way to people. */
  bots: number;
  bot_level: string;
  join_in_progress: boolean;
  spectators: boolean;
  options: Record<string, number | boolean | string>;
}

/** The contents of the form that creates a lobby: choices, bounds and defaults. */
export interface LobbyForm {
  game: string;
  title: string;
  options: FormField[];
  maps: MapChoice[];
  bot_levels: string[];
  min_size: number;
  max_size: number;
  default: LobbyConfig;
  /** Name of the option that is the game's mode; empty in a game without modes. */
  mode: string;
}

/** The player is no longer in the lobby. */
export interface LobbyLeft {
  lobby_id: string;
  /** `left`, `kicked`, `banned`, `expired` (gone too long) or `closed`. */
  reason: string;
}

/** The lobbies that pass a filter, joinable ones first, then by players; at most 200. */
export interface LobbyList {
  lobbies: LobbySummary[];
  /** Number of lobbies that pass the filter; may be larger than the list. */
  total: number;
}

/** The lobby as all of its members see it. */
export interface LobbyState {
  lobby_id: string;
  /** Rises with each change. */
  revision: number;
  phase: Phase;
  host: string;
  config: LobbyConfig;
  invite_code: string;
  locked: boolean;
  /** Number of teams in the mode; 0 without teams. */
  teams: number;
  /** By seat, spectators last. */
  members: Member[];
  /** Seconds left when this was sent, in the phases `countdown` and `results`. */
  countdown_s: number | null;
  match_id: string;
  /** Result of the last match. */
  result: MatchResult | null;
  /** Names of banned players, for the host's list. */
  banned: string[];
}

/** A lobby as the lobby browser lists it. */
export interface LobbySummary {
  lobby_id: string;
  title: string;
  host_name: string;
  phase: Phase;
  map: string;
  /** Value of the option that is the game's mode; empty in a game without modes. */
  mode: string;
  players: number;
  size: number;
  spectators: number;
  password: boolean;
  locked: boolean;
  /** Whether a new player can get a seat now. */
  joinable: boolean;
}

/** One of the server's maps. */
export interface MapChoice {
  name: string;
  title: string;
  /** The game's modes with which it can be played; without modes of the game, the map's own. */
  modes: string[];
  /** Smallest size of a lobby on it, unless the form's `min_size` is larger. */
  min_players: number;
  /** Largest size of a lobby on it, unless the form's `max_size` is smaller. */
  max_players: number;
}

/** A map as the simulation uses it; `docs/protocol.md`, section 4, describes its form. */
export interface MapData {
  data: Record<string, unknown>;
}

/** The match is over; the player is back in the lobby. */
export interface MatchEnded {
  result: MatchResult;
}

/** Snapshots follow, beginning with a keyframe; `tick` is the server's present tick. */
export interface MatchEntered {
  tick: number;
  seat: number;
  /** The `seq` of the session's next input; later ones must rise from it. */
  next_seq: number;
  /** Rises when another process of the server goes on with the match behind an earlier tick: then all that the client knows of the match is void. */
  epoch: number;
  /** By how much later than to players the snapshots come, in seconds: a server may delay what spectators see. The first one comes that much later, too. */
  delay_s: number;
  /** The match stands still, since the server was started again, until all its players are back; for so long at most, in seconds. */
  waits_s: number;
}

/** A reliable game event: its class number in the schema and its fields in order. */
export interface MatchHappened {
  match_id: string;
  tick: number;
  event: number;
  fields: (number | boolean | string)[];
}

/** How a match ended. */
export interface MatchResult {
  match_id: string;
  /** `finished`, `fault` (the game raised an error), `abandoned` (all players left) or `stopped`; if the match could not begin, the error's code, such as `server_busy`. */
  reason: string;
  /** Name of the player or team that won; empty without a winner. */
  winner: string;
  /** Scores of the teams, from team 1 on; empty without teams. */
  team_scores: number[];
  lines: ResultLine[];
  ticks: number;
  message: string;
}

/** A match of the player's lobby is running; `match.enter` asks for its snapshots.  It comes again, for the same match, after the player has taken a seat in it or has become a spectator. */
export interface MatchStarted {
  match_id: string;
  game: string;
  /** The player's own seat; `-1` for a spectator. */
  seat: number;
  players: SeatedPlayer[];
  tick_rate: number;
  /** Ticks from one snapshot to the next while the server is not overloaded. */
  snapshot_every: number;
  map: string;
  map_digest: string;
  options: Record<string, number | boolean | string>;
  /** Key of the random numbers that client and server compute equally. */
  salt: number;
  /** The field tables, see `docs/protocol.md`: they suffice to decode snapshots. */
  schema: Record<string, unknown>;
}

/** Counts of the player's inputs by result; zeros for a spectator. */
export interface MatchStats {
  applied: number;
  /** Inputs that came after their tick had been stepped. */
  late: number;
  /** Ticks stepped without an input, after the first input was applied. */
  missed: number;
  /** Inputs for a tick more than a second ahead. */
  early: number;
  /** Inputs for a tick that had one already, or with a `seq` not above the last one. */
  doubled: number;
  /** Invalid inputs: a wrong number of fields, or a value out of bounds. */
  malformed: number;
}

/** One player or spectator, or a bot in a running match. */
export interface Member {
  /** Empty for a bot. */
  player_id: string;
  name: string;
  /** `-1` for a spectator. */
  seat: number;
  team: number;
  ready: boolean;
  /** Whether the member has a connection; without one the seat is held for the grace time. */
  connected: boolean;
  muted: boolean;
  bot: boolean;
  /** Whether no input has come from the member's seat in the match for about a second. */
  stalled: boolean;
}

/** The player's own name has changed. */
export interface NameChanged {
  player_name: string;
}

/** The session was put out of a namespace. */
export interface NamespaceEnded {
  namespace: string;
  code: string;
  sentence: string;
}

/** The session is in the namespace. */
export interface NamespaceJoined {
  again: boolean;
}

/** Another member of the lobby lost or regained its connection, or stopped sending inputs. */
export interface Presence {
  player_id: string;
  connected: boolean;
  /** Whether no input has come from the member's seat for about a second, although connected. */
  stalled: boolean;
}

/** Percentiles of times in milliseconds, exact to 3 %; zeros without measurements. */
export interface Quantiles {
  count: number;
  p50_ms: number;
  p99_ms: number;
  p999_ms: number;
  max_ms: number;
}

/** The name as it was accepted: cleaned, with a suffix if it clashed. */
export interface Renamed {
  player_name: string;
}

/** A part of the journal of a match, as it lies on the server's disk. */
export interface ReplayPage {
  /** Name of the file; its ending tells whether it is compressed (`.journal.zst`). */
  file: string;
  /** Bytes of the whole file. */
  size: number;
  /** SHA-256 of the whole file, in hexadecimal. */
  digest: string;
  offset: number;
  /** At most 32 KiB from `offset` on; empty at the end. */
  data: Uint8Array;
}

/** One line of a result table, best first. */
export interface ResultLine {
  /** The name at the end of the match; the player may have changed it since. */
  name: string;
  /** Of the player in this seat, also if they have left; empty for a bot. */
  player_id: string;
  seat: number;
  team: number;
  score: number;
  won: boolean;
  stats: Record<string, number>;
  bot: boolean;
}

/** One seat and its player when a match starts; later changes come as lobby states. */
export interface SeatedPlayer {
  seat: number;
  /** Empty for a bot. */
  player_id: string;
  name: string;
  team: number;
  bot: boolean;
}

/** The server's name and game, and how many players it has. */
export interface ServerInfo {
  server: string;
  game: string;
  title: string;
  players: number;
  lobbies: number;
  matches: number;
  uptime_s: number;
  /** The operator's message of the day. */
  message: string;
  /** Whether players may have replays of their matches; servers before 2.1 do not tell. */
  replays: boolean;
}

/** A text of the server for all players, such as that it stops. */
export interface ServerMessage {
  text: string;
  /** Seconds until the server stops; nil if it does not. */
  stops_in_s: number | null;
}

/** Statistics of the server: its event loop, its games, its process. */
export interface ServerStats {
  server: string;
  uptime_s: number;
  connections: number;
  players: number;
  /** Sessions, with and without a connection. */
  sessions: number;
  lobbies: number;
  matches: number;
  matches_started: number;
  /** Level of overload. 0: none; 1, 2: fewer snapshots; 3: no new matches either. */
  strain: number;
  /** One of this many due snapshots is sent. */
  snapshot_stretch: number;
  refuses_matches: boolean;
  /** Share of one processor: 1.0 is all of it. */
  cpu_share: number;
  memory_bytes: number;
  /** Delays between a task's due time and its turn in the event loop. */
  loop_lag: Quantiles;
  /** Pauses of the whole process by the garbage collector. */
  gc_pauses: Quantiles;
  total: GameStats;
  games: GameStats[];
  /** Processor time of one pass of the event loop: how long it makes everything else wait. */
  loop_passes: Quantiles;
  /** Open connections by transport. */
  transports: Record<string, number>;
  /** Connections since the start, by transport. */
  opened: Record<string, number>;
  /** Connections that have ended since the start, by reason: an error code, `goodbye` (of the client), `silent` or `lost`. */
  closed: Record<string, number>;
  /** Members of each namespace of authors, connected or not. */
  namespaces: Record<string, number>;
  /** Rooms with members in each namespace of authors. */
  namespace_rooms: Record<string, number>;
  /** Seconds until the certificate ends, negative if it has; nil if the server does not speak TLS by itself. */
  certificate_left_s: number | null;
}

export interface Welcome {
  version: number;
  server: string;
  player_id: string;
  player_name: string;
  /** The next resume token. The old one is valid until this one's first use or the next ack. */
  token: Uint8Array;
  resumed: boolean;
  /** Rises with each connection of the session; the newest connection owns the session. */
  epoch: number;
  game: string;
  /** Longest pause between two messages; a peer that is silent for twice as long counts as lost. */
  heartbeat_s: number;
  /** How long a seat in a match is held after the connection is lost. */
  resume_grace_s: number;
  limits: Limits;
  /** Smallest unused id of a request, for a client that restarts with an old token. */
  next_request: number;
  /** Minor version of the protocol. */
  minor: number;
  /** Number of the last event; the next one has the number after it. */
  last_event: number;
}

/** Answer an event of the server that asks for an ack; a late one has no effect. */
export interface AckEmittedParams {
  ack: number;
  args?: unknown[];
  namespace?: string;
}

/** Host: remove a member, who may not come back to this lobby. */
export interface BanPlayerParams {
  player_id: string;
}

/** Host: stop the countdown. */
export type CancelStartParams = Record<never, never>;

/** Change team, from 1. Refused if the teams' sizes would then differ by more than one. */
export interface ChooseTeamParams {
  team: number;
}

/** Host: change the configuration, in the phases `open` and `results` only.  It resets everybody's ready state. */
export interface ConfigureLobbyParams {
  config: LobbyConfigParams;
  /** Empty keeps the present password. */
  password?: string;
}

/** Open a lobby; the player becomes its host and gets the first seat. */
export interface CreateLobbyParams {
  config: LobbyConfigParams;
  /** From 1 to 64 characters with the visibility `password`; ignored otherwise. */
  password?: string;
}

/** Send an event to the server's author. */
export interface EmitEventParams {
  namespace: string;
  event: string;
  args?: unknown[];
  ack?: boolean;
}

/** Ask for the match's snapshots; needed again after each resume. */
export interface EnterMatchParams {
  match_id: string;
}

/** Ask for the last lines of a channel that the player may read. */
export interface GetChatHistoryParams {
  channel: Channel;
}

/** Ask for the form that creates a lobby on this server. */
export type GetLobbyFormParams = Record<never, never>;

/** Ask for the map of the player's match. */
export interface GetMapParams {
  match_id: string;
}

/** Ask for the counts of the player's inputs. */
export interface GetMatchStatsParams {
  match_id: string;
}

/** Ask for a part of the journal of a match that is over, in which the player had a seat.  Ask for the next part when one has come: a session has one such request at a time. */
export interface GetReplayParams {
  match_id: string;
  /** Bytes of the file that the client has already. */
  offset?: number;
}

/** Ask for the server's name, game and number of players. */
export type GetServerInfoParams = Record<never, never>;

/** Ask for the server's statistics. May be sent before, and instead of, a hello.  Refused with `forbidden` without the operator's token or, if none is set, from another machine. */
export interface GetServerStatsParams {
  token?: string;
}

/** Enter by id, or by invite code, which an unlisted lobby needs. Spectators take no seat.  A lobby with a password needs it in both cases. */
export interface JoinLobbyParams {
  lobby_id?: string;
  code?: string;
  password?: string;
  spectate?: boolean;
}

/** Enter a namespace of the server's author; the answer comes when it has been decided. */
export interface JoinNamespaceParams {
  namespace: string;
  auth?: unknown;
}

/** Host: remove a member, who may come back. */
export interface KickPlayerParams {
  player_id: string;
}

/** Leave the lobby and its match. */
export type LeaveLobbyParams = Record<never, never>;

/** Leave the running match and wait in the lobby for its end, without seat and snapshots.  A bot takes over the seat, as when a player leaves. After the match the player gets a seat again if one is free. Before that, `lobby.sit` plays on and `match.enter` watches. */
export type LeaveMatchParams = Record<never, never>;

/** Leave a namespace and all of its rooms. */
export interface LeaveNamespaceParams {
  namespace: string;
}

/** List lobbies once. */
export interface ListLobbiesParams {
  filter?: LobbyFilterParams;
}

/** The configuration that the host chooses.  `options` are the game's own, by name. Options that a request leaves out have their defaults; a server always sends all options. */
export interface LobbyConfigParams {
  /** Cut after 40 characters; the server chooses a title if it is empty. */
  title: string;
  map: string;
  size: number;
  visibility?: Visibility;
  /** Most bots: free seats are filled with them when a match starts; they give way to people. */
  bots?: number;
  bot_level?: string;
  join_in_progress?: boolean;
  spectators?: boolean;
  options?: Record<string, number | boolean | string>;
}

/** Filter of the lobby browser; empty fields do not filter. */
export interface LobbyFilterParams {
  /** Part of the title or of the host's name; case is ignored. */
  text?: string;
  mode?: string;
  map?: string;
  /** Whether to list joinable lobbies only. */
  joinable?: boolean;
}

/** Host: close the lobby to new members, or open it again. */
export interface LockLobbyParams {
  locked: boolean;
}

/** Hide a player's lines from oneself, or show them again. */
export interface MuteChatParams {
  player_id: string;
  muted: boolean;
}

/** Host: mute a member's chat for the whole lobby, or unmute it. */
export interface MutePlayerParams {
  player_id: string;
  muted: boolean;
}

/** Enter a suitable public lobby, or open one that starts matches by itself. */
export interface QuickPlayParams {
  mode?: string;
  map?: string;
}

/** In the phase `results`: be ready for the next match.  When all seated people have asked for it, the countdown starts. */
export type RematchParams = Record<never, never>;

/** Change the player's name; `session.name_refused` if it has no letter and no digit.  `chat.muted` while the server's operator has muted the player. */
export interface RenameParams {
  player_name: string;
}

/** Report that a section's checksum is wrong; a keyframe follows. */
export interface ReportDesyncParams {
  match_id: string;
  tick: number;
  section: number;
  expected: number;
  computed: number;
}

/** Report another player to the server's operator, with the chat that the sender can read now.  The reported player is not told. `rate_limited` behind many reports. */
export interface ReportPlayerParams {
  player_id: string;
  /** What happened, in at most 500 characters; more are cut off. */
  text?: string;
}

/** Send a line. The sender receives it, too, as an event like all recipients. */
export interface SendChatParams {
  channel: Channel;
  text: string;
  /** For whispers; either the id or the name must be set. */
  recipient?: string;
  recipient_name?: string;
}

/** Send a part of what the client had of a section whose checksum was wrong.  The whole is msgpack compressed by zlib: an array of `[tick, body]` by rising tick, up to the report's; each body is that of a keyframe of the section. The server keeps it, unread, beside its own world. */
export interface SendViewParams {
  match_id: string;
  /** Bytes sent before; the next part follows when this one was answered. */
  offset: number;
  /** At most 2 KiB, so that the message keeps within its limit. */
  data: Uint8Array;
  last: boolean;
}

/** Set whether the player is ready. When all seated people are, the countdown starts. */
export interface SetReadyParams {
  ready: boolean;
}

/** End the session: its seat is released, and its token becomes invalid.  After the result comes a goodbye with the code `session.token_unknown`. */
export type SignOutParams = Record<never, never>;

/** Host: start the countdown now, also if not all are ready. */
export type StartMatchParams = Record<never, never>;

/** Take a free seat; `-1` gives up the seat and makes the player a spectator. */
export interface TakeSeatParams {
  seat: number;
}

/** Host: make another seated person the host. */
export interface TransferHostParams {
  player_id: string;
}

/** Tell the channel that the player is typing; shown for 4 s, or until a line comes. */
export interface TypingParams {
  channel: Channel;
  recipient?: string;
}

/** Host: lift a ban, by the name in the state's list of bans. */
export interface UnbanPlayerParams {
  player_name: string;
}

/** List lobbies, and send `lobby.listed` after changes, at most two a second, until off. */
export interface WatchLobbiesParams {
  on?: boolean;
  filter?: LobbyFilterParams;
}

/** What each request takes and returns, by name. */
export interface Requests {
  "chat.history": { params: GetChatHistoryParams; result: ChatHistory };
  "chat.mute": { params: MuteChatParams; result: Record<never, never> };
  "chat.send": { params: SendChatParams; result: ChatSent };
  "chat.typing": { params: TypingParams; result: Record<never, never> };
  "lobby.ban": { params: BanPlayerParams; result: Record<never, never> };
  "lobby.cancel": { params: CancelStartParams; result: Record<never, never> };
  "lobby.configure": { params: ConfigureLobbyParams; result: Record<never, never> };
  "lobby.create": { params: CreateLobbyParams; result: InLobby };
  "lobby.form": { params: GetLobbyFormParams; result: LobbyForm };
  "lobby.join": { params: JoinLobbyParams; result: InLobby };
  "lobby.kick": { params: KickPlayerParams; result: Record<never, never> };
  "lobby.leave": { params: LeaveLobbyParams; result: Record<never, never> };
  "lobby.leave_match": { params: LeaveMatchParams; result: Record<never, never> };
  "lobby.list": { params: ListLobbiesParams; result: LobbyList };
  "lobby.lock": { params: LockLobbyParams; result: Record<never, never> };
  "lobby.mute": { params: MutePlayerParams; result: Record<never, never> };
  "lobby.quick_play": { params: QuickPlayParams; result: InLobby };
  "lobby.ready": { params: SetReadyParams; result: Record<never, never> };
  "lobby.rematch": { params: RematchParams; result: Record<never, never> };
  "lobby.sit": { params: TakeSeatParams; result: Record<never, never> };
  "lobby.start": { params: StartMatchParams; result: Record<never, never> };
  "lobby.team": { params: ChooseTeamParams; result: Record<never, never> };
  "lobby.transfer": { params: TransferHostParams; result: Record<never, never> };
  "lobby.unban": { params: UnbanPlayerParams; result: Record<never, never> };
  "lobby.watch": { params: WatchLobbiesParams; result: LobbyList };
  "match.desync": { params: ReportDesyncParams; result: DesyncNoted };
  "match.enter": { params: EnterMatchParams; result: MatchEntered };
  "match.map": { params: GetMapParams; result: MapData };
  "match.replay": { params: GetReplayParams; result: ReplayPage };
  "match.stats": { params: GetMatchStatsParams; result: MatchStats };
  "match.view": { params: SendViewParams; result: Record<never, never> };
  "namespace.ack": { params: AckEmittedParams; result: Record<never, never> };
  "namespace.emit": { params: EmitEventParams; result: EmitAnswered };
  "namespace.join": { params: JoinNamespaceParams; result: NamespaceJoined };
  "namespace.leave": { params: LeaveNamespaceParams; result: Record<never, never> };
  "player.report": { params: ReportPlayerParams; result: Record<never, never> };
  "server.info": { params: GetServerInfoParams; result: ServerInfo };
  "server.stats": { params: GetServerStatsParams; result: ServerStats };
  "session.rename": { params: RenameParams; result: Renamed };
  "session.sign_out": { params: SignOutParams; result: Record<never, never> };
}

/** Reliable events by name. */
export interface Events {
  "chat.delivered": ChatDelivered;
  "chat.said": ChatSaid;
  "lobby.changed": LobbyChanged;
  "lobby.left": LobbyLeft;
  "match.ended": MatchEnded;
  "match.event": MatchHappened;
  "match.started": MatchStarted;
  "namespace.emitted": Emitted;
  "namespace.ended": NamespaceEnded;
  "session.renamed": NameChanged;
}

/** Notices by name. */
export interface Notices {
  "chat.typing": ChatTyping;
  "lobby.listed": LobbiesListed;
  "namespace.latest": EmittedLatest;
  "server.message": ServerMessage;
  "session.presence": Presence;
}

/** A field: its name, its type, and its default if it has one. */
export type FieldRow = readonly [name: string, type: string, standard?: unknown];

export const SHAPES: Readonly<Record<string, readonly FieldRow[]>> = {
  AckEmitted: [["ack", "int"], ["args", "any[]", []], ["namespace", "text", ""]],
  BanPlayer: [["player_id", "text"]],
  CancelStart: [],
  ChatDelivered: [["message_id", "int"], ["recipient", "text"]],
  ChatHistory: [["lines", "ChatLine[]"]],
  ChatLine: [
    ["message_id", "int"],
    ["channel", "Channel"],
    ["sender", "text"],
    ["sender_name", "text"],
    ["text", "text"],
    ["at_ms", "int"],
    ["recipient", "text", ""],
    ["recipient_name", "text", ""],
    ["team", "int", 0],
    ["told", "text", ""],
    ["about", "text[]", []],
  ],
  ChatSaid: [["line", "ChatLine"]],
  ChatSent: [["message_id", "int"], ["at_ms", "int"]],
  ChatTyping: [["channel", "Channel"], ["sender", "text"], ["sender_name", "text"]],
  ChooseTeam: [["team", "int"]],
  ConfigureLobby: [["config", "LobbyConfig"], ["password", "text", ""]],
  CreateLobby: [["config", "LobbyConfig"], ["password", "text", ""]],
  DesyncNoted: [["view_bytes", "int", 0]],
  EmitAnswered: [["args", "any[]", []]],
  EmitEvent: [
    ["namespace", "text"],
    ["event", "text"],
    ["args", "any[]", []],
    ["ack", "bool", false],
  ],
  Emitted: [["namespace", "text"], ["event", "text"], ["args", "any[]", []], ["ack", "int", 0]],
  EmittedLatest: [["namespace", "text"], ["event", "text"], ["args", "any[]", []]],
  EnterMatch: [["match_id", "text"]],
  FormField: [
    ["name", "text"],
    ["kind", "FieldKind"],
    ["label", "text"],
    ["default", "int|bool|text"],
    ["help", "text", ""],
    ["lo", "int?", null],
    ["hi", "int?", null],
    ["step", "int", 1],
    ["unit", "text", ""],
    ["choices", "text[]", []],
    ["choice_labels", "text[]", []],
  ],
  GameStats: [
    ["game", "text"],
    ["matches", "int"],
    ["seats", "int"],
    ["bots", "int"],
    ["viewers", "int"],
    ["congested", "int"],
    ["ticks", "int"],
    ["tick_ms", "number"],
    ["duration", "Quantiles"],
    ["lateness", "Quantiles"],
    ["duration_ever", "Quantiles"],
    ["lateness_ever", "Quantiles"],
    ["overruns", "int"],
    ["shed_ticks", "int"],
    ["inputs", "int"],
    ["late_inputs", "int"],
    ["missed_inputs", "int"],
    ["malformed", "int"],
    ["desyncs", "int"],
    ["clamped_views", "int"],
    ["snapshot_bytes", "int"],
    ["bytes_per_viewer_s", "number"],
  ],
  GetChatHistory: [["channel", "Channel"]],
  GetLobbyForm: [],
  GetMap: [["match_id", "text"]],
  GetMatchStats: [["match_id", "text"]],
  GetReplay: [["match_id", "text"], ["offset", "int", 0]],
  GetServerInfo: [],
  GetServerStats: [["token", "text", ""]],
  Goodbye: [["code", "text"], ["sentence", "text"], ["retry_after_s", "number?", null]],
  Hello: [
    ["version", "int"],
    ["client", "text"],
    ["player_name", "text", ""],
    ["token", "binary", new Uint8Array()],
    ["last_event", "int", 0],
  ],
  InLobby: [["lobby", "LobbyState"]],
  JoinLobby: [
    ["lobby_id", "text", ""],
    ["code", "text", ""],
    ["password", "text", ""],
    ["spectate", "bool", false],
  ],
  JoinNamespace: [["namespace", "text"], ["auth", "any", {}]],
  KickPlayer: [["player_id", "text"]],
  LeaveLobby: [],
  LeaveMatch: [],
  LeaveNamespace: [["namespace", "text"]],
  Limits: [
    ["message_bytes", "int"],
    ["requests_per_s", "number"],
    ["chat_chars", "int"],
    ["name_chars", "int"],
  ],
  ListLobbies: [
    ["filter", "LobbyFilter", {"text": "", "mode": "", "map": "", "joinable": false}],
  ],
  LobbiesListed: [["lobbies", "LobbySummary[]"], ["total", "int"]],
  LobbyChanged: [["lobby", "LobbyState"]],
  LobbyConfig: [
    ["title", "text"],
    ["map", "text"],
    ["size", "int"],
    ["visibility", "Visibility", "public"],
    ["bots", "int", 0],
    ["bot_level", "text", ""],
    ["join_in_progress", "bool", true],
    ["spectators", "bool", true],
    ["options", "{int|bool|text}", {}],
  ],
  LobbyFilter: [
    ["text", "text", ""],
    ["mode", "text", ""],
    ["map", "text", ""],
    ["joinable", "bool", false],
  ],
  LobbyForm: [
    ["game", "text"],
    ["title", "text"],
    ["options", "FormField[]"],
    ["maps", "MapChoice[]"],
    ["bot_levels", "text[]"],
    ["min_size", "int"],
    ["max_size", "int"],
    ["default", "LobbyConfig"],
    ["mode", "text", ""],
  ],
  LobbyLeft: [["lobby_id", "text"], ["reason", "text"]],
  LobbyList: [["lobbies", "LobbySummary[]"], ["total", "int"]],
  LobbyState: [
    ["lobby_id", "text"],
    ["revision", "int"],
    ["phase", "Phase"],
    ["host", "text"],
    ["config", "LobbyConfig"],
    ["invite_code", "text"],
    ["locked", "bool"],
    ["teams", "int"],
    ["members", "Member[]"],
    ["countdown_s", "number?", null],
    ["match_id", "text", ""],
    ["result", "MatchResult?", null],
    ["banned", "text[]", []],
  ],
  LobbySummary: [
    ["lobby_id", "text"],
    ["title", "text"],
    ["host_name", "text"],
    ["phase", "Phase"],
    ["map", "text"],
    ["mode", "text"],
    ["players", "int"],
    ["size", "int"],
    ["spectators", "int"],
    ["password", "bool"],
    ["locked", "bool"],
    ["joinable", "bool"],
  ],
  LockLobby: [["locked", "bool"]],
  MapChoice: [
    ["name", "text"],
    ["title", "text"],
    ["modes", "text[]"],
    ["min_players", "int"],
    ["max_players", "int"],
  ],
  MapData: [["data", "{any}"]],
  MatchEnded: [["result", "MatchResult"]],
  MatchEntered: [
    ["tick", "int"],
    ["seat", "int"],
    ["next_seq", "int"],
    ["epoch", "int", 1],
    ["delay_s", "number", 0.0],
    ["waits_s", "number", 0.0],
  ],
  MatchHappened: [
    ["match_id", "text"],
    ["tick", "int"],
    ["event", "int"],
    ["fields", "int|bool|text[]"],
  ],
  MatchResult: [
    ["match_id", "text"],
    ["reason", "text"],
    ["winner", "text"],
    ["team_scores", "int[]"],
    ["lines", "ResultLine[]"],
    ["ticks", "int"],
    ["message", "text", ""],
  ],
  MatchStarted: [
    ["match_id", "text"],
    ["game", "text"],
    ["seat", "int"],
    ["players", "SeatedPlayer[]"],
    ["tick_rate", "int"],
    ["snapshot_every", "int"],
    ["map", "text"],
    ["map_digest", "text"],
    ["options", "{int|bool|text}"],
    ["salt", "int"],
    ["schema", "{any}"],
  ],
  MatchStats: [
    ["applied", "int", 0],
    ["late", "int", 0],
    ["missed", "int", 0],
    ["early", "int", 0],
    ["doubled", "int", 0],
    ["malformed", "int", 0],
  ],
  Member: [
    ["player_id", "text"],
    ["name", "text"],
    ["seat", "int"],
    ["team", "int", 0],
    ["ready", "bool", false],
    ["connected", "bool", true],
    ["muted", "bool", false],
    ["bot", "bool", false],
    ["stalled", "bool", false],
  ],
  MuteChat: [["player_id", "text"], ["muted", "bool"]],
  MutePlayer: [["player_id", "text"], ["muted", "bool"]],
  NameChanged: [["player_name", "text"]],
  NamespaceEnded: [["namespace", "text"], ["code", "text"], ["sentence", "text", ""]],
  NamespaceJoined: [["again", "bool", false]],
  Presence: [["player_id", "text"], ["connected", "bool"], ["stalled", "bool", false]],
  Quantiles: [
    ["count", "int"],
    ["p50_ms", "number"],
    ["p99_ms", "number"],
    ["p999_ms", "number"],
    ["max_ms", "number"],
  ],
  QuickPlay: [["mode", "text", ""], ["map", "text", ""]],
  Rematch: [],
  Rename: [["player_name", "text"]],
  Renamed: [["player_name", "text"]],
  ReplayPage: [
    ["file", "text"],
    ["size", "int"],
    ["digest", "text"],
    ["offset", "int"],
    ["data", "binary"],
  ],
  ReportDesync: [
    ["match_id", "text"],
    ["tick", "int"],
    ["section", "int"],
    ["expected", "int"],
    ["computed", "int"],
  ],
  ReportPlayer: [["player_id", "text"], ["text", "text", ""]],
  ResultLine: [
    ["name", "text"],
    ["player_id", "text"],
    ["seat", "int"],
    ["team", "int"],
    ["score", "int"],
    ["won", "bool"],
    ["stats", "{int}"],
    ["bot", "bool", false],
  ],
  SeatedPlayer: [
    ["seat", "int"],
    ["player_id", "text"],
    ["name", "text"],
    ["team", "int"],
    ["bot", "bool"],
  ],
  SendChat: [
    ["channel", "Channel"],
    ["text", "text"],
    ["recipient", "text", ""],
    ["recipient_name", "text", ""],
  ],
  SendView: [["match_id", "text"], ["offset", "int"], ["data", "binary"], ["last", "bool"]],
  ServerInfo: [
    ["server", "text"],
    ["game", "text"],
    ["title", "text"],
    ["players", "int"],
    ["lobbies", "int"],
    ["matches", "int"],
    ["uptime_s", "int"],
    ["message", "text", ""],
    ["replays", "bool", true],
  ],
  ServerMessage: [["text", "text"], ["stops_in_s", "number?", null]],
  ServerStats: [
    ["server", "text"],
    ["uptime_s", "number"],
    ["connections", "int"],
    ["players", "int"],
    ["sessions", "int"],
    ["lobbies", "int"],
    ["matches", "int"],
    ["matches_started", "int"],
    ["strain", "int"],
    ["snapshot_stretch", "int"],
    ["refuses_matches", "bool"],
    ["cpu_share", "number"],
    ["memory_bytes", "int"],
    ["loop_lag", "Quantiles"],
    ["gc_pauses", "Quantiles"],
    ["total", "GameStats"],
    ["games", "GameStats[]"],
    ["loop_passes", "Quantiles", {"count": 0, "p50_ms": 0.0, "p99_ms": 0.0, "p999_ms": 0.0, "max_ms": 0.0}],
    ["transports", "{int}", {}],
    ["opened", "{int}", {}],
    ["closed", "{int}", {}],
    ["namespaces", "{int}", {}],
    ["namespace_rooms", "{int}", {}],
    ["certificate_left_s", "number?", null],
  ],
  SetReady: [["ready", "bool"]],
  SignOut: [],
  StartMatch: [],
  TakeSeat: [["seat", "int"]],
  TransferHost: [["player_id", "text"]],
  Typing: [["channel", "Channel"], ["recipient", "text", ""]],
  UnbanPlayer: [["player_name", "text"]],
  WatchLobbies: [
    ["on", "bool", true],
    ["filter", "LobbyFilter", {"text": "", "mode": "", "map": "", "joinable": false}],
  ],
  Welcome: [
    ["version", "int"],
    ["server", "text"],
    ["player_id", "text"],
    ["player_name", "text"],
    ["token", "binary"],
    ["resumed", "bool"],
    ["epoch", "int"],
    ["game", "text"],
    ["heartbeat_s", "number"],
    ["resume_grace_s", "number"],
    ["limits", "Limits"],
    ["next_request", "int", 1],
    ["minor", "int", 0],
    ["last_event", "int", 0],
  ],
};

export const ENUMS: Readonly<Record<string, readonly string[]>> = {
  Channel: ["global", "lobby", "team", "whisper"],
  Code: ["bad_message", "too_large", "unknown_request", "bad_params", "version_unsupported", "hello_expected", "rate_limited", "server_full", "server_busy", "server_stopping", "forbidden", "internal", "session.token_unknown", "session.replaced", "session.name_refused", "session.kicked", "session.banned", "lobby.unknown", "lobby.full", "lobby.locked", "lobby.limit", "lobby.already_in", "lobby.not_in", "lobby.wrong_password", "lobby.banned", "lobby.not_host", "lobby.wrong_phase", "lobby.seat_taken", "lobby.bad_options", "lobby.not_ready", "player.unknown", "match.unknown", "match.running", "match.not_kept", "match.not_recorded", "namespace.unknown", "namespace.not_in", "namespace.no_handler", "namespace.timed_out", "chat.muted", "chat.too_long", "chat.empty", "chat.no_channel", "chat.repeated"],
  FieldKind: ["int", "choice", "bool", "text"],
  Phase: ["open", "countdown", "in_match", "results"],
  Visibility: ["public", "unlisted", "password"],
};

/** Shapes of what each request takes and returns; empty for an empty map. */
export const REQUESTS: Readonly<Record<string, readonly [params: string, result: string]>> = {
  "chat.history": ["GetChatHistory", "ChatHistory"],
  "chat.mute": ["MuteChat", ""],
  "chat.send": ["SendChat", "ChatSent"],
  "chat.typing": ["Typing", ""],
  "lobby.ban": ["BanPlayer", ""],
  "lobby.cancel": ["CancelStart", ""],
  "lobby.configure": ["ConfigureLobby", ""],
  "lobby.create": ["CreateLobby", "InLobby"],
  "lobby.form": ["GetLobbyForm", "LobbyForm"],
  "lobby.join": ["JoinLobby", "InLobby"],
  "lobby.kick": ["KickPlayer", ""],
  "lobby.leave": ["LeaveLobby", ""],
  "lobby.leave_match": ["LeaveMatch", ""],
  "lobby.list": ["ListLobbies", "LobbyList"],
  "lobby.lock": ["LockLobby", ""],
  "lobby.mute": ["MutePlayer", ""],
  "lobby.quick_play": ["QuickPlay", "InLobby"],
  "lobby.ready": ["SetReady", ""],
  "lobby.rematch": ["Rematch", ""],
  "lobby.sit": ["TakeSeat", ""],
  "lobby.start": ["StartMatch", ""],
  "lobby.team": ["ChooseTeam", ""],
  "lobby.transfer": ["TransferHost", ""],
  "lobby.unban": ["UnbanPlayer", ""],
  "lobby.watch": ["WatchLobbies", "LobbyList"],
  "match.desync": ["ReportDesync", "DesyncNoted"],
  "match.enter": ["EnterMatch", "MatchEntered"],
  "match.map": ["GetMap", "MapData"],
  "match.replay": ["GetReplay", "ReplayPage"],
  "match.stats": ["GetMatchStats", "MatchStats"],
  "match.view": ["SendView", ""],
  "namespace.ack": ["AckEmitted", ""],
  "namespace.emit": ["EmitEvent", "EmitAnswered"],
  "namespace.join": ["JoinNamespace", "NamespaceJoined"],
  "namespace.leave": ["LeaveNamespace", ""],
  "player.report": ["ReportPlayer", ""],
  "server.info": ["GetServerInfo", "ServerInfo"],
  "server.stats": ["GetServerStats", "ServerStats"],
  "session.rename": ["Rename", "Renamed"],
  "session.sign_out": ["SignOut", ""],
};

export const EVENTS: Readonly<Record<string, string>> = {
  "chat.delivered": "ChatDelivered",
  "chat.said": "ChatSaid",
  "lobby.changed": "LobbyChanged",
  "lobby.left": "LobbyLeft",
  "match.ended": "MatchEnded",
  "match.event": "MatchHappened",
  "match.started": "MatchStarted",
  "namespace.emitted": "Emitted",
  "namespace.ended": "NamespaceEnded",
  "session.renamed": "NameChanged",
};

export const NOTICES: Readonly<Record<string, string>> = {
  "chat.typing": "ChatTyping",
  "lobby.listed": "LobbiesListed",
  "namespace.latest": "EmittedLatest",
  "server.message": "ServerMessage",
  "session.presence": "Presence",
};
