/**
 * Ease the corrections of predicted places.
 *
 * Law: only drawn places are eased. The world is corrected at once; the drawn place moves from the
 * old one to the corrected one within `EASE_S`.
 */

/** A shorter correction looks like a jerk, a longer one like floating. */
const EASE_S = 0.1;

/**
 * An entity that moves farther between two snapshots was teleported, and a correction this large is
 * not eased; in sub-units.
 */
export const TELEPORT = 96 * 16;

/** The offset of a drawn place from the true one; it fades to zero. */
export class Correction {
  private dx = 0;
  private dy = 0;
  private since = 0;

  /** The offset that remains: it falls fast at first. */
  at(now: number): readonly [dx: number, dy: number] {
    const left = Math.max(0, 1 - (now - this.since) / EASE_S);
    const eased = left * left;
    return [this.dx * eased, this.dy * eased];
  }

  /** Add an offset to what remains; a sum longer than `snap` becomes zero. */
  add(dx: number, dy: number, now: number, snap: number): void {
    const [leftX, leftY] = this.at(now);
    [this.dx, this.dy, this.since] = [leftX + dx, leftY + dy, now];
    if (this.dx * this.dx + this.dy * this.dy > snap * snap) this.dx = this.dy = 0;
  }
}
