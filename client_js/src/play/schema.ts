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
}

export interface EntityClass {
  readonly name: string;
  readonly number: number;
  /** Fields by audience; null where the class has none for it. */
  readonly fields: Readonly<Record<Audience, readonly Field[] | null>>;
  /** Whether entities have a place: fields `x` and `y` that everybody sees. */
  readonly placed: boolean;
  /** The first field that wraps, in the order of the audiences: the angle at which it is drawn. */
  readonly angle: Field | null;
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
  const { entities, events, command } = map(plain);
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
      return { name: text(name), edge: how === "edge", lo: whole(lo), hi: whole(hi) };
    }),
  };
}

function entityClass(plain: Record<string, unknown>, number: number): EntityClass {
  const of = (audience: Audience) =>
    plain[audience] === undefined ? null : list(plain[audience]).map((row) => field(map(row)));
  const fields = { public: of("public"), owner: of("owner"), group: of("group") };
  const all = AUDIENCES.flatMap((audience) => fields[audience] ?? []);
  const placed = ["x", "y"].every((name) =>
    fields.public?.some(
      (each) => each.name === name && each.kind !== "str" && each.kind !== "bool",
    ),
  );
  const angle = all.find((each) => each.wrap > 0) ?? null;
  return { name: text(plain.name), number, fields, placed, angle };
}

function field(plain: Record<string, unknown>): Field {
  return {
    name: text(plain.name),
    kind: kind(plain.kind),
    linear: plain.predict === "linear",
    wrap: plain.wrap === undefined ? 0 : whole(plain.wrap),
    once: plain.once === true,
    precision: typeof plain.precision === "number" ? plain.precision : 0,
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
