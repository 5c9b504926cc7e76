/** Ranks and winners: who has the same score has the same rank, such as 1, 1, 3. */

/** The rank of a score among all scores. */
export function rankOf(score: number, all: readonly { readonly score: number }[]): number {
  return 1 + all.filter((each) => each.score > score).length;
}

/**
 * The first of scores in order, best first; null if nobody or more than one has the best score.
 *
 * Whoever is alone has won: there is nobody to draw with.
 */
export function firstOf<T extends { readonly score: number }>(scores: readonly T[]): T | null {
  const [first, second] = scores;
  return first && first.score !== second?.score ? first : null;
}

interface Line {
  readonly score: number;
  readonly won: boolean;
}

/**
 * The ranks of a result's lines, best first.
 *
 * Neighbours with the same score share a rank, unless the game has told that only one of them won.
 */
export function ranksOf(lines: readonly Line[], teams: boolean): number[] {
  const ranks: number[] = [];
  for (const [at, { score, won }] of lines.entries()) {
    const before = lines[at - 1];
    const level = before?.score === score && (teams || before.won === won);
    ranks.push(level ? ranks[at - 1]! : at + 1);
  }
  return ranks;
}

interface Finish {
  readonly lines: readonly (Line & { readonly name: string; readonly team: number })[];
  readonly winner: string;
  readonly team_scores: readonly number[];
}

/**
 * The name of the winner of a finished match; "" for a draw.
 *
 * A team is named by the colours in use. Players who all win or lose together, as against the game,
 * have the name that the game gives: several lines that have won are a draw only without one.
 */
export function winnerOf(result: Finish, teamName: (team: number) => string): string {
  const winners = result.lines.filter(({ won }) => won);
  const [first] = winners;
  if (!first) return result.winner;
  const together = winners.every(({ team }) => team === first.team);
  if (result.team_scores.length && first.team && together) return teamName(first.team);
  return result.winner || (winners.length === 1 ? first.name : "");
}
