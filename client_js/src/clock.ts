/** Time, as an interface: tests bring a clock of their own. */

export interface Clock {
  /** Seconds since some moment; never runs backwards. */
  now(): number;
  /** Call after so many seconds; the returned function takes the call back. */
  after(seconds: number, call: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now() / 1000,
  after(seconds, call) {
    const timer = setTimeout(call, seconds * 1000);
    return () => clearTimeout(timer);
  },
};

/** Wait; resolves early, too, when the signal is aborted. */
export function pause(clock: Clock, seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      stop();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const stop = clock.after(seconds, end);
    signal?.addEventListener("abort", end);
  });
}
