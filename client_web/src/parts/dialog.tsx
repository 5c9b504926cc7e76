/** A box over the screen that has the focus until it is closed, and gives it back then. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

export function Dialog(props: { title: string; class?: string; children: ComponentChildren }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const first = box.current?.querySelector<HTMLElement>(".primary");
    first?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
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
        onKeyDown={(event) => stayWithin(event.currentTarget, event)}
      >
        <h2>{props.title}</h2>
        {props.children}
      </section>
    </div>
  );
}

/** Let Tab go round within a dialog. */
function stayWithin(box: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== "Tab") return;
  const all = box.querySelectorAll<HTMLButtonElement>("button, input, select");
  const reached = [...all].filter((each) => !each.disabled && each.offsetParent !== null);
  const [first, last] = [reached[0], reached.at(-1)];
  const at = document.activeElement;
  if (event.shiftKey && at === first) last?.focus();
  else if (!event.shiftKey && at === last) first?.focus();
  else return;
  event.preventDefault();
}
