/**
 * The wait before the next attempt to connect.
 *
 * Law: never shorter than the server asked for, and random: clients that lost their connections at
 * the same time must not return at the same time.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 (full jitter).
 */

const FIRST_CEILING_S = 0.5;
const LAST_CEILING_S = 15;

export class Backoff {
  /** Failed attempts since the last success. */
  attempt = 0;

  constructor(private readonly random: () => number = Math.random) {}

  succeeded(): void {
    this.attempt = 0;
  }

  /** Count a failure and return the seconds to wait; `retryAfterS` is what the server asked for. */
  nextWait(retryAfterS: number | null = null): number {
    const ceiling = Math.min(LAST_CEILING_S, FIRST_CEILING_S * 2 ** Math.min(this.attempt, 16));
    this.attempt += 1;
    return (retryAfterS ?? 0) + this.random() * ceiling;
  }
}
