/** The display of a moment: what lies over the field, as plain values. */

import type { Client, Frame, Match, Trouble, World } from "gameserver-client";
import { type Board, boardOf, type Fighter, type Meters, metersOf, PHASE } from "../field/arena.js";
import type { Banner, Kill } from "./show.js";

export interface Score {
  readonly seat: number;
  readonly name: string;
  readonly team: number;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
  readonly bot: boolean;
  readonly own: boolean;
  readonly gone: boolean;
  readonly silent: boolean;
}

export interface FlagPlace {
  readonly team: number;
  readonly state: number;
  readonly mine: boolean;
}

export interface HudView {
  readonly mode: string;
  readonly board: Board;
  /** Seconds left; null without a limit. */
  readonly clockS: number | null;
  readonly startsInS: number | null;
  readonly scores: readonly Score[];
  readonly teams: boolean;
  readonly flags: readonly FlagPlace[];
  readonly meters: Meters | null;
  readonly kills: readonly Kill[];
  readonly banner: Banner | null;
  readonly defeat: Kill | null;
  readonly watched: Score | null;
  readonly fighters: readonly Fighter[];
  readonly pingMs: number | null;
  readonly silentS: number;
  readonly stall: "none" | "brief" | "long";
  /** What has been wrong with the line for a while. */
  readonly trouble: Trouble;
  readonly jitterS: number;
}

/** What is told of a line and of who has left. */
export type HudClient = Pick<Client, "lobby" | "rttS" | "silentS" | "stall" | "trouble">;

/** Of a match that is over. */
export const OFFLINE: HudClient = {
  lobby: null,
  rttS: null,
  silentS: 0,
  stall: "none",
  trouble: "none",
};

/** Seats without a connection, and the connected seats of whom nothing is heard. */
export function missing(client: Pick<Client, "lobby">): { gone: Set<number>; silent: Set<number> } {
  const members = client.lobby?.members ?? [];
  const seats = (fits: (each: (typeof members)[number]) => boolean) =>
    new Set(members.filter((each) => !each.bot && each.seat >= 0 && fits(each)).map((m) => m.seat));
  return {
    gone: seats(({ connected }) => !connected),
    silent: seats(({ connected, stalled }) => connected && stalled),
  };
}

export function hudView(
  client: HudClient,
  match: Pick<Match, "started" | "seat">,
  frame: Frame,
  fighters: ReadonlyMap<number, Fighter>,
  followed: number,
  shown: { kills: Kill[]; banner: Banner | null; defeat: Kill | null; troubled: boolean },
  jitterS = 0,
): HudView | null {
  const board = boardOf(frame.world);
  if (!board) return null;
  const { started } = match;
  const rate = started.tick_rate;
  const own = fighters.get(match.seat);
  const scores = scoresOf(client, fighters, match.seat);
  const mode = String(started.options.mode ?? "");
  const endless = started.options.pickups === false;
  return {
    mode,
    board,
    clockS: clock(board, frame.tick, rate, Number(started.options.time_limit_s ?? 0)),
    startsInS:
      board.phase === PHASE.warmup ? Math.max(0, (board.phaseEnds - frame.tick) / rate) : null,
    scores,
    teams: mode === "tdm" || mode === "ctf",
    flags: flagsOf(frame.world, match.seat),
    meters: own ? metersOf(own, frame.tick, rate, endless) : null,
    kills: shown.kills,
    banner: shown.banner,
    defeat: shown.defeat,
    watched: own ? null : (scores.find(({ seat }) => seat === followed) ?? null),
    fighters: [...fighters.values()],
    pingMs: client.rttS === null ? null : Math.round(client.rttS * 1000),
    silentS: client.silentS,
    stall: client.stall,
    trouble: client.stall === "none" && shown.troubled ? client.trouble : "none",
    jitterS,
  };
}

function clock(board: Board, tick: number, rate: number, limitS: number): number | null {
  if (board.phase === PHASE.warmup) return limitS || null;
  if (board.phase === PHASE.over || !board.phaseEnds) return null;
  return Math.max(0, (board.phaseEnds - tick) / rate);
}

function scoresOf(
  client: HudClient,
  fighters: ReadonlyMap<number, Fighter>,
  me: number,
): readonly Score[] {
  const { gone, silent } = missing(client);
  return [...fighters.values()]
    .map(({ seat, name, team, score, kills, deaths, bot }) => ({
      seat,
      name,
      team,
      score,
      kills,
      deaths,
      bot,
      own: seat === me,
      gone: gone.has(seat),
      silent: silent.has(seat),
    }))
    .sort((a, b) => b.score - a.score || a.deaths - b.deaths || a.seat - b.seat);
}

function flagsOf(world: World, me: number): readonly FlagPlace[] {
  return [...world.entities.values()]
    .filter(({ type }) => type === "Flag")
    .map(({ fields }) => ({
      team: Number(fields.team),
      state: Number(fields.state),
      mine: fields.carrier === me && me >= 0,
    }));
}
