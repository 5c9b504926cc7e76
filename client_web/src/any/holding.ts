/** What the player holds in any game: keys, mouse, sticks and buttons, as a command. */

import type { Command } from "gameserver-client";
import { type Push, presses, pushOf, writes } from "../controls/controls.js";
import { readPad } from "../controls/gamepad.js";
import { wayOf } from "../controls/keys.js";
import type { Binding } from "./bindings.js";

/** The mouse's buttons by their numbers in an event. */
const MOUSE = ["Mouse", "MouseMiddle", "MouseRight"];

export class Holding {
  /** Nothing is taken while a menu is open or the chat is written. */
  paused = false;
  readonly run: Push = { x: 0, y: 0 };
  readonly aim: Push = { x: 0, y: 0 };
  private pointer: { x: number; y: number } | null = null;
  private readonly held = new Set<string>();
  /** Buttons of the gamepad that are down, and that were at the last command. */
  private padDown: ReadonlySet<string> = new Set();
  /** Fields of buttons that are held on the screen. */
  private readonly touched = new Set<string>();
  private readonly pressed = new Set<string>();
  private readonly numbers = new Map<string, number>();
  private readonly angles = new Map<string, number>();
  private readonly stop = new AbortController();

  constructor(
    /** What is bound; another key is bound by another list. */
    public bindings: readonly Binding[],
    canvas: HTMLCanvasElement,
  ) {
    const { signal } = this.stop;
    addEventListener("keydown", (event) => this.key(event), { signal });
    addEventListener("keyup", ({ code }) => this.held.delete(code), { signal });
    addEventListener("blur", () => this.letGo(), { signal });
    document.addEventListener("visibilitychange", () => this.letGo(), { signal });
    canvas.addEventListener(
      "pointermove",
      ({ offsetX, offsetY, pointerType }) => {
        if (pointerType !== "touch") this.pointer = { x: offsetX, y: offsetY };
      },
      { signal },
    );
    canvas.addEventListener(
      "pointerdown",
      ({ button, pointerType, offsetX, offsetY }) => {
        const points = this.bindings.some(({ kind }) => kind === "point");
        if (pointerType === "touch" && !points) return;
        this.pointer = { x: offsetX, y: offsetY };
        this.down(MOUSE[button] ?? "");
      },
      { signal },
    );
    const up = ({ button }: PointerEvent) => this.held.delete(MOUSE[button] ?? "");
    addEventListener("pointerup", up, { signal });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  }

  /** A button on the screen goes down or up. */
  touch(binding: Binding, down: boolean): void {
    const { name } = binding.field;
    if (!down) this.touched.delete(name);
    else if (binding.kind === "press") this.pressed.add(name);
    else this.touched.add(name);
  }

  /** Set a number that has no keys. */
  set(name: string, value: number): void {
    this.numbers.set(name, value);
  }

  valueOf(binding: Binding): number {
    const { name, lo, hi } = binding.field;
    return this.numbers.get(name) ?? Math.min(hi, Math.max(lo, 0));
  }

  /** Also while the page is not seen. */
  private get rests(): boolean {
    return this.paused || document.hidden;
  }

  letGo(): void {
    this.held.clear();
    this.touched.clear();
    this.run.x = this.run.y = this.aim.x = this.aim.y = 0;
  }

  /**
   * Return the command; `own` is where the own figure is on the canvas, and `placeOf` tells where in
   * the world a place of the canvas is.
   */
  command(
    own: { x: number; y: number },
    placeOf: (at: { x: number; y: number }) => { x: number; y: number },
  ): Command {
    const pointed = placeOf(this.pointer ?? own);
    const pad = this.rests ? null : readPad();
    this.takePad(pad?.down ?? new Set());
    const run = pushOf(this.rests ? [] : this.held, this.run, pad?.run);
    const command: Record<string, number | boolean> = {};
    for (const binding of this.bindings) {
      const { name, lo, hi } = binding.field;
      switch (binding.kind) {
        case "compass":
          command[name] = compass(run, binding.directions);
          break;
        case "axis": {
          const part = Math.max(-1, Math.min(1, run[binding.along])) * binding.sign;
          command[name] = Math.round(part > 0 ? part * hi : -part * lo);
          break;
        }
        case "angle":
          command[name] = this.angle(name, binding.steps, own, pad?.aim);
          break;
        case "point":
          command[name] = Math.min(hi, Math.max(lo, Math.round(pointed[binding.along])));
          break;
        case "hold":
          command[name] = !this.rests && this.isHeld(binding) ? 1 : 0;
          break;
        case "press":
          command[name] = !this.rests && this.pressed.has(name);
          break;
        case "number":
          command[name] = this.valueOf(binding);
      }
    }
    this.pressed.clear();
    return command;
  }

  destroy(): void {
    this.stop.abort();
  }

  private isHeld({ field, keys }: Binding): boolean {
    if (this.touched.has(field.name)) return true;
    return keys.some((key) => this.held.has(key) || this.padDown.has(key));
  }

  /** A button of the gamepad that goes down presses what is bound to it. */
  private takePad(down: ReadonlySet<string>): void {
    for (const button of down) if (!this.padDown.has(button)) this.presses(button);
    this.padDown = down;
  }

  private angle(name: string, steps: number, own: { x: number; y: number }, pad?: Push): number {
    const stick = pushOf([], this.aim, pad);
    const way =
      Math.hypot(stick.x, stick.y) > 0.2
        ? stick
        : this.pointer && { x: this.pointer.x - own.x, y: this.pointer.y - own.y };
    if (way && !this.rests) {
      const turn = Math.round((Math.atan2(way.y, way.x) / (2 * Math.PI)) * steps);
      this.angles.set(name, ((turn % steps) + steps) % steps);
    }
    return this.angles.get(name) ?? 0;
  }

  private key(event: KeyboardEvent): void {
    const { code, target, repeat } = event;
    if (this.paused || writes(target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (code === "Space" && presses(target)) return; // it presses the button that has the focus
    const bound = wayOf(code) || this.bindings.some(({ keys }) => keys.includes(code));
    if (bound || code === "Space") event.preventDefault();
    if (!repeat) this.down(code);
  }

  private down(code: string): void {
    if (this.paused) return;
    this.held.add(code);
    this.presses(code);
  }

  private presses(code: string): void {
    for (const binding of this.bindings) {
      if (binding.kind === "press" && binding.keys.includes(code)) {
        this.pressed.add(binding.field.name);
      }
    }
  }
}

function compass({ x, y }: Push, directions: number): number {
  if (Math.hypot(x, y) < 0.3) return 0;
  const part = Math.round((Math.atan2(y, x) / (2 * Math.PI)) * directions);
  return 1 + ((part + directions) % directions);
}
