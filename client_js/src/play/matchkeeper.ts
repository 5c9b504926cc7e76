/**
 * Enter matches and enter them again after a resume: fetch the map, enter, feed the match.
 *
 * Law: everything here is a plain call made while a message is dispatched. So the match exists when
 * a snapshot follows directly behind the answer to `match.enter`.
 */

import { ProtocolError } from "../errors.js";
import type { Settle } from "../session.js";
import type { FromServer, RequestName } from "../wire/codec.js";
import { type Delta, tickOf } from "../wire/deltas.js";
import type {
  MapData,
  MatchEntered,
  MatchHappened,
  MatchStarted,
  Requests,
} from "../wire/tables.js";
import { ViewSender } from "./evidence.js";
import { readMap, type TileMap } from "./map.js";
import { Match } from "./match.js";

/** A snapshot, or a part of one. */
export type SnapshotPart = Extract<FromServer, { kind: "snapshot" }> | Delta;

const FASTEST_HZ = 240;
const SLOWEST_S = 10;
/**
 * Inputs that are sent again over another link: half a second at 30 ticks a second. The server has
 * stepped the ticks of earlier ones.
 */
const PLAYED_AGAIN = 16;

/** What the keeper needs of its client. */
export interface Reach {
  ask<N extends RequestName>(name: N, params: Requests[N]["params"], settle: Settle): number;
  abandon(id: number): void;
  post(message: Uint8Array): void;
  /** A match has been entered. */
  ready(): void;
  /** The round trips measured so far, in seconds. */
  roundTrips(): readonly number[];
  now(): number;
  /** Name and version of the program. */
  readonly client: string;
}

export class MatchKeeper {
  match: Match | null = null;
  private readonly maps = new Map<string, TileMap>();
  private event: MatchStarted | null = null;
  private asked: number[] = [];
  /** The request to enter the match over another link while the present one goes on. */
  private crossing = 0;
  /** The last inputs of this match. */
  private played: { readonly message: Uint8Array; readonly tick: number }[] = [];
  /** Tick of the newest snapshot: `match.world` may be predicted, and is ahead of it then. */
  private seen = 0;
  /** Whether the player left the match and waits in the lobby. */
  private away = false;
  private readonly views: ViewSender;

  constructor(
    private readonly play: boolean,
    private readonly reach: Reach,
  ) {
    this.views = new ViewSender(reach);
  }

  // --- entering and leaving -----------------------------------------------------------------

  /** Enter a match that has begun. */
  started(event: MatchStarted): void {
    const { tick_rate: rate, snapshot_every: every } = event;
    if (!(rate > 0 && rate <= FASTEST_HZ && every > 0 && every <= rate * SLOWEST_S)) {
      throw new ProtocolError(`a match of ${rate} ticks a second, a snapshot each ${every} ticks`);
    }
    this.forget();
    this.event = event;
    this.enter();
  }

  /** Drop the match that is over; the end of any other match is ignored. */
  ended(matchId: string): void {
    if (this.event?.match_id === matchId) this.forget();
  }

  /** Drop the match; it goes on without the player, if there is one. */
  stepOut(): void {
    if (!this.event) return;
    this.disconnected();
    this.match = null;
    this.away = true;
  }

  /** Enter the match again as a spectator after `stepOut`. */
  watch(): void {
    if (!this.away) return;
    this.away = false;
    this.enter();
  }

  forget(): void {
    this.disconnected();
    this.away = false;
    this.event = null;
    this.match = null;
    this.played = [];
  }

  /** Abandon the requests of a lost connection and pause the match; `resumed` goes on. */
  disconnected(): void {
    for (const id of this.asked.splice(0)) this.reach.abandon(id);
    this.match?.pause();
  }

  /** Enter the match again over a new connection. */
  resumed(): void {
    if (!this.away) this.enter();
  }

  /**
   * Enter the match over another link, and play on meanwhile. Returns the inputs to be sent behind
   * that request: the server may have dropped them with the present link.
   */
  cross(): Uint8Array[] {
    const { event, match } = this;
    this.crossing = 0; // a new session has the ids of an old one again
    if (!event || !match) return [];
    this.crossing = this.reach.ask("match.enter", { match_id: event.match_id }, (answer) => {
      if (answer?.kind === "result" && this.match === match) {
        match.enter(answer.result as MatchEntered, false);
      }
    });
    this.asked.push(this.crossing);
    return this.played.filter(({ tick }) => tick > this.seen).map(({ message }) => message);
  }

  /** The present link is kept. */
  stayed(): void {
    this.reach.abandon(this.crossing);
  }

  private enter(): void {
    const { event } = this;
    if (!event || !this.play) return;
    const match_id = event.match_id;
    const map = this.maps.get(event.map_digest);
    const id = map
      ? this.reach.ask("match.enter", { match_id }, (answer) => {
          if (answer?.kind === "result" && this.event === event) {
            this.entered(event, map, answer.result as MatchEntered);
          }
        })
      : this.reach.ask("match.map", { match_id }, (answer) => {
          if (answer?.kind !== "result" || this.event !== event) return;
          this.maps.set(event.map_digest, readMap((answer.result as MapData).data));
          this.enter();
        });
    this.asked.push(id);
  }

  private entered(event: MatchStarted, map: TileMap, entered: MatchEntered): void {
    if (!this.match) {
      this.match = new Match(event, map, {
        post: (message, tick) => {
          if (tick !== undefined) {
            this.played = [...this.played.slice(1 - PLAYED_AGAIN), { message, tick }];
          }
          this.reach.post(message);
        },
        desync: (seen) => this.views.report(seen),
        now: () => this.reach.now(),
        client: this.reach.client,
      });
      for (const seconds of this.reach.roundTrips()) this.match.roundTrip(seconds);
    }
    this.played = []; // they were played before the connection was lost
    this.match.enter(entered);
    this.reach.ready();
  }

  // --- feeding the match --------------------------------------------------------------------

  /** Pass on a snapshot; the parts are its objects, all of the same tick. */
  snapshot(parts: readonly SnapshotPart[], now: number): void {
    const sections = parts.flatMap((part) => part.sections);
    const first = parts[0]!;
    this.seen = first.kind === "delta" ? tickOf(first, this.seen) : first.tick;
    this.match?.receive(this.seen, sections, now);
  }

  retimed({ kind, tick, ticks }: Extract<FromServer, { kind: "steer" | "shift" }>): void {
    this.match?.retimed(kind, tick, ticks);
  }

  /** Pass on a reliable game event, unless it belongs to another match. */
  happened(event: MatchHappened): void {
    if (this.event?.match_id === event.match_id) this.match?.happened(event);
  }
}
