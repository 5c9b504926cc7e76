/**
 * What the player holds, from keyboard and mouse, touch, or a gamepad: the newest that was used.
 *
 * Law: a key that goes down while a text is written or a menu is open holds nothing.
 */

import type { Command } from "gameserver-client";
import { readPad } from "./gamepad.js";
import { isKey, wayOf } from "./keys.js";

/** Steps of a whole turn in a command. */
const TURN = 1024;

/** A direction; its length is how far a stick is pushed, from 0 to 1. */
export interface Push {
  x: number;
  y: number;
}

export class Controls {
  /** Nothing is taken while a menu is open or the chat is written. */
  paused = false;
  /** The pointer on the canvas; null while a stick or nothing points. */
  pointer: { x: number; y: number } | null = null;
  /** Pushes of the sticks on the screen. */
  readonly run: Push = { x: 0, y: 0 };
  readonly aim: Push = { x: 0, y: 0 };
  private readonly held = new Set<string>();
  private readonly pressed = new Set<"rocket" | "dash">();
  private fires = false;
  private angle = 0;
  private steps = 0;
  private readonly stop = new AbortController();

  constructor(canvas: HTMLCanvasElement) {
    const { signal } = this.stop;
    addEventListener("keydown", (event) => this.key(event), { signal });
    addEventListener("keyup", (event) => this.held.delete(event.code), { signal });
    addEventListener("blur", () => this.letGo(), { signal });
    document.addEventListener("visibilitychange", () => this.letGo(), { signal });
    const point = ({ offsetX, offsetY, pointerType }: PointerEvent) => {
      if (pointerType !== "touch") this.pointer = { x: offsetX, y: offsetY };
    };
    canvas.addEventListener("pointermove", point, { signal });
    canvas.addEventListener(
      "pointerdown",
      (event) => {
        if (event.pointerType === "touch") return;
        point(event);
        canvas.setPointerCapture(event.pointerId);
        if (event.button === 0) this.fires = true;
        if (event.button === 2) this.press("rocket");
      },
      { signal },
    );
    const up = ({ button }: PointerEvent) => {
      if (button === 0) this.fires = false;
    };
    canvas.addEventListener("pointerup", up, { signal });
    canvas.addEventListener("pointercancel", () => this.letGo(), { signal });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  }

  /** Also while the page is not seen. */
  private get rests(): boolean {
    return this.paused || document.hidden;
  }

  press(what: "rocket" | "dash"): void {
    if (!this.paused) this.pressed.add(what);
  }

  /** Follow the next fighter, or with -1 the one before. */
  follow(step: 1 | -1): void {
    this.steps += step;
  }

  /** Take how many fighters further a spectator's buttons went. */
  takeSteps(): number {
    const { steps } = this;
    this.steps = 0;
    return steps;
  }

  /** Let go of everything. */
  letGo(): void {
    this.held.clear();
    this.fires = false;
    this.run.x = this.run.y = this.aim.x = this.aim.y = 0;
  }

  /** Return Arena's command; `own` is where the own fighter is on the canvas. */
  command(own: { x: number; y: number }): Command {
    if (this.rests) {
      this.pressed.clear();
      return { move: 0, aim: this.angle, fire: 0 };
    }
    const pad = readPad();
    if (pad?.rocket) this.press("rocket");
    if (pad?.dash) this.press("dash");
    const run = pushOf(this.held, this.run, pad?.run);
    const stick = pushOf([], this.aim, pad?.aim);
    const sticks = Math.hypot(stick.x, stick.y) > 0.2;
    if (sticks) this.angle = stepsOf(stick);
    else if (this.pointer)
      this.angle = stepsOf({ x: this.pointer.x - own.x, y: this.pointer.y - own.y });
    if (pad?.used) this.pointer = null;
    const command = {
      move: Math.hypot(run.x, run.y) > 0.3 ? 1 + eighthOf(run) : 0,
      aim: this.angle,
      fire: this.fires || (pad?.fire ?? false) || Math.hypot(this.aim.x, this.aim.y) > 0.75 ? 1 : 0,
      rocket: this.pressed.has("rocket"),
      dash: this.pressed.has("dash"),
    };
    this.pressed.clear();
    return command;
  }

  destroy(): void {
    this.stop.abort();
  }

  private key(event: KeyboardEvent): void {
    if (this.paused || writes(event.target) || event.ctrlKey || event.metaKey || event.altKey)
      return;
    const { code } = event;
    if (code === "Space" && presses(event.target)) return;
    const [rocket, dash] = [isKey("rocket", event), isKey("dash", event)];
    if (wayOf(code) || rocket || dash) event.preventDefault();
    if (event.repeat) return;
    if (rocket) this.press("rocket");
    if (dash) this.press("dash");
    this.held.add(code);
  }
}

/** Whether a key presses a button. */
export function presses(target: EventTarget | null): boolean {
  return target instanceof HTMLButtonElement;
}

/** Whether a key goes into a field of text. */
export function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, select, textarea");
}

/** The push of the keys for directions and of all sticks together. */
export function pushOf(codes: Iterable<string>, ...pushes: (Push | undefined)[]): Push {
  const all = { x: 0, y: 0 };
  for (const code of codes) {
    const [x, y] = wayOf(code) ?? [0, 0];
    all.x += x;
    all.y += y;
  }
  for (const push of pushes) {
    all.x += push?.x ?? 0;
    all.y += push?.y ?? 0;
  }
  return all;
}

function stepsOf({ x, y }: Push): number {
  const steps = Math.round((Math.atan2(y, x) / (2 * Math.PI)) * TURN);
  return ((steps % TURN) + TURN) % TURN;
}

function eighthOf({ x, y }: Push): number {
  return (Math.round((Math.atan2(y, x) / (2 * Math.PI)) * 8) + 8) % 8;
}
