/** The field of any game: its map and its entities on a canvas, seen by a camera. */

import type { TileMap } from "gameserver-client";
import { drawGround, TILE_PX } from "../field/ground.js";
import { css } from "../theme.js";
import { type Figure, SUB } from "./looks.js";
import { Pictures } from "./pictures.js";

/** Tiles that the shorter side of the view shows. */
const SHOWN_TILES = 15;
const MOST_PIXELS = 2;
const INK = "#e8edf4";
const DARK = "#0b0f15";
/** Pixels around an entity within which a click means it. */
const NEAR = 8;

export class AnyField {
  private readonly pen: CanvasRenderingContext2D;
  private readonly pieces;
  private readonly pictures = new Pictures();
  private zoom = 1;
  private wheel = 1;
  /** The middle of the view, in pixels of the world. */
  private readonly eye: { x: number; y: number };
  private shown: readonly Figure[] = [];
  /** Where a viewer has drawn the view to, in pixels of the world; null follows a figure. */
  private look: { x: number; y: number } | null = null;
  /** Pixels at the right edge of the canvas under which nothing is seen. */
  covered = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly map: TileMap,
  ) {
    this.pen = canvas.getContext("2d")!;
    this.pieces = drawGround(map, 1);
    this.eye = { x: (map.width * TILE_PX) / 2, y: (map.height * TILE_PX) / 2 };
    this.resize();
  }

  /** Where the middle of what is seen lies on the canvas, from its left edge. */
  get centre(): number {
    return (this.canvas.clientWidth - this.covered) / 2;
  }

  resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = Math.min(MOST_PIXELS, devicePixelRatio);
    this.canvas.width = Math.max(1, Math.round(clientWidth * ratio));
    this.canvas.height = Math.max(1, Math.round(clientHeight * ratio));
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.measure();
  }

  /** Zoom by a turn of the wheel. */
  zoomBy(factor: number): void {
    this.wheel = Math.min(4, Math.max(0.2, this.wheel * factor));
    this.measure();
  }

  /** Draw the view along by pixels of the canvas; it follows no figure then. */
  drag(dx: number, dy: number): void {
    const { x, y } = this.look ?? this.eye;
    this.look = inside({ x: x - dx / this.zoom, y: y - dy / this.zoom }, this.map);
  }

  /** Whether the view follows no figure, since it was drawn along. */
  get free(): boolean {
    return this.look !== null;
  }

  /** Follow a figure again. */
  letGo(): void {
    this.look = null;
  }

  /** Draw everything; the camera follows a figure, or stays where it is. */
  draw(figures: readonly Figure[], followed: Figure | null, chosen: string, elapsed: number): void {
    const { pen, canvas, eye, zoom } = this;
    this.shown = figures;
    if (!followed) this.covered = 0; // a table stays where it is: it might not fit beside a panel
    this.follow(followed, elapsed);
    const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
    pen.fillStyle = "#0f131a";
    pen.fillRect(0, 0, wide, high);
    pen.save();
    pen.translate(this.centre, high / 2);
    pen.scale(zoom, zoom);
    pen.translate(-eye.x, -eye.y);
    for (const piece of this.pieces) {
      pen.drawImage(piece.canvas, piece.x * TILE_PX, piece.y * TILE_PX);
    }
    // Small ones last: a large one must not hide them.
    const inOrder = [...figures].sort(
      (a, b) => Number(a.own) - Number(b.own) || b.radius - a.radius,
    );
    for (const each of inOrder) this.figure(each, each.key === chosen);
    for (const each of inOrder) this.words(each);
    pen.restore();
  }

  /** Where a figure is on the canvas. */
  onScreen(figure: Figure | null): { x: number; y: number } {
    const { canvas, eye, zoom } = this;
    const [x, y] = figure ? [figure.x / SUB, figure.y / SUB] : [eye.x, eye.y];
    return {
      x: this.centre + (x - eye.x) * zoom,
      y: canvas.clientHeight / 2 + (y - eye.y) * zoom,
    };
  }

  /** Where in the world a place of the canvas is, in sub-units. */
  inWorld({ x, y }: { x: number; y: number }): { x: number; y: number } {
    const { canvas, eye, zoom } = this;
    return {
      x: (eye.x + (x - this.centre) / zoom) * SUB,
      y: (eye.y + (y - canvas.clientHeight / 2) / zoom) * SUB,
    };
  }

  /** The figure at a place of the canvas. */
  at(x: number, y: number): Figure | null {
    let found: Figure | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const each of this.shown) {
      const place = this.onScreen(each);
      const far = Math.hypot(place.x - x, place.y - y);
      if (far < (each.radius / SUB) * this.zoom + NEAR && far < least) [found, least] = [each, far];
    }
    return found;
  }

  private measure(): void {
    const least = Math.min(this.canvas.clientWidth, this.canvas.clientHeight);
    this.zoom = Math.max(0.1, (least / (SHOWN_TILES * TILE_PX)) * this.wheel);
  }

  private follow(followed: Figure | null, elapsed: number): void {
    const { map, eye, zoom, canvas, look } = this;
    const share = Math.min(1, elapsed * 12);
    if (look) {
      eye.x += (look.x - eye.x) * share;
      eye.y += (look.y - eye.y) * share;
      return;
    }
    if (!followed) return;
    const wanted = (at: number, tiles: number, pixels: number) => {
      const [half, size] = [pixels / zoom / 2, tiles * TILE_PX];
      return size <= 2 * half ? size / 2 : Math.min(size - half, Math.max(half, at));
    };
    eye.x += (wanted(followed.x / SUB, map.width, 2 * this.centre) - eye.x) * share;
    eye.y += (wanted(followed.y / SUB, map.height, canvas.clientHeight) - eye.y) * share;
  }

  private figure(figure: Figure, chosen: boolean): void {
    const { pen } = this;
    const [x, y, radius] = [figure.x / SUB, figure.y / SUB, figure.radius / SUB];
    pen.lineWidth = 2;
    pen.strokeStyle = DARK;
    pen.fillStyle = css(figure.colour);
    const picture = this.pictures.of(figure.pictures);
    if (figure.heading !== null && !picture) {
      pen.beginPath();
      pen.moveTo(x, y);
      const [dx, dy] = [Math.cos(figure.heading), Math.sin(figure.heading)];
      pen.lineTo(x + dx * radius * 1.6, y + dy * radius * 1.6);
      pen.lineWidth = Math.max(3, radius / 3);
      pen.strokeStyle = INK;
      pen.stroke();
      pen.lineWidth = 2;
      pen.strokeStyle = DARK;
    }
    if (picture) {
      paint(pen, picture, figure, x, y, radius);
    } else {
      outline(pen, figure, x, y, radius);
      pen.fill();
      pen.stroke();
    }
    if (figure.marks.length || figure.own || chosen) {
      pen.beginPath();
      pen.arc(x, y, radius + 4, 0, 2 * Math.PI);
      pen.setLineDash(chosen ? [4, 3] : []);
      pen.strokeStyle = chosen ? "#ffffff" : figure.marks.length ? "#f5b142" : INK;
      pen.stroke();
      pen.setLineDash([]);
    }
  }

  private words({ x, y, radius, label, marks, colour }: Figure): void {
    const { pen, zoom } = this;
    if (!label && !marks.length) return;
    if (label.length < 3 && !marks.length) {
      pen.font = `700 ${(radius / SUB) * 1.2}px system-ui, sans-serif`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillStyle = DARK;
      pen.fillText(label, x / SUB, y / SUB);
      return;
    }
    pen.textBaseline = "alphabetic";
    const text = [label.slice(0, 24), ...marks.map((each) => `· ${each}`)].join(" ").trim();
    pen.font = `600 ${12 / Math.min(1.2, zoom)}px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.lineWidth = 3;
    pen.strokeStyle = DARK;
    pen.fillStyle = css(colour);
    const at = [x / SUB, (y - radius) / SUB - 8] as const;
    pen.strokeText(text, ...at);
    pen.fillText(text, ...at);
  }
}

/** The place of a map that is nearest to a place. */
export function inside(
  { x, y }: { x: number; y: number },
  map: { width: number; height: number },
): { x: number; y: number } {
  return {
    x: Math.min(map.width * TILE_PX, Math.max(0, x)),
    y: Math.min(map.height * TILE_PX, Math.max(0, y)),
  };
}

/** Draw a picture within the radius; it looks east, and turns with the heading. */
function paint(
  pen: CanvasRenderingContext2D,
  picture: HTMLImageElement,
  { heading, colour, entity }: Figure,
  x: number,
  y: number,
  radius: number,
): void {
  const { naturalWidth, naturalHeight } = picture;
  const scale = (2 * radius) / Math.max(naturalWidth, naturalHeight);
  const [wide, high] = [naturalWidth * scale, naturalHeight * scale];
  pen.save();
  pen.translate(x, y);
  pen.rotate(heading ?? 0);
  pen.drawImage(picture, -wide / 2, -high / 2, wide, high);
  pen.restore();
  if (entity.owner < 0) return;
  // Whose it is stays to be seen.
  pen.beginPath();
  pen.arc(x, y, radius + 2, 0, 2 * Math.PI);
  pen.strokeStyle = css(colour);
  pen.stroke();
}

function outline(
  pen: CanvasRenderingContext2D,
  { shape, heading }: Figure,
  x: number,
  y: number,
  radius: number,
): void {
  pen.beginPath();
  const corners = { disc: 0, square: 4, diamond: 4, triangle: 3 }[shape];
  if (!corners) {
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const turn = heading ?? (shape === "square" ? Math.PI / 4 : -Math.PI / 2);
  // Half of a square's side is the radius.
  const far = radius * (shape === "square" ? Math.SQRT2 : 1.15);
  for (let n = 0; n < corners; n++) {
    const angle = turn + (n / corners) * 2 * Math.PI;
    pen.lineTo(x + Math.cos(angle) * far, y + Math.sin(angle) * far);
  }
  pen.closePath();
}
