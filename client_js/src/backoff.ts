/**
 * The wait before the next attempt to connect.
 *
 * Law: never shorter than the server asked for, and random: clients that lost their connections at
 * the same time must not return at the same time.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 (full jitter).
 */

const FIRST_CEILING_S = 0.5;
/** Of the first attempts: a server that was started again holds seats for some seconds only. */
const SOON_CEILING_S = 2;
const SOON_ATTEMPTS = 8;
const LAST_CEILING_S = 15;

function ceilingS(failures: number): number {
  if (failures < SOON_ATTEMPTS) return Math.min(SOON_CEILING_S, FIRST_CEILING_S * 2 ** failures);
  return Math.min(LAST_CEILING_S, SOON_CEILING_S * 2 ** Math.min(failures - SOON_ATTEMPTS + 1, 16));
}

export class Backoff {
  /** Failed attempts since the last success. */
  attempt = 0;

  constructor(private readonly random: () => number = Math.random) {}

  succeeded(): void {
    this.attempt = 0;
  }

  /** Count a failure and return the seconds to wait; `retryAfterS` is what the server asked for. */
  nextWait(retryAfterS: number | null = null): number {
    const ceiling = ceilingS(this.attempt);
    this.attempt += 1;
    return (retryAfterS ?? 0) + this.random() * ceiling;
  }
}
