/** A table that is searched and paged through, and loaded anew every few seconds. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, type Page } from "./api.js";
import { useLoaded, useShared } from "./state.js";
import { count } from "./words.js";

const LIMIT = 50;
const EVERY_MS = 2000;

export interface Column<T> {
  name: string;
  cell: (row: T) => ComponentChildren;
  /** `num` for numbers; `minor` for what a narrow screen leaves out. */
  kind?: string;
}

export function SearchTable<T, P extends Page>(props: {
  label: string;
  path: string;
  rows: (page: P) => T[];
  id: (row: T) => string;
  columns: Column<T>[];
  open?: (row: T) => void;
  empty: string;
  children?: (page: P) => ComponentChildren;
}) {
  const { acts, lost } = useShared();
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState("");
  const [offset, setOffset] = useState(0);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      setWanted(text);
      setOffset(0);
    }, 250);
    return () => clearTimeout(timer);
  }, [text]);
  const query = new URLSearchParams({ text: wanted, offset: String(offset), limit: String(LIMIT) });
  const path = `${props.path}?${query}`;
  const { value: page, fault } = useLoaded(() => get<P>(path), path, EVERY_MS, acts);
  const rows = page ? props.rows(page) : [];
  return (
    <section aria-label={props.label}>
      <div class="bar">
        <input
          type="search"
          aria-label={`Search ${props.label.toLowerCase()}`}
          placeholder="Search: name, title, address, id"
          maxLength={64}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="total" aria-live="polite">
          {page ? `${count(page.total)} in all` : ""}
        </span>
        {page && props.children?.(page)}
      </div>
      {fault && <p class="fault">{fault}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <div class="scroller" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {props.columns.map((column) => (
                <th key={column.name} class={column.kind ?? ""}>
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr
                key={props.id(row)}
                class={props.open ? "opens" : ""}
                onClick={(event) => {
                  if (!(event.target as Element).closest("button, a")) props.open?.(row);
                }}
              >
                {props.columns.map((column) => (
                  <td key={column.name} class={column.kind ?? ""}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {page && !lost && !rows.length && (
          <p class="hint">{wanted ? "Nothing matches." : props.empty}</p>
        )}
      </div>
      {page && (offset > 0 || page.next !== null) && (
        <div class="pager">
          <button
            type="button"
            disabled={!offset}
            onClick={() => setOffset(Math.max(0, offset - LIMIT))}
          >
            Back
          </button>
          <span>
            {offset + 1}–{offset + rows.length} of {count(page.total)}
          </span>
          <button
            type="button"
            disabled={page.next === null}
            onClick={() => setOffset(page.next ?? offset)}
          >
            Next
          </button>
        </div>
      )}
    </section>
  );
}
