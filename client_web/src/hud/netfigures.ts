/** Figures of the line of a match, sampled a few times a second. */

import type { Client, Match } from "gameserver-client";

/** Samples that a graph shows, and the seconds of snapshots. */
const SAMPLES = 48;
const SHOWN_S = 6;
/** Milliseconds between two questions for what became of the inputs. */
const ASKED_MS = 1000;

/** Rows of the panel, in order: the text's key, the newest value, and what it was lately. */
export type NetFigures = readonly {
  readonly key: string;
  readonly value: string;
  readonly spark?: readonly number[];
}[];

export class NetSampler {
  private readonly rtt: number[] = [];
  private readonly ahead: number[] = [];
  private readonly corrected: number[] = [];
  private inputs = "–";
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly client: Client,
    private readonly match: Match,
  ) {}

  sample(): NetFigures {
    const { client, match } = this;
    const { corrections, counts } = match;
    keep(this.rtt, (client.rttS ?? 0) * 1000);
    keep(this.ahead, match.leadTicks);
    keep(this.corrected, corrections.lastPx);
    if (match.seat >= 0) this.ask();
    const arrivals = match.tape.arrivals(SHOWN_S);
    const gaps = arrivals.slice(1).map(({ at }, n) => (at - arrivals[n]!.at) * 1000);
    const bytes = arrivals.map((each) => each.bytes);
    const seconds = Math.max(0.001, (arrivals.at(-1)?.at ?? 0) - (arrivals[0]?.at ?? 0));
    const rate = bytes.reduce((sum, each) => sum + each, 0) / seconds / 1024;
    const figures = [
      { key: "road", value: client.road ?? "–" },
      { key: "roundTrip", value: ms(client.rttS), spark: [...this.rtt] },
      { key: "interval", value: `${Math.round(mean(gaps))} ms`, spark: gaps },
      { key: "bytes", value: `${rate.toFixed(1)} KiB/s`, spark: bytes },
      { key: "jitter", value: ms(match.jitterS) },
      { key: "viewDelay", value: ms(match.viewDelayS) },
      { key: "counts", value: `${counts.keyframes} · ${counts.desyncs}` },
    ];
    if (match.seat < 0) return figures;
    return [
      ...figures,
      { key: "ahead", value: match.leadTicks.toFixed(1), spark: [...this.ahead] },
      { key: "inputs", value: this.inputs },
      ...(corrections.judged
        ? [
            {
              key: "corrections",
              value: `${corrections.lastPx.toFixed(1)} px`,
              spark: [...this.corrected],
            },
            {
              key: "corrected",
              value: `${corrections.p99Px.toFixed(1)} px · ${corrections.divergences} (${corrections.byInput})`,
            },
          ]
        : []),
    ];
  }

  private ask(): void {
    const now = performance.now();
    if (now - this.askedAt < ASKED_MS) return;
    this.askedAt = now;
    const { match_id } = this.match.started;
    this.client
      .request("match.stats", { match_id })
      .then(({ late, missed }) => {
        this.inputs = `${late} · ${missed}`;
      })
      .catch(() => {}); // the match is over, or the line is lost: the last figure stays
  }
}

function keep(samples: number[], value: number): void {
  samples.push(value);
  if (samples.length > SAMPLES) samples.shift();
}

function mean(values: readonly number[]): number {
  return values.length ? values.reduce((sum, each) => sum + each, 0) / values.length : 0;
}

function ms(seconds: number | null): string {
  return seconds === null ? "–" : `${Math.round(seconds * 1000)} ms`;
}
