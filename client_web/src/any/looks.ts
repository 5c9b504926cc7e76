/**
 * How the entities of any game look: by the hints of its author, else by the names and kinds of fields.
 *
 * Law: whatever a game calls its fields, everything that has a place is drawn; hints and names only
 * make it clearer. A field's hint counts before the look of its class, and that before a name.
 * Numbers of the world are in sub-units, 16 to a pixel, as for the map.
 */

import type { Client, Drawn, Entity, EntityClass, Field, Match } from "gameserver-client";
import { fighterColour } from "../theme.js";

/** Sub-units of a pixel at scale 1. */
export const SUB = 16;

const NAMES = {
  size: /^(radius|r|size|reach|width)$/i,
  label: /^(name|label|title|text|word|kind)$/i,
  team: /^(team|side|faction)$/i,
  colour: /^(colou?r|hue|tint)$/i,
} as const;

/** Radius of what belongs to a player, and of what belongs to nobody, in sub-units. */
const [OWNED, LOOSE] = [12 * SUB, 8 * SUB];
const [SMALLEST, LARGEST] = [2 * SUB, 400 * SUB];
const LOOSE_COLOURS = [0xf5cd5c, 0x76d084, 0xf2765c, 0x70b0fa, 0xc8c8d2, 0xec84d6] as const;

export type Shape = "disc" | "square" | "diamond" | "triangle";

const SHAPES: readonly Shape[] = ["square", "diamond", "triangle", "disc"];

/** One entity as it is drawn, in sub-units and radians. */
export interface Figure {
  readonly key: string;
  readonly entity: Entity;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Clockwise from east; null for what has no direction. */
  readonly heading: number | null;
  readonly colour: number;
  readonly shape: Shape;
  /** Names of files of which the first one that is there is drawn in place of the shape. */
  readonly pictures: readonly string[];
  readonly label: string;
  /** Names of fields that are true, such as `it`. */
  readonly marks: readonly string[];
  readonly own: boolean;
}

/** Which fields of a class tell how its entities look; found once for each class. */
interface Kind {
  readonly of: EntityClass;
  readonly size: string | undefined;
  readonly label: string | undefined;
  readonly team: string | undefined;
  readonly colour: string | undefined;
  readonly shape: string | undefined;
  readonly picture: string | undefined;
  readonly marks: readonly string[];
}

export class Looks {
  private readonly kinds: ReadonlyMap<string, Kind>;

  /** `client` knows who has come in since the match began. */
  constructor(
    private readonly client: Pick<Client, "lobby">,
    private readonly match: Pick<Match, "schema" | "started">,
  ) {
    this.kinds = new Map(match.schema.entities.map((each) => [each.name, kindOf(each)]));
  }

  figure({ key, entity, x, y, angle, own }: Drawn): Figure {
    const kind = this.kinds.get(entity.type)!;
    const owned = entity.owner >= 0;
    const { look } = kind.of;
    const size = numberOf(entity, kind.size) ?? look.size ?? null;
    const shape = textOf(entity, kind.shape) || look.shape;
    const usual = owned ? "disc" : SHAPES[kind.of.number % SHAPES.length]!;
    const radius = size && size > 0 ? size : owned ? OWNED : LOOSE;
    return {
      key,
      entity,
      x,
      y,
      radius: Math.min(LARGEST, Math.max(SMALLEST, radius)),
      heading: kind.of.angle ? (angle / kind.of.angle.wrap) * 2 * Math.PI : null,
      colour: this.colour(entity, kind),
      shape: SHAPES.find((each) => each === shape) ?? usual,
      pictures: [textOf(entity, kind.picture), look.picture ?? "", entity.type],
      label: this.label(entity, kind),
      marks: trueOnes(entity, kind),
      own,
    };
  }

  /** The name of the player in a seat; a bot has one, too. */
  nameOf(seat: number): string {
    return this.seated(seat)?.name ?? String(seat);
  }

  private seated(seat: number) {
    const sits = (each: { seat: number }) => each.seat === seat;
    return this.client.lobby?.members.find(sits) ?? this.match.started.players.find(sits);
  }

  private label(entity: Entity, { label }: Kind): string {
    const own = label === undefined ? "" : String(entity.fields[label] ?? "");
    if (own) return own;
    return entity.owner >= 0 ? (this.seated(entity.owner)?.name ?? "") : "";
  }

  private colour(entity: Entity, kind: Kind): number {
    const told = numberOf(entity, kind.colour);
    if (told !== null) return told > 360 ? told & 0xffffff : hue(told);
    const hex = /^#([\da-f]{6})$/i.exec(textOf(entity, kind.colour) || (kind.of.look.colour ?? ""));
    if (hex) return Number.parseInt(hex[1]!, 16);
    const team = numberOf(entity, kind.team) ?? this.seated(entity.owner)?.team ?? 0;
    if (team || entity.owner >= 0) return fighterColour(team, entity.owner);
    return LOOSE_COLOURS[kind.of.number % LOOSE_COLOURS.length]!;
  }
}

function kindOf(of: EntityClass): Kind {
  const { look } = of;
  const fields = [of.fields.public, of.fields.owner, of.fields.group].flatMap((each) => each ?? []);
  const bools = (of.fields.public ?? []).filter(({ kind }) => kind === "bool");
  /** The field with a hint; else, where the class says nothing, one whose name says so. */
  const told = (hint: string, pattern?: RegExp, kinds?: readonly Field["kind"][]) => {
    const fits = ({ hint: own, name, kind }: Field) =>
      !own && pattern?.test(name) && (!kinds || kinds.includes(kind));
    const hinted = fields.find((each) => each.hint === hint);
    return (hinted ?? (hint in look ? undefined : fields.find(fits)))?.name;
  };
  return {
    of,
    size: told("size", NAMES.size),
    label: told("label", NAMES.label, ["str"]),
    team: told("team", NAMES.team),
    colour: told("colour", NAMES.colour),
    shape: told("shape"),
    picture: told("picture"),
    marks: bools.filter(({ hint }) => !hint || hint === "mark").map(({ name }) => name),
  };
}

function textOf({ fields }: Entity, name: string | undefined): string {
  const value = name === undefined ? "" : fields[name];
  return typeof value === "string" ? value : "";
}

function numberOf({ fields }: Entity, name: string | undefined): number | null {
  const value = name === undefined ? null : fields[name];
  return typeof value === "number" ? value : null;
}

function trueOnes({ fields }: Entity, { marks }: Kind): string[] {
  const words = marks.filter((name) => fields[name] === true).map(wordOf);
  return words.slice(0, 3);
}

/** `was_it` as words: "was it". */
export function wordOf(name: string): string {
  return name.replaceAll("_", " ");
}

/** The colour of a hue in degrees, as bright as the others. */
function hue(degrees: number): number {
  const part = (shift: number) => {
    const k = (shift + degrees / 30) % 12;
    return Math.round(255 * (0.62 - 0.3 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return (part(0) << 16) | (part(8) << 8) | part(4);
}
