/**
 * Convert plain values to the shapes of messages and back, by the tables of the protocol.
 *
 * Law: a value has the declared type or is refused. What is read has all its fields: those that
 * were left out have their defaults. Fields that are not declared are passed over, since a newer
 * server may send them; in a request they are refused.
 */

import { ProtocolError } from "../errors.js";
import { fitsUtf8, shown } from "../text.js";
import { ENUMS, LIMITS, SHAPES } from "./tables.js";

export type PlainMap = Record<string, unknown>;
type Convert = (value: unknown, path: string) => unknown;

const readers = new Map<string, Convert>();
const writers = new Map<string, Convert>();

/** Return a map as the named shape. Throws `ProtocolError`, naming the wrong field. */
export function readShape(name: string, value: unknown, path: string): unknown {
  const map = asMap(value, path);
  const found: PlainMap = {};
  for (const [field, type, ...standard] of rowsOf(name)) {
    if (Object.hasOwn(map, field)) {
      found[field] = converter(type, readers, READ)(map[field], `${path}.${field}`);
    } else if (standard.length) {
      found[field] = fresh(standard[0]);
    } else {
      throw new ProtocolError(`${path}.${field} is missing`);
    }
  }
  return found;
}

/** Return the map to send for a shape, without fields that have their default. */
export function writeShape(name: string, value: unknown, path: string): PlainMap {
  const map = asMap(value, path);
  const rows = rowsOf(name);
  const unknown = Object.keys(map).filter((key) => !rows.some(([field]) => field === key));
  if (unknown.length) throw new ProtocolError(`${path} has unknown keys: ${unknown.join(", ")}`);
  const found: PlainMap = {};
  for (const [field, type, ...standard] of rows) {
    const given = map[field];
    if (given === undefined) {
      if (!standard.length) throw new ProtocolError(`${path}.${field} is missing`);
      continue;
    }
    const plain = converter(type, writers, WRITE)(given, `${path}.${field}`);
    if (!standard.length || !same(plain, standard[0])) found[field] = plain;
  }
  return found;
}

function rowsOf(name: string): (typeof SHAPES)[string] {
  return name ? SHAPES[name]! : [];
}

/** How texts and inner shapes are treated in one direction. */
interface Direction {
  text(value: string, path: string): string;
  shape(name: string, value: unknown, path: string): unknown;
  any(value: unknown, path: string): unknown;
}

/** What an author's code says is the application's own: it comes as it was sent. */
const READ: Direction = {
  text: (value) => shown(value),
  shape: readShape,
  any: (value) => value,
};

const WRITE: Direction = {
  text(value, path) {
    if (!fitsUtf8(value)) throw new ProtocolError(`${path} holds half a character`);
    return value;
  },
  shape: writeShape,
  any: writeAny,
};

/** Check a value of any type: the encoder would take some that no server reads. */
function writeAny(value: unknown, path: string, depth = 0): unknown {
  if (depth > LIMITS.client_depth) throw new ProtocolError(`${path} is nested too deep`);
  if (typeof value === "string") return WRITE.text(value, path);
  if (Number.isFinite(value) && (!Number.isInteger(value) || isInteger(value))) return value;
  if (value === null || typeof value === "boolean" || value instanceof Uint8Array) return value;
  if (Array.isArray(value))
    return value.map((part, i) => writeAny(part, `${path}[${i}]`, depth + 1));
  if (!isPlainObject(value)) {
    const many =
      "null, true, false, numbers within ±2^53, texts, bytes (Uint8Array), arrays, objects";
    throw new ProtocolError(`${path} cannot be sent; what can: ${many}`);
  }
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(
    parts.map(([key, part]) => [
      WRITE.text(key, path),
      writeAny(part, `${path}.${key}`, depth + 1),
    ]),
  );
}

function isPlainObject(value: unknown): value is PlainMap {
  if (typeof value !== "object" || value === null) return false;
  const kind = Object.getPrototypeOf(value);
  return kind === null || Object.getPrototypeOf(kind) === null; // also one of another window
}

function converter(type: string, known: Map<string, Convert>, way: Direction): Convert {
  let found = known.get(type);
  if (!found) {
    found = make(type, (part) => converter(part, known, way), way);
    known.set(type, found);
  }
  return found;
}

function make(type: string, inner: (part: string) => Convert, way: Direction): Convert {
  if (type.endsWith("?")) {
    const present = inner(type.slice(0, -1));
    return (value, path) => (value === null ? null : present(value, path));
  }
  if (type.endsWith("[]")) {
    const item = inner(type.slice(0, -2));
    return (value, path) => {
      if (!Array.isArray(value)) throw new ProtocolError(`${path} must be an array`);
      return value.map((part, i) => item(part, `${path}[${i}]`));
    };
  }
  if (type.startsWith("{")) {
    const item = inner(type.slice(1, -1));
    return (value, path) =>
      Object.fromEntries(
        Object.entries(asMap(value, path)).map(([key, part]) => [
          way.text(key, path),
          item(part, `${path}.${key}`),
        ]),
      );
  }
  const parts = type.split("|");
  if (parts.length > 1) {
    const either = new Map(parts.map((part) => [part, inner(part)]));
    const word: Record<string, string> = { number: "int", boolean: "bool", string: "text" };
    return (value, path) => {
      const fits = either.get(word[typeof value] ?? "");
      if (!fits) throw new ProtocolError(`${path} must be one of ${parts.join(", ")}`);
      return fits(value, path);
    };
  }
  if (type in ENUMS) return member(ENUMS[type]!);
  return scalar(type, way);
}

function member(values: readonly string[]): Convert {
  return (value, path) => {
    if (values.includes(value as string)) return value;
    throw new ProtocolError(`${path} must be one of ${values.join(", ")}`);
  };
}

function scalar(type: string, way: Direction): Convert {
  switch (type) {
    case "int":
      return (value, path) => {
        if (isInteger(value)) return value;
        throw new ProtocolError(`${path} must be a whole number within ±2^53`);
      };
    case "number":
      return (value, path) => {
        if (Number.isFinite(value)) return value;
        throw new ProtocolError(`${path} must be a finite number`);
      };
    case "bool":
      return (value, path) => {
        if (typeof value === "boolean") return value;
        throw new ProtocolError(`${path} must be true or false`);
      };
    case "text":
      return (value, path) => {
        if (typeof value === "string") return way.text(value, path);
        throw new ProtocolError(`${path} must be text`);
      };
    case "binary":
      return (value, path) => {
        if (value instanceof Uint8Array) return value;
        throw new ProtocolError(`${path} must be binary`);
      };
    case "any":
      return way.any;
    default:
      return (value, path) => way.shape(type, value, path);
  }
}

/** Whether a value is an integer that the protocol allows. */
export function isInteger(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) < LIMITS.integer;
}

function asMap(value: unknown, path: string): PlainMap {
  const plain = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!plain || value instanceof Uint8Array) throw new ProtocolError(`${path} must be a map`);
  return value as PlainMap;
}

/** A default of its own for each message, so that nobody changes that of another. */
function fresh(value: unknown): unknown {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}

function same(value: unknown, standard: unknown): boolean {
  if (value === standard) return true;
  if (typeof value !== "object" || typeof standard !== "object" || !value || !standard) {
    return false;
  }
  const [mine, theirs] = [Object.entries(value), standard as PlainMap];
  if (mine.length === 0 && !Array.isArray(value) && !(value instanceof Uint8Array)) {
    return true; // all fields of an inner shape have their defaults
  }
  return (
    mine.length === Object.keys(theirs).length &&
    mine.every(([key, part]) => same(part, theirs[key]))
  );
}
