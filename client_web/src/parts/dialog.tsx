/** A box over the screen that has the focus until it is closed, and gives it back then. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { focusHeading, openDialog } from "./focus.js";

export function Dialog(props: {
  title: string;
  class?: string;
  /** What Escape does; without it, nothing here. */
  close?: () => void;
  children: ComponentChildren;
}) {
  const box = useRef<HTMLElement>(null);
  const close = useRef(props.close);
  close.current = props.close;
  // Before the box is seen: what is typed at once belongs to it.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const own = box.current!;
    (own.querySelector<HTMLElement>(".primary:enabled") ?? reachedIn(own)[0])?.focus();
    const keys = (event: KeyboardEvent) => {
      if (openDialog() !== own) return; // another dialog lies over this one
      if (event.key === "Tab") stayWithin(own, event);
      if (event.key === "Escape") close.current?.();
    };
    // On the window, since a click beside the box takes the focus out of it.
    addEventListener("keydown", keys);
    return () => {
      removeEventListener("keydown", keys);
      // The screen may be another one by now: then nothing is left to give the focus back to.
      const stays = before instanceof HTMLElement && before.isConnected;
      if (stays && before !== document.body) before.focus();
      else focusHeading();
    };
  }, []);
  return (
    <div class="veil">
      <section
        ref={box}
        class={`box ${props.class ?? ""}`}
        role="dialog"
        aria-modal="true"
        aria-label={props.title}
      >
        <h2>{props.title}</h2>
        {props.children}
      </section>
    </div>
  );
}

/** What Tab reaches in a box, in its order. */
function reachedIn(box: HTMLElement): HTMLElement[] {
  const all = box.querySelectorAll<HTMLButtonElement>("button, input, select");
  return [...all].filter((each) => !each.disabled && each.offsetParent !== null);
}

/** Let Tab go round within a dialog, and come back to it. */
function stayWithin(box: HTMLElement, event: KeyboardEvent): void {
  const reached = reachedIn(box);
  const [first, last] = [reached[0], reached.at(-1)];
  const at = document.activeElement;
  const outside = !box.contains(at);
  if (event.shiftKey && (outside || at === first)) last?.focus();
  else if (!event.shiftKey && (outside || at === last)) first?.focus();
  else return;
  event.preventDefault();
}
