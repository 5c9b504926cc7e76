/** What a game of any kind tells in numbers and words: tables and sentences of plain text. */

import type { Entity, EntityClass, GameEvent, Match, Schema, World } from "gameserver-client";
import { apart } from "../texts/apart.js";
import { wordOf } from "./looks.js";

const SEATS = /^(seat|target|by|victim|killer|owner|player|from|to|who|whom|winner)$/i;
const HIDDEN = /^(x|y|name|label|title|team)$/i;
/** Hints of fields that stand in tables all the same. */
const TOLD = ["", "mark", "none"];
/** Columns of the table of players. */
const COLUMNS = 3;

/** One player and what all see of the player's entities. */
export interface Row {
  readonly seat: number;
  readonly name: string;
  readonly values: readonly (readonly [name: string, value: string])[];
}

/** Each player's numbers: the public ones of the first own entity that has any. */
export function rowsOf(
  world: World,
  match: Pick<Match, "schema">,
  nameOf: (seat: number) => string,
): Row[] {
  const rows = new Map<number, Row>();
  for (const entity of world.entities.values()) {
    if (entity.owner < 0 || rows.has(entity.owner)) continue;
    const values = publicOf(entity, match.schema)
      .filter(([name, value]) => !HIDDEN.test(name) && typeof value === "number")
      .slice(0, COLUMNS)
      .map(([name, value]) => [wordOf(name), shown(value)] as const);
    if (values.length)
      rows.set(entity.owner, { seat: entity.owner, name: nameOf(entity.owner), values });
  }
  return [...rows.values()].sort((a, b) => a.seat - b.seat);
}

/** The fields of what has no place and no owner, such as a score board. */
export function boardOf(world: World, schema: Schema): (readonly [name: string, value: string])[] {
  const placed = new Set(schema.entities.filter((each) => each.placed).map(({ name }) => name));
  return [...world.entities.values()]
    .filter(({ type, owner }) => owner < 0 && !placed.has(type))
    .flatMap((entity) => publicOf(entity, schema))
    .map(([name, value]) => [wordOf(name), shown(value)] as const)
    .slice(0, 8);
}

/** An event as a line: "Tagged: seat Ann, target Bo". */
export function sentenceOf(event: GameEvent, nameOf: (seat: number) => string): string {
  const parts = Object.entries(event.fields)
    .filter(([name]) => !/^(x|y)$/.test(name))
    .map(([name, value]) => {
      const seat = SEATS.test(name) && typeof value === "number" && value >= 0;
      return `${wordOf(name)} ${seat ? apart(nameOf(value)) : shown(value)}`;
    });
  const words = event.type.replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return parts.length ? `${words}: ${parts.join(", ")}` : words;
}

/** Everything known of an entity, for an author who looks at it. */
export function allOf(entity: Entity, kind: EntityClass | undefined): [string, string][] {
  const audienceOf = (name: string) =>
    (["owner", "group"] as const).find((each) => kind?.fields[each]?.some((f) => f.name === name));
  const rows = Object.entries(entity.fields).map(([name, value]): [string, string] => {
    const audience = audienceOf(name);
    return [audience ? `${name} (${audience})` : name, shown(value)];
  });
  return [["id", String(entity.id)], ["owner", String(entity.owner)], ...rows];
}

function publicOf({ type, fields }: Entity, schema: Schema): (readonly [string, unknown])[] {
  const kind = schema.entities.find((each) => each.name === type);
  return (kind?.fields.public ?? [])
    .filter(({ hint, wrap }) => !wrap && TOLD.includes(hint))
    .map(({ name }) => [name, fields[name]] as const);
}

function shown(value: unknown): string {
  if (typeof value === "number") return String(Math.round(value * 100) / 100);
  return String(value ?? "");
}
