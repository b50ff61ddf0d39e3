// The query language of app/domain/query.py, as text and as what the chips show. Pure. The server says what a query means.

/** A tag is there at least `least` and at most `most` times (null: no limit), or, negated, it is not so. */
export interface Term {
  readonly tag: string;
  readonly least: number;
  readonly most: number | null;
  readonly negated: boolean;
}

export type Day = "after" | "before";

/** One of the parts that commas join: alternatives of which one must hold, a day, or that there are no tags. */
export type Part =
  | { readonly kind: "tags"; readonly terms: readonly Term[] }
  | { readonly kind: Day; readonly day: string }
  | { readonly kind: "untagged" };

export type Query = readonly Part[];

export type Operator = "at least" | "exactly" | "at most";

export const OPERATORS: readonly Operator[] = ["at least", "exactly", "at most"];
export const MAX_COUNT = 999;

const RESERVED = "untagged";
const TERM = /^\s*(!?)\s*([^,|:=<>!][^,|:=<>]*)(?:(>=|<=|=|:)\s*(\d{1,3})\s*)?$/;
const DAY = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const ORDER: readonly Part["kind"][] = ["tags", "after", "before", "untagged"];

/** The parts of a text, in the order the server puts them; null if it is not of the language. */
export function parse(text: string): Query | null {
  const parts: Part[] = [];
  for (const piece of text.split(",")) {
    const part = partOf(piece);
    const isTwice = part?.kind !== "tags" && parts.some(({ kind }) => kind === part?.kind);
    if (!part || (isTwice && part.kind !== "untagged")) {
      return null;
    }
    if (!isTwice) {
      parts.push(part);
    }
  }
  return inOrder(parts);
}

function partOf(piece: string): Part | null {
  const said = piece.trim().toLowerCase();
  if (said === RESERVED) {
    return { kind: "untagged" };
  }
  const [name = "", ...values] = said.split(":").map((one) => one.trim());
  if (values.length > 0 && (name === "after" || name === "before")) {
    const day = dayOf(values.join(":"));
    return day ? { kind: name, day } : null;
  }
  const terms = piece.split("|").map(termOf);
  return terms.every((term) => term !== null) ? { kind: "tags", terms } : null;
}

function dayOf(text: string): string {
  const [, year = "", month = "", day = ""] = DAY.exec(text) ?? [];
  const written = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const moment = new Date(`${written}T00:00:00Z`);
  return Number.isNaN(moment.getTime()) || moment.toISOString().slice(0, 10) !== written ? "" : written;
}

function termOf(text: string): Term | null {
  const [, not, name = "", operator, value] = TERM.exec(text) ?? [];
  const tag = name.normalize("NFD").toLowerCase().normalize("NFC").replace(/\s+/g, " ").trim();
  if (!tag || tag === RESERVED) {
    return null;
  }
  const count = Number(value ?? 1);
  const least = operator === "<=" ? 0 : count;
  const most = operator === "=" || operator === "<=" ? count : null;
  return { tag, least, most, negated: not === "!" };
}

function inOrder(parts: readonly Part[]): Query {
  return parts.toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
}

/** The text of a query, as the server writes it. */
export function textOf(query: Query): string {
  return query.map(partText).join(", ");
}

export function partText(part: Part): string {
  switch (part.kind) {
    case "tags":
      return part.terms.map(termText).join("|");
    case "untagged":
      return RESERVED;
    default:
      return `${part.kind}:${part.day}`;
  }
}

function termText({ tag, least, most, negated }: Term): string {
  const sign = negated ? "!" : "";
  if (most === null) {
    return least === 1 ? `${sign}${tag}` : `${sign}${tag}>=${least}`;
  }
  return least === most ? `${sign}${tag}=${most}` : `${sign}${tag}<=${most}`;
}

export function operatorOf({ least, most }: Term): Operator {
  if (most === null) {
    return "at least";
  }
  return least === most ? "exactly" : "at most";
}

export function countOf({ least, most }: Term): number {
  return most ?? least;
}

/** The term with another operator or count, within what makes sense: nothing is there less than 0 times. */
export function counted(term: Term, operator: Operator, count: number): Term {
  const within = Math.min(MAX_COUNT, Math.max(operator === "exactly" ? 0 : 1, count));
  return { ...term, least: operator === "at most" ? 0 : within, most: operator === "at least" ? null : within };
}

/** The query with a part replaced by another, or without it. */
export function changed(query: Query, index: number, part: Part | null): Query {
  return part ? query.with(index, part) : query.toSpliced(index, 1);
}

/** A part with a term replaced by another, or without it; null without its last. */
export function withTerm(terms: readonly Term[], index: number, term: Term | null): Part | null {
  const after = term ? terms.with(index, term) : terms.toSpliced(index, 1);
  return after.length ? { kind: "tags", terms: after } : null;
}

export interface Loosening {
  /** What to do: `without clock`, `stop sign at least once`. */
  readonly words: string;
  readonly query: Query;
}

/** The queries that ask for a little less: without one of the parts, or for one where many were asked for. */
export function loosened(query: Query): readonly Loosening[] {
  const without = query.length > 1 ? query.map((part, index) => dropped(query, part, index)) : [];
  return [...without, ...query.flatMap((part, index) => lowered(query, part, index))];
}

function dropped(query: Query, part: Part, index: number): Loosening {
  return { words: `Without ${partText(part)}`, query: changed(query, index, null) };
}

function lowered(query: Query, part: Part, index: number): readonly Loosening[] {
  if (part.kind !== "tags" || !part.terms.some(({ least, negated }) => least > 1 && !negated)) {
    return [];
  }
  const terms = part.terms.map((term) =>
    term.negated ? term : { ...term, least: Math.min(1, term.least), most: null },
  );
  const after: Part = { kind: "tags", terms };
  return [{ words: `At least one: ${partText(after)}`, query: changed(query, index, after) }];
}

/** The tag that is being typed at the caret: where it stands and how it begins. */
export interface Typed {
  readonly start: number;
  readonly end: number;
  readonly prefix: string;
}

/** What is being typed at the caret; null behind an operator, where no name of a tag is expected. */
export function typedAt(text: string, caret: number): Typed | null {
  const before = text.slice(0, caret);
  const start = Math.max(before.lastIndexOf(","), before.lastIndexOf("|")) + 1;
  const lead = /^[\s!]*/.exec(before.slice(start))?.[0].length ?? 0;
  const prefix = before.slice(start + lead);
  if (/[:=<>]/.test(prefix)) {
    return null;
  }
  const rest = /^[^,|:=<>]*/.exec(text.slice(caret))?.[0].length ?? 0;
  return { start: start + lead, end: caret + rest, prefix };
}

/** The text with what was being typed replaced by a whole name, and the caret behind it. */
export function completed(text: string, typed: Typed, name: string): { readonly text: string; readonly caret: number } {
  const space = typed.start > 0 && /[,]$/.test(text.slice(0, typed.start)) ? " " : "";
  const head = text.slice(0, typed.start) + space + name;
  return { text: head + text.slice(typed.end), caret: head.length };
}

/** A text in three pieces around the character at fault; `position` counts characters as the server does. */
export function around(text: string, position: number): readonly [string, string, string] {
  const letters = [...text];
  const fault = letters.slice(position, position + 1).join("");
  return [letters.slice(0, position).join(""), fault, letters.slice(position + 1).join("")];
}
