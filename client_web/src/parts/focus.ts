/**
 * Where the focus goes when what had it is gone.
 *
 * Law: while a dialog is open the focus stays in it; what lies behind it takes no part.
 */

/** Put the focus on the heading of the screen, so that it is read and Tab begins there. */
export function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>("main h1");
  if (!heading) return letGo();
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** In a match keys are the game's. */
export function letGo(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/** The uppermost dialog that is open. */
export function openDialog(): Element | undefined {
  return [...document.querySelectorAll('[role="dialog"][aria-modal="true"]')].at(-1);
}
