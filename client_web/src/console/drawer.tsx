/** A panel at the side with all about one thing. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ChatLine } from "./api.js";
import { when } from "./words.js";

/** `gone` says why there is nothing to see any more: what was there is not shown then. */
export function Drawer(props: {
  title: string;
  close: () => void;
  fault?: string;
  gone?: string;
  children: ComponentChildren;
}) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    button.current?.focus();
    const escaped = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) props.close();
    };
    addEventListener("keydown", escaped);
    return () => removeEventListener("keydown", escaped);
  }, []);
  return (
    <aside class="drawer" aria-label={props.title}>
      <header>
        <h2>
          <bdi>{props.title}</bdi>
        </h2>
        <button type="button" ref={button} onClick={props.close} aria-label="Close the panel">
          ✕
        </button>
      </header>
      <div class="drawer-body">
        {props.gone ? (
          <p class="hint" role="status">
            {props.gone}
          </p>
        ) : (
          <>
            {props.fault && <p class="fault">{props.fault}</p>}
            {props.children}
          </>
        )}
      </div>
    </aside>
  );
}

export function Fact(props: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** Lines of chat, oldest first; the newest is in sight. */
export function Chat(props: { lines: ChatLine[]; marked?: string }) {
  const place = useRef<HTMLOListElement>(null);
  const newest = props.lines[props.lines.length - 1]?.message_id;
  useEffect(() => {
    const list = place.current;
    if (list) list.scrollTop = list.scrollHeight;
  }, [newest]);
  if (!props.lines.length) return <p class="hint">Nobody has said anything.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it
    <ol class="chat" ref={place} tabIndex={0} aria-label="Chat">
      {props.lines.map((line) => (
        <li key={line.message_id} class={line.sender === props.marked ? "marked" : ""}>
          <time>{when(line.at_ms)}</time>{" "}
          {line.channel !== "lobby" && line.channel !== "global" && <em>{line.channel}</em>}{" "}
          {line.sender ? (
            <b>
              <bdi>{line.sender_name}</bdi>
            </b>
          ) : (
            <em>server</em>
          )}{" "}
          <bdi>{line.text}</bdi>
        </li>
      ))}
    </ol>
  );
}
