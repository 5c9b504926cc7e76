/** The field tables of a game, as `match.started` brings them; docs/protocol.md, "The schema". */

import { ProtocolError } from "../errors.js";
import { isInteger } from "../wire/shape.js";

export type Audience = "public" | "owner" | "group";

export type FieldKind = "int" | "bool" | "str" | "float";

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  /** Whether it moves on by its last difference. */
  readonly linear: boolean;
  /** Values count modulo this; 0 if they do not wrap. */
  readonly wrap: number;
  /** Whether it never changes after the spawn. */
  readonly once: boolean;
  /** A float travels as a multiple of this; 0 for other kinds. */
  readonly precision: number;
  /** What it tells of how the entity is drawn, such as `heading`; empty for nothing. */
  readonly hint: string;
}

/** How a class is drawn unless a field says otherwise; what is left out is up to the page. */
export interface Look {
  readonly shape?: string;
  /** `#rrggbb`. */
  readonly colour?: string;
  /** A radius in the map's units. */
  readonly size?: number;
  readonly picture?: string;
}

/** What a player presses for a field of a command: one of them; none is up to the page. */
export interface Bound {
  readonly keys?: readonly string[];
  readonly axis?: string;
  readonly pointer?: string;
}

export interface EntityClass {
  readonly name: string;
  readonly number: number;
  /** Fields by audience; null where the class has none for it. */
  readonly fields: Readonly<Record<Audience, readonly Field[] | null>>;
  /** Whether entities have a place, and the names of its fields: those with the hints, or `x` and `y`. */
  readonly placed: boolean;
  readonly place: readonly [x: string, y: string];
  /** The angle at which it is drawn: the field with the hint, or the first that wraps. */
  readonly angle: Field | null;
  readonly look: Look;
}

export interface EventClass {
  readonly name: string;
  readonly fields: readonly (readonly [name: string, kind: FieldKind])[];
}

/** A field of an input: held (`level`), or happening once (`edge`). */
export interface CommandField {
  readonly name: string;
  readonly edge: boolean;
  readonly lo: number;
  readonly hi: number;
  readonly bound: Bound;
}

export interface Schema {
  readonly entities: readonly EntityClass[];
  readonly events: readonly EventClass[];
  readonly command: readonly CommandField[];
}

const KINDS: readonly string[] = ["int", "bool", "str", "float"];
const AUDIENCES: readonly Audience[] = ["public", "owner", "group"];

/** Read a schema. Throws `ProtocolError` where it is none. */
export function readSchema(plain: unknown): Schema {
  const { entities, events, command, bindings = {} } = map(plain);
  return {
    entities: list(entities).map((entity, number) => entityClass(map(entity), number)),
    events: list(events).map((event) => {
      const { name, fields } = map(event);
      return {
        name: text(name),
        fields: list(fields).map((row) => [text(list(row)[0]), kind(list(row)[1])] as const),
      };
    }),
    command: list(command).map((row) => {
      const [name, how, lo, hi] = list(row);
      const bound: Bound = map(bindings)[text(name)] ?? {};
      return { name: text(name), edge: how === "edge", lo: whole(lo), hi: whole(hi), bound };
    }),
  };
}

function entityClass(plain: Record<string, unknown>, number: number): EntityClass {
  const of = (audience: Audience) =>
    plain[audience] === undefined ? null : list(plain[audience]).map((row) => field(map(row)));
  const fields = { public: of("public"), owner: of("owner"), group: of("group") };
  const all = AUDIENCES.flatMap((audience) => fields[audience] ?? []);
  const hinted = (hint: string) => all.find((each) => each.hint === hint);
  const place = [hinted("x")?.name ?? "x", hinted("y")?.name ?? "y"] as const;
  const placed = place.every((name) =>
    fields.public?.some(
      (each) => each.name === name && each.kind !== "str" && each.kind !== "bool",
    ),
  );
  const turning = all.filter(({ wrap, hint }) => wrap > 0 && hint !== "none");
  const angle = turning.find(({ hint }) => hint === "heading") ?? turning[0] ?? null;
  const look: Look = map(plain.look ?? {});
  return { name: text(plain.name), number, fields, placed, place, angle, look };
}

function field(plain: Record<string, unknown>): Field {
  return {
    name: text(plain.name),
    kind: kind(plain.kind),
    linear: plain.predict === "linear",
    wrap: plain.wrap === undefined ? 0 : whole(plain.wrap),
    once: plain.once === true,
    precision: typeof plain.precision === "number" ? plain.precision : 0,
    hint: plain.hint === undefined ? "" : text(plain.hint),
  };
}

function map(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ProtocolError("the match's schema is malformed");
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ProtocolError("the match's schema is malformed");
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new ProtocolError("the match's schema is malformed");
}

function whole(value: unknown): number {
  if (isInteger(value)) return value;
  throw new ProtocolError("the match's schema is malformed");
}

function kind(value: unknown): FieldKind {
  if (KINDS.includes(value as string)) return value as FieldKind;
  throw new ProtocolError("the match's schema is malformed");
}
