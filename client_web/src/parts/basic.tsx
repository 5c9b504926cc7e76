/** Small parts that several screens are made of. */

import type { ComponentChildren } from "preact";
import { t } from "../texts/index.js";
import { css, teamColour } from "../theme.js";

export function Panel(props: {
  title: ComponentChildren;
  right?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}) {
  return (
    <section class={`panel ${props.class ?? ""}`}>
      <header class="panel-head">
        <h2>{props.title}</h2>
        <span>{props.right}</span>
      </header>
      {props.children}
    </section>
  );
}

/** The mark of a team: a diamond for the second, a disc for all others. */
export function Mark(props: { team: number; colour?: number; size?: number }) {
  const colour = css(props.colour ?? teamColour(props.team));
  const size = props.size ?? 14;
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 14 14" aria-hidden="true">
      {props.team === 2 ? (
        <path d="M7 0l7 7-7 7-7-7z" fill={colour} />
      ) : (
        <circle cx="7" cy="7" r="6.4" fill={colour} />
      )}
    </svg>
  );
}

export function WeaponSign({ kind }: { kind: string }) {
  return (
    <svg class="weapon" width="34" height="18" viewBox="0 0 34 18" aria-hidden="true">
      {kind === "rocket" ? (
        <path
          d="M2 3l7 3v6l-7 3 3-6zM9 5h15v8H9zM24 5l8 4-8 4z"
          fill="currentColor"
          stroke="currentColor"
          stroke-linejoin="round"
        />
      ) : (
        <path
          d="M1 5h7v8H1zM8 4h14v6H8zM22 5h10v3H22zM11 10h4v6h-4zM17 10h3v3h-3z"
          fill="currentColor"
        />
      )}
    </svg>
  );
}

const SIGNS: Readonly<Record<string, string>> = {
  health: "M15 9h6v6h6v6h-6v6h-6v-6H9v-6h6z",
  ammo: "M10 13a2 2 0 014 0v12h-4zM16 13a2 2 0 014 0v12h-4zM22 13a2 2 0 014 0v12h-4z",
  rockets: "M18 8l5 8v8l3 4H10l3-4v-8z",
  haste: "M20 7l-9 13h6l-2 9 10-14h-6z",
};

/** The round sign of a pick-up. */
export function PickupSign({ kind, size = 30 }: { kind: string; size?: number }) {
  return (
    <svg class={`pickup ${kind}`} width={size} height={size} viewBox="0 0 36 36" aria-hidden="true">
      <circle cx="18" cy="18" r="15" fill="none" stroke="currentColor" stroke-width="2.4" />
      <path d={SIGNS[kind]} fill="currentColor" />
    </svg>
  );
}

export function Toggle(props: {
  label: string;
  on: boolean;
  off?: boolean;
  change: (on: boolean) => void;
}) {
  return (
    <label class="toggle">
      <input
        type="checkbox"
        checked={props.on}
        disabled={props.off}
        onChange={(event) => props.change(event.currentTarget.checked)}
      />
      <span class="track" />
      {props.label}
    </label>
  );
}

/** One choice of a few, all in sight. */
export function Segments<T extends string>(props: {
  label: string;
  choices: readonly (readonly [value: T, text: string])[];
  chosen: T;
  choose: (value: T) => void;
  /** How much that is new waits behind a choice. */
  count?: (value: T) => number;
}) {
  return (
    <fieldset class="segments" aria-label={props.label}>
      {props.choices.map(([value, text]) => {
        const count = props.count?.(value) ?? 0;
        return (
          <button
            type="button"
            key={value}
            aria-pressed={value === props.chosen}
            aria-label={count > 0 ? t("chat.unread", { name: text, count }) : undefined}
            onClick={() => props.choose(value)}
          >
            {text}
            {count > 0 && <b class="count">{count}</b>}
          </button>
        );
      })}
    </fieldset>
  );
}
