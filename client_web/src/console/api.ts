/** Asks `/api/v1/admin` with the cookie of the sign-in; nothing of the secret is kept here. */

const BASE = "/api/v1/admin";

/** What the server refuses, with its code and its sentence. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    sentence: string,
  ) {
    super(sentence);
  }
}

/** The token that changing requests need; it lives as long as the page. */
let csrf = "";

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const headers: Record<string, string> = {};
  if (method === "POST") {
    headers["content-type"] = "application/json";
    headers["x-csrf-token"] = csrf;
  }
  let answer: Response;
  try {
    answer = await fetch(BASE + path, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch {
    throw new Refused(0, "", "The server does not answer.");
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Refused(answer.status, found.code ?? "", found.detail ?? `HTTP ${answer.status}`);
  }
  return found as T;
}

export const get = <T>(path: string) => call<T>("GET", path);

export const act = (path: string, fields: object) => call<Acted>("POST", path, fields);

export async function whoAmI(): Promise<Me> {
  const me = await get<Me>("/me");
  csrf = me.csrf;
  return me;
}

export async function signIn(secret: string, name: string): Promise<Me> {
  const me = await call<Me>("POST", "/sign-in", { secret, name });
  csrf = me.csrf;
  return me;
}

export async function signOut(): Promise<void> {
  await call<Me>("POST", "/sign-out", {});
  csrf = "";
}

export interface Me {
  name: string;
  role: string;
  rights: string[];
  csrf: string;
  server: string;
  version: string;
  game: string;
  started_at_ms: number;
  now_ms: number;
  draining: boolean;
  /** How long a drain lets matches go on, in seconds; 0: the server ends at once. */
  drain_s: number;
  /** Whether matches that run at the end go on in the next process. */
  saves_matches: boolean;
}

export interface Entry {
  number: number;
  at_ms: number;
  by: string;
  act: string;
  target: string;
  target_name: string;
  details: string;
  reason: string;
  affected: number;
}

export interface Acted {
  entry: Entry;
  warning: string;
}

export type Spread = [p50: number, p99: number, p999: number];

export interface GameSample {
  matches: number;
  seats: number;
  bots: number;
  viewers: number;
  congested: number;
  tick_ms: number;
  duration: Spread;
  lateness: Spread;
  inputs: number;
  late_inputs: number;
  missed_inputs: number;
  snapshot_bytes: number;
}

export interface Sample {
  at_ms: number;
  players: number;
  sessions: number;
  lobbies: number;
  matches: number;
  strain: number;
  cpu_share: number;
  memory_bytes: number;
  loop_lag: Spread;
  transports: Record<string, number>;
  games: Record<string, GameSample>;
}

export interface SessionLine {
  player_id: string;
  name: string;
  address: string;
  connected: boolean;
  transport: string;
  round_trip_ms: number | null;
  lobby_id: string;
  lobby_title: string;
  playing: boolean;
  muted: boolean;
  banned: boolean;
}

export interface LobbyLine {
  summary: {
    lobby_id: string;
    title: string;
    host_name: string;
    phase: string;
    map: string;
    mode: string;
    players: number;
    size: number;
    spectators: number;
    locked: boolean;
    password: boolean;
  };
  visibility: string;
  match_id: string;
}

export interface ChatLine {
  message_id: number;
  channel: string;
  sender: string;
  sender_name: string;
  text: string;
  at_ms: number;
  recipient_name: string;
  team: number;
}

export interface LobbyInside {
  lobby: LobbyLine;
  members: {
    player_id: string;
    name: string;
    seat: number;
    team: number;
    connected: boolean;
    ready: boolean;
    bot: boolean;
  }[];
  chat: ChatLine[];
}

export interface MatchRow {
  match_id: string;
  lobby_id: string;
  title: string;
  map: string;
  mode: string;
  tick: number;
  elapsed_s: number;
  players: number;
  bots: number;
  viewers: number;
  tick_ms: number;
  latest_ms: number;
  watchable: boolean;
}

export interface MatchInside {
  match: MatchRow;
  scores: {
    winner: string;
    lines: {
      name: string;
      player_id: string;
      seat: number;
      team: number;
      score: number;
      bot: boolean;
    }[];
  };
  time_left_s: number | null;
}

export interface MatchPicture {
  tick: number;
  area: [number, number];
  entities: { id: number; class: string; owner: number; x?: number; y?: number }[];
  width: number;
  height: number;
  solid: string;
}

export interface Sanction {
  number: number;
  kind: "ban" | "mute";
  known_by: "session" | "address" | "name";
  value: string;
  shown: string;
  until_ms: number;
  reason: string;
  imposed_by: string;
  at_ms: number;
}

export interface Report {
  number: number;
  at_ms: number;
  reporter: string;
  reporter_name: string;
  accused: string;
  accused_name: string;
  accused_address: string;
  lobby_id: string;
  lobby_title: string;
  text: string;
  lines: ChatLine[];
  settled_by: string;
}

export interface ReportLine {
  number: number;
  at_ms: number;
  reporter_name: string;
  accused: string;
  accused_name: string;
  lobby_title: string;
  text: string;
  lines: number;
  settled_by: string;
}

export interface Page {
  total: number;
  offset: number;
  next: number | null;
}
