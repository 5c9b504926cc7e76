/**
 * Pictures of everything that moves: drawn large once, as textures.
 *
 * Law: a picture is kept by its appearance. Turning, size and fading are the graphics card's work.
 */

import { Texture } from "pixi.js";
import { css, fighterColour, mix, pickupColour, teamColour } from "../theme.js";

/** Pixels of a texture for a pixel of the field. */
export const FINE = 4;

type Pen = CanvasRenderingContext2D;

export class Figures {
  private readonly made = new Map<string, Texture>();

  /** A fighter that aims to the right; the body of team 2 is square. */
  fighter(team: number, seat: number): Texture {
    const colour = fighterColour(team, seat);
    return this.kept(`fighter ${team} ${colour}`, 56, 56, (pen) => {
      const dark = mix(colour, 0, 0.55);
      pen.translate(28, 28);
      box(pen, 0x181d26, 5, -4, 19, 8, 2);
      box(pen, 0xc4ccd6, 6, -3, 17, 6, 2);
      for (const [shade, radius] of [
        [0x0e1218, 15],
        [dark, 14],
        [colour, 12],
      ] as const) {
        if (team === 2) box(pen, shade, 1 - radius, 1 - radius, 2 * radius - 2, 2 * radius - 2, 3);
        else disc(pen, shade, 0, 0, radius);
      }
      disc(pen, dark, 2, 0, 6);
      disc(pen, mix(colour, 0xffffff, 0.7), 4, 0, 3);
    });
  }

  rocket(team: number, seat: number): Texture {
    const colour = fighterColour(team, seat);
    return this.kept(`rocket ${colour}`, 24, 24, (pen) => {
      shape(pen, mix(colour, 0, 0.4), [2, 6, 9, 12, 2, 18]);
      box(pen, 0xe2e7ee, 4, 9, 13, 6, 2);
      shape(pen, colour, [16, 9, 22, 12, 16, 15]);
    });
  }

  pickup(kind: string): Texture {
    const colour = pickupColour(kind);
    return this.kept(`pickup ${kind}`, 36, 36, (pen) => {
      pen.translate(18, 18);
      disc(pen, 0x0e1218, 0, 0, 16);
      disc(pen, mix(colour, 0x0c1016, 0.72), 0, 0, 15);
      pen.strokeStyle = css(colour);
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(0, 0, 14, 0, 2 * Math.PI);
      pen.stroke();
      sign(pen, kind, colour);
    });
  }

  flag(team: number): Texture {
    const colour = teamColour(team);
    return this.kept(`flag ${colour}`, 32, 40, (pen) => {
      box(pen, 0xd8dee6, 3, 2, 3, 36, 1);
      const wave = [6, 4, 20, 6, 29, 4, 27, 13, 29, 21, 19, 19, 6, 21];
      shape(pen, colour, wave);
      pen.strokeStyle = css(mix(colour, 0, 0.4));
      pen.lineWidth = 1;
      pen.stroke();
    });
  }

  /** A white disc, to be tinted. */
  disc(): Texture {
    return this.kept("disc", 32, 32, (pen) => disc(pen, 0xffffff, 16, 16, 15.5));
  }

  /** A white ring of this width on a radius of 50, to be tinted. */
  ring(width: number): Texture {
    return this.kept(`ring ${width}`, 108, 108, (pen) => {
      pen.strokeStyle = "#fff";
      pen.lineWidth = width;
      pen.beginPath();
      pen.arc(54, 54, 50, 0, 2 * Math.PI);
      pen.stroke();
    });
  }

  /** White light that fades towards its border. */
  glow(): Texture {
    return this.kept("glow", 64, 64, (pen) => {
      const light = pen.createRadialGradient(32, 32, 0, 32, 32, 32);
      light.addColorStop(0, "rgb(255 255 255 / 90%)");
      light.addColorStop(0.35, "rgb(255 255 255 / 42%)");
      light.addColorStop(1, "rgb(255 255 255 / 0%)");
      pen.fillStyle = light;
      pen.fillRect(0, 0, 64, 64);
    });
  }

  /** A streak of light, bright at its end. */
  streak(): Texture {
    return this.kept("streak", 64, 6, (pen) => {
      const light = pen.createLinearGradient(0, 0, 64, 0);
      light.addColorStop(0, "rgb(255 255 255 / 15%)");
      light.addColorStop(1, "rgb(255 255 255 / 100%)");
      pen.fillStyle = light;
      pen.beginPath();
      pen.roundRect(0, 1.5, 64, 3, 1.5);
      pen.fill();
    });
  }

