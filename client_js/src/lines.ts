/**
 * The link in use, and the one that is about to take over.
 *
 * Law: a move to a better road makes before it breaks. The new link says hello with the session's
 * token while the old one goes on; with the welcome it takes over. What is played goes over both
 * meanwhile, since nobody knows which of them the server reads at that moment. Should the old one
 * end, perhaps because the new one owns the session already, the new one's answer is waited for.
 */

import type { Clock } from "./clock.js";
import { type Farewell, farewell, LOST } from "./farewell.js";
import type { Link } from "./links/link.js";

/**
 * How long after a move that ended without an answer the server may still say over the present link
 * that the session is elsewhere: some round trips, and the time in which it writes that down.
 */
const DOUBT_S = 10;

/** One link and the time of its last message. */
export interface Line {
  readonly link: Link;
  lastHeard: number;
  /** Why it has ended while another one was about to take over; null if it has not. */
  ended: Farewell | null;
}

/** Whoever speaks over the lines. */
export interface Speaker {
  /** The first message of a link. */
  hello(): Uint8Array;
  receive(line: Line, message: Uint8Array): void;
  /** The session stays on the present link: the other one did not get it. */
  stayed(): void;
  /** No link is left. */
  ended(): void;
}

export class Lines {
  current: Line | null = null;
  next: Line | null = null;
  private finish: ((reason: Farewell) => void) | null = null;
  private moved: (worked: boolean) => void = () => {};
  private earlier = { in: 0, out: 0 };
  private doubtfulUntil = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly speaker: Speaker,
  ) {}

  get bytesIn(): number {
    return this.earlier.in + (this.current?.link.bytesIn ?? 0);
  }

  get bytesOut(): number {
    return this.earlier.out + (this.current?.link.bytesOut ?? 0);
  }

  post(message: Uint8Array): void {
    this.current?.link.send(message);
  }

  /** Send an input or seen over each link. */
  play(message: Uint8Array): void {
    this.post(message);
    this.next?.link.send(message);
  }

  /** Send a request over the link that the session will be on. */
  ask(message: Uint8Array): void {
    (this.next ?? this.current)?.link.send(message);
  }

  /** Use a link until it ends; resolves with the reason. */
  over(link: Link): Promise<Farewell> {
    return new Promise((resolve) => {
      this.finish = resolve;
      this.begin(link, (line) => {
        this.current = line;
      });
    });
  }

  /** Let the session go on over this link; resolves with whether it does. */
  moveTo(link: Link, timeoutS: number): Promise<boolean> {
    return new Promise((resolve) => {
      if (!this.current || this.next) {
        link.abort();
        return resolve(false);
      }
      const stop = this.clock.after(timeoutS, () => this.giveUpMove());
      this.moved = (worked) => {
        stop();
        this.moved = () => {};
        resolve(worked);
      };
      this.begin(link, (line) => {
        this.next = line;
      });
    });
  }

  /** The link that was about to take over does: it has been welcomed. */
  takeOver(): void {
    const { current, next } = this;
    if (!current || !next) return;
    this.keepBytes(current);
    this.current = next;
    this.next = null;
    this.doubtfulUntil = -Infinity;
    current.link.abort();
    this.moved(true);
  }

  /**
   * The link that was about to take over does not. Unless the server has refused it, the session may
   * have gone to it nevertheless.
   */
  giveUpMove(refused = false): void {
    const { current, next } = this;
    if (!next) return;
    this.next = null;
    if (!refused) this.doubtfulUntil = this.clock.now() + DOUBT_S;
    next.link.abort();
    this.moved(false);
    if (current?.ended) this.end(this.ownMove(current.ended));
    else this.speaker.stayed();
  }

  /** A link has ended, or must. Only the first reason counts. */
  lost(line: Line, reason: Farewell): void {
    if (line === this.next) return this.giveUpMove();
    if (line !== this.current || line.ended) return;
    if (this.next && (!reason.final || reason.code === "session.replaced")) {
      line.ended = reason;
      line.link.abort();
      return;
    }
    this.end(this.ownMove(reason));
  }

  /** What was this client's own move, to a link that ended at once, is a lost connection to it. */
  private ownMove(reason: Farewell): Farewell {
    const own = reason.code === "session.replaced" && this.clock.now() < this.doubtfulUntil;
    return own ? farewell(LOST) : reason;
  }

  /** `place` comes first: what a link has brought before its start, and its end, come at once. */
  private begin(link: Link, place: (line: Line) => void): void {
    const line: Line = { link, lastHeard: this.clock.now(), ended: null };
    place(line);
    link.start(
      (message) => {
        if (line !== this.current && line !== this.next) return;
        line.lastHeard = this.clock.now();
        this.speaker.receive(line, message);
      },
      (sentence) => this.lost(line, farewell(sentence)),
    );
    link.send(this.speaker.hello());
  }

  private end(reason: Farewell): void {
    const { current, next, finish } = this;
    if (!current || !finish) return;
    this.keepBytes(current);
    this.current = this.next = this.finish = null;
    current.link.abort();
    next?.link.abort();
    this.moved(false);
    this.speaker.ended();
    finish(reason);
  }

  private keepBytes({ link }: Line): void {
    this.earlier.in += link.bytesIn;
    this.earlier.out += link.bytesOut;
  }
}
