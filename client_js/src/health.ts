/** Rate the connection for its player: silent, slow, unsteady, or fine. Functions of times alone. */

/** Silence in a match from which a mark, and from which a banner is shown; in seconds. */
const BRIEF_S = 0.5;
const LONG_S = 2;
/** Missing snapshots that count as silence, for games with few snapshots per second. */
const MISSED_SNAPSHOTS = 4;
/** Round trip from which play is visibly worse: the server looks back 0.4 s at most. */
const SLOW_S = 0.6;
/** Largest round trip with which inputs can arrive in time. */
const TOO_SLOW_S = 2;
/** Lateness of late snapshots from which the connection is called unsteady. */
const UNSTEADY_S = 0.25;

/** How long nothing has come, in the steps that a player is shown: a mark, or a banner. */
export type Stall = "none" | "brief" | "long";

/** What is wrong with a connection that delivers every message. */
export type Trouble = "none" | "unsteady" | "slow" | "too-slow";

/** Rate a silence in a match that sends a snapshot every `snapshotS` seconds. */
export function stallOf(silentS: number, snapshotS: number): Stall {
  if (silentS >= Math.max(LONG_S, 2 * MISSED_SNAPSHOTS * snapshotS)) return "long";
  return silentS >= Math.max(BRIEF_S, MISSED_SNAPSHOTS * snapshotS) ? "brief" : "none";
}

/** Rate a connection; of several troubles the worst is returned. */
export function troubleOf(rttS: number, jitterS: number): Trouble {
  if (rttS > TOO_SLOW_S) return "too-slow";
  if (rttS >= SLOW_S) return "slow";
  return jitterS >= UNSTEADY_S ? "unsteady" : "none";
}

/** One sentence about the trouble for the player; empty without trouble. */
export function wordsOf(trouble: Trouble, rttS: number, jitterS: number): string {
  const rtt = `${rttS.toFixed(1)} s to the server and back.`;
  switch (trouble) {
    case "too-slow":
      return `Your connection is too slow for this game: ${rtt}`;
    case "slow":
      return `Your connection is slow: ${rtt}`;
    case "unsteady":
      return `Your connection is unsteady: news comes up to ${jitterS.toFixed(1)} s late.`;
    default:
      return "";
  }
}