  /** Radio waves, crossed out: a fighter of whom nothing is heard. */
  silent(): Texture {
    return this.kept("silent", 28, 24, (pen) => {
      pen.strokeStyle = pen.fillStyle = "#f5b142";
      pen.lineWidth = 2.5;
      for (const radius of [5, 9, 13]) {
        pen.beginPath();
        pen.arc(14, 19, radius, -2.35, -0.8);
        pen.stroke();
      }
      disc(pen, 0xf5b142, 14, 19, 2);
      for (const [colour, width] of [
        ["#10151d", 5],
        ["#f5b142", 2],
      ] as const) {
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.beginPath();
        pen.moveTo(5, 3);
        pen.lineTo(23, 21);
        pen.stroke();
      }
    });
  }

  /** A word with a dark edge, readable on any ground. */
  word(text: string, size: number, colour: number, team = 0): Texture {
    const key = `word ${size} ${colour} ${team} ${text}`;
    const found = this.made.get(key);
    if (found) return found;
    const font = `700 ${size}px "Noto Sans", system-ui, sans-serif`;
    const measure = document.createElement("canvas").getContext("2d")!;
    measure.font = font;
    const spot = team ? size + 2 : 0;
    const wide = Math.ceil(measure.measureText(text).width) + 8 + spot;
    return this.kept(key, wide, Math.ceil(size * 1.6), (pen) => {
      const middle = size * 0.8;
      pen.font = font;
      pen.textBaseline = "middle";
      pen.lineJoin = "round";
      if (team) mark(pen, team, teamColour(team), size * 0.55, middle, size * 0.36);
      pen.strokeStyle = "rgb(8 10 14 / 85%)";
      pen.lineWidth = 3.5;
      pen.strokeText(text, 4 + spot, middle);
      pen.fillStyle = css(colour);
      pen.fillText(text, 4 + spot, middle);
    });
  }

  destroy(): void {
    for (const texture of this.made.values()) texture.destroy(true);
    this.made.clear();
  }

  private kept(key: string, wide: number, high: number, draw: (pen: Pen) => void): Texture {
    const found = this.made.get(key);
    if (found) return found;
    const canvas = document.createElement("canvas");
    canvas.width = wide * FINE;
    canvas.height = high * FINE;
    const pen = canvas.getContext("2d")!;
    pen.scale(FINE, FINE);
    draw(pen);
    const texture = Texture.from(
      { resource: canvas, resolution: FINE, autoGenerateMipmaps: true },
      true,
    );
    this.made.set(key, texture);
    return texture;
  }
}

function sign(pen: Pen, kind: string, colour: number): void {
  switch (kind) {
    case "health":
      box(pen, colour, -3, -9, 6, 18, 1);
      box(pen, colour, -9, -3, 18, 6, 1);
      return;
    case "ammo":
      for (const x of [-8, -2, 4]) box(pen, colour, x, -7, 4, 14, [2, 2, 0, 0]);
      return;
    case "rockets":
      return shape(pen, colour, [0, -10, 5, -2, 5, 6, 8, 10, -8, 10, -5, 6, -5, -2]);
    case "haste":
      return shape(pen, colour, [2, -11, -7, 2, -1, 2, -3, 11, 7, -3, 1, -3]);
    default:
      disc(pen, colour, 0, 0, 6);
  }
}

function mark(pen: Pen, team: number, colour: number, x: number, y: number, radius: number): void {
  const r = radius * 1.15;
  if (team === 2) shape(pen, colour, [x, y - r, x + r, y, x, y + r, x - r, y]);
  else disc(pen, colour, x, y, radius);
}

function disc(pen: Pen, colour: number, x: number, y: number, radius: number): void {
  pen.fillStyle = css(colour);
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

function box(
  pen: Pen,
  colour: number,
  x: number,
  y: number,
  wide: number,
  high: number,
  radius: number | number[],
): void {
  pen.fillStyle = css(colour);
  pen.beginPath();
  pen.roundRect(x, y, wide, high, radius);
  pen.fill();
}

function shape(pen: Pen, colour: number, points: readonly number[]): void {
  pen.fillStyle = css(colour);
  pen.beginPath();
  for (let at = 0; at < points.length; at += 2) pen.lineTo(points[at]!, points[at + 1]!);
  pen.closePath();
  pen.fill();
}
