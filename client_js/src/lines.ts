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

/** One link and the time of its last message. */
export interface Line {
  readonly link: Link;
  lastHeard: number;
  /** Whether it has ended while another one is about to take over. */
  dead: boolean;
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
      this.current = this.begin(link);
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
      this.next = this.begin(link);
    });
  }

  /** The link that was about to take over does: it has been welcomed. */
  takeOver(): void {
    const { current, next } = this;
    if (!current || !next) return;
    this.keepBytes(current);
    this.current = next;
    this.next = null;
    current.link.abort();
    this.moved(true);
  }

  /** The link that was about to take over does not. */
  giveUpMove(): void {
    const { current, next } = this;
    if (!next) return;
    this.next = null;
    next.link.abort();
    this.moved(false);
    if (current?.dead) this.end(farewell(LOST));
    else this.speaker.stayed();
  }

  /** A link has ended, or must. Only the first reason counts. */
  lost(line: Line, reason: Farewell): void {
    if (line === this.next) return this.giveUpMove();
    if (line !== this.current || line.dead) return;
    if (this.next && (!reason.final || reason.code === "session.replaced")) {
      line.dead = true;
      line.link.abort();
      return;
    }
    this.end(reason);
  }

  private begin(link: Link): Line {
    const line: Line = { link, lastHeard: this.clock.now(), dead: false };
    link.start(
      (message) => {
        if (line !== this.current && line !== this.next) return;
        line.lastHeard = this.clock.now();
        this.speaker.receive(line, message);
      },
      (sentence) => this.lost(line, farewell(sentence)),
    );
    link.send(this.speaker.hello());
    return line;
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
