/** Synthesise all sounds from sines, noise and envelopes: mono samples from -1 to 1. */

/**
 * One tone that changes its frequency and fades out; a sound is a sum of tones. Times in seconds;
 * `noise` is its part of noise, from 0 to 1; a larger `fade` ends it earlier.
 */
interface Tone {
  readonly lasts: number;
  readonly from: number;
  readonly to: number;
  readonly noise?: number;
  readonly loud?: number;
  readonly after?: number;
  readonly fade?: number;
}

const tone = (lasts: number, from: number, to: number, more: Partial<Tone> = {}): Tone => ({
  lasts,
  from,
  to,
  ...more,
});

export const SOUNDS = {
  shot: [tone(0.09, 980, 240, { noise: 0.25, loud: 0.55 }), tone(0.05, 2400, 900, { loud: 0.25 })],
  hit: [tone(0.06, 1500, 1100, { noise: 0.1, loud: 0.5 })],
  hurt: [tone(0.14, 230, 90, { noise: 0.45, loud: 0.7 })],
  launch: [tone(0.32, 160, 420, { noise: 0.7, loud: 0.5, fade: 3 })],
  explosion: [tone(0.6, 120, 38, { noise: 0.85, loud: 0.95, fade: 5 }), tone(0.4, 70, 30)],
  dash: [tone(0.2, 300, 900, { noise: 0.75, loud: 0.4 })],
  health: [tone(0.1, 620, 620), tone(0.16, 930, 930, { after: 0.08 })],
  ammo: [tone(0.05, 420, 400, { noise: 0.3 }), tone(0.07, 560, 540, { noise: 0.3, after: 0.07 })],
  rockets: [
    tone(0.08, 260, 300, { noise: 0.2 }),
    tone(0.12, 390, 420, { noise: 0.2, after: 0.08 }),
  ],
  haste: [tone(0.28, 500, 1500, { loud: 0.5, fade: 2 })],
  spawn: [tone(0.35, 220, 880, { noise: 0.1, loud: 0.45, fade: 3 })],
  death: [tone(0.5, 420, 60, { noise: 0.5, loud: 0.8 })],
  flag: [
    tone(0.16, 523, 523),
    tone(0.16, 659, 659, { after: 0.12 }),
    tone(0.3, 784, 784, { after: 0.24 }),
  ],
  beep: [tone(0.12, 880, 880, { loud: 0.5 })],
  win: [523, 659, 784, 1047].map((hz, n) => tone(0.3, hz, hz, { after: 0.14 * n })),
  lose: [392, 330, 262].map((hz, n) => tone(0.35, hz, hz * 0.97, { after: 0.2 * n })),
} satisfies Readonly<Record<string, readonly Tone[]>>;

export type SoundName = keyof typeof SOUNDS;

const PEAK = 0.8;

export function samples(name: SoundName, rate: number): Float32Array<ArrayBuffer> {
  const tones: readonly Tone[] = SOUNDS[name];
  const lasts = Math.max(...tones.map(({ after = 0, lasts }) => after + lasts));
  const mixed = new Float32Array(Math.ceil(rate * lasts) + 1);
  for (const each of tones) add(mixed, each, rate);
  const loudest = mixed.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return mixed.map((value) => (PEAK * value) / loudest);
}

function add(mixed: Float32Array, each: Tone, rate: number): void {
  const { from, to, noise = 0, loud = 0.6, after = 0, fade = 4 } = each;
  const length = Math.floor(rate * each.lasts);
  const first = Math.floor(rate * after);
  let phase = 0;
  for (let n = 0; n < length; n++) {
    const part = n / length;
    phase += (2 * Math.PI * (from + (to - from) * part)) / rate;
    const value = Math.sin(phase) * (1 - noise) + (Math.random() * 2 - 1) * noise;
    const attack = Math.min(1, n / (rate * 0.0018));
    mixed[first + n]! += loud * value * attack * Math.exp(-fade * part) * (1 - part);
  }
}
