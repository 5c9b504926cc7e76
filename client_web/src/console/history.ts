/**
 * The samples that the charts show.
 *
 * The page keeps them, so the charts are there at once when an operator comes back to them; the
 * server makes a sample each second, also while no page asks, and those that are new are fetched.
 */

import { useEffect, useState } from "preact/hooks";
import { get, type Sample } from "./api.js";
import { shared } from "./state.js";

/** Samples that are kept, as many as the server keeps: ten minutes. */
const KEPT = 600;
const EVERY_MS = 1000;

class History {
  samples: Sample[] = [];
  private next = 0;
  /** Start of the process that the samples are of: another one counts its own from zero. */
  private process = 0;

  private pending: Promise<void> | null = null;

  /**
   * Fetch the samples that are new.
   *
   * While a request is open it is that of all who ask, since a second one would bring the same again.
   */
  fetch(): Promise<void> {
    this.pending ??= this.append().finally(() => {
      this.pending = null;
    });
    return this.pending;
  }

  private async append(): Promise<void> {
    const process = shared.me?.started_at_ms ?? 0;
    const after = process === this.process ? this.next : 0;
    const found = await get<{ samples: Sample[]; next: number }>(`/samples?after=${after}`);
    const anew = after === 0 || found.next < after;
    this.process = process;
    this.next = found.next;
    this.samples = [...(anew ? [] : this.samples), ...found.samples].slice(-KEPT);
  }
}

const history = new History();

/** Samples come once a second while they are looked at. */
export function useSamples(): { samples: Sample[]; fault: string } {
  const [state, setState] = useState({ samples: history.samples, fault: "" });
  useEffect(() => {
    let over = false;
    let timer = 0;
    const turn = async () => {
      if (!document.hidden) {
        try {
          await history.fetch();
          shared.heard();
          if (!over) setState({ samples: history.samples, fault: "" });
        } catch (error) {
          const fault = shared.failed(error);
          if (!over) setState((before) => ({ ...before, fault }));
        }
      }
      if (!over) timer = window.setTimeout(turn, EVERY_MS);
    };
    void turn();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return state;
}
