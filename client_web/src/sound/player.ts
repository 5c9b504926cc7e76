/**
 * Plays sounds with Web Audio: volume by distance from the listener, balance by direction.
 *
 * Law: a browser lets a page sound after its first key or click only; until then all is silent.
 */

import { type SoundName, samples } from "./synth.js";

const KEPT = "gameserver.volume";
const RATE = 22_050;
/** Distances in pixels of the field up to which all is heard, and from which nothing is. */
const FULL_PX = 200;
const SILENT_PX = 1100;
/** Volume of what others do. */
const OTHERS = 0.75;
const LEAST = 0.02;

class SoundPlayer {
  private context: AudioContext | null = null;
  private master: GainNode | null = null;
  private readonly made = new Map<SoundName, AudioBuffer>();
  private loud = kept();

  constructor() {
    for (const first of ["pointerdown", "keydown"]) {
      addEventListener(first, () => this.open(), { capture: true });
    }
  }

  /** From 0 to 1. */
  get volume(): number {
    return this.loud;
  }

  set volume(volume: number) {
    this.loud = volume;
    localStorage.setItem(KEPT, String(volume));
    if (this.master) this.master.gain.value = volume;
  }

  /** A sound without a place. */
  chime(name: SoundName): void {
    this.start(name, 0.8, 0);
  }

  /** A sound at a place that is so far from the listener. */
  at(name: SoundName, dx: number, dy: number, own: boolean): void {
    const far = Math.hypot(dx, dy);
    const near = Math.max(0, Math.min(1, (SILENT_PX - far) / (SILENT_PX - FULL_PX)));
    this.start(name, near * near * (own ? 1 : OTHERS), far < 20 ? 0 : dx / Math.max(far, 300));
  }

  private open(): void {
    if (!this.context) {
      this.context = new AudioContext({ latencyHint: "interactive" });
      this.master = this.context.createGain();
      this.master.gain.value = this.loud;
      this.master.connect(this.context.destination);
    }
    if (this.context.state === "suspended") void this.context.resume();
  }

  private start(name: SoundName, loud: number, balance: number): void {
    const { context, master } = this;
    if (!context || !master || context.state !== "running" || loud * this.loud < LEAST) return;
    let buffer = this.made.get(name);
    if (!buffer) {
      const data = samples(name, RATE);
      buffer = context.createBuffer(1, data.length, RATE);
      buffer.copyToChannel(data, 0);
      this.made.set(name, buffer);
    }
    const source = new AudioBufferSourceNode(context, { buffer });
    source
      .connect(new GainNode(context, { gain: loud }))
      .connect(new StereoPannerNode(context, { pan: Math.max(-0.8, Math.min(0.8, balance)) }))
      .connect(master);
    source.start();
  }
}

function kept(): number {
  const volume = Number(localStorage.getItem(KEPT) ?? 0.6);
  return volume >= 0 && volume <= 1 ? volume : 0.6;
}

export const sounds = new SoundPlayer();
