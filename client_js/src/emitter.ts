/** Typed listeners. Law: a listener that throws disturbs neither the others nor the caller. */

export class Emitter<Happenings extends object> {
  private readonly listeners = new Map<keyof Happenings, Set<(value: never) => void>>();

  /** Call with each happening of this name from now on; the returned function stops that. */
  on<N extends keyof Happenings>(name: N, listener: (value: Happenings[N]) => void): () => void {
    const those = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, those);
    // A function of its own, so that the same listener can be added twice and removed once.
    const call = (value: Happenings[N]) => listener(value);
    those.add(call);
    return () => those.delete(call);
  }

  /** Wait for the next happening of this name that fits. */
  once<N extends keyof Happenings>(
    name: N,
    fits: (value: Happenings[N]) => boolean = () => true,
  ): Promise<Happenings[N]> {
    return new Promise((resolve) => {
      const stop = this.on(name, (value) => {
        if (!fits(value)) return;
        stop();
        resolve(value);
      });
    });
  }

  protected emit<N extends keyof Happenings>(name: N, value: Happenings[N]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) {
      try {
        (listener as (value: Happenings[N]) => void)(value);
      } catch (error) {
        // Reported as an uncaught error is, but outside this call.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
