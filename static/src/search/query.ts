// The query language as text and as data for chips. Pure. The API defines the language; this parser follows it.

import { KEYWORDS, normalize } from "../library/tag-names";
import type { TagCount } from "../schemas";
import { conditionOf, joinPeriods, type Period, type PeriodName, periodText } from "./periods";

/** A tag with a count from `minCount` to `maxCount` (null: no limit); `negated` inverts the term. */
export interface Term {
  readonly tag: string;
  readonly minCount: number;
  readonly maxCount: number | null;
  readonly negated: boolean;
}

/** A part between commas: alternative terms, or a keyword. Two conditions on the same days are one part. */
export type Part =
  | { readonly kind: "tags"; readonly terms: readonly Term[] }
  | ({ readonly kind: PeriodName } & Period)
  | { readonly kind: Flag };

type Flag = "untagged" | "undated";

export type Query = readonly Part[];

export type Operator = "at least" | "exactly" | "at most";

export const OPERATORS: readonly Operator[] = ["at least", "exactly", "at most"];
export const MAX_COUNT = 999;

const FLAGS: readonly string[] = ["untagged", "undated"];
const TERM = /^\s*(!?)\s*([^,|:=<>!][^,|:=<>]*)(?:(>=|<=|=|:)\s*(\d{1,3})\s*)?$/;
const ORDER: readonly Part["kind"][] = ["tags", "taken", "added", "untagged", "undated"];

/** Parse a query into its parts, in the API's canonical order. Returns null if the text isn't a query. */
export function parse(text: string): Query | null {
  let parts: readonly Part[] = [];
  for (const piece of text.split(",")) {
    const part = partOf(piece);
    const after = part && addPart(parts, part);
    if (!after) {
      return null;
    }
    parts = after;
  }
  return inOrder(parts);
}

/** Add a part, or join it with an earlier one of its kind. Returns null if it contradicts that. */
function addPart(parts: readonly Part[], part: Part): readonly Part[] | null {
  const index = parts.findIndex(({ kind }) => kind === part.kind && kind !== "tags");
  const earlier = parts[index];
  if (!(earlier && "first" in part && "first" in earlier)) {
    return earlier ? parts : [...parts, part];
  }
  const period = joinPeriods(earlier, part);
  return period && parts.with(index, { kind: part.kind, ...period });
}

function partOf(piece: string): Part | null {
  const text = piece.trim().toLowerCase();
  if (FLAGS.includes(text)) {
    return { kind: text as Flag };
  }
  const condition = conditionOf(text);
  if (condition !== undefined) {
    return condition && { kind: condition.name, ...condition.period };
  }
  const terms = piece.split("|").map(termOf);
  return terms.every((term) => term !== null) ? { kind: "tags", terms } : null;
}

function termOf(text: string): Term | null {
  const [, not, name = "", operator, value] = TERM.exec(text) ?? [];
  const tag = normalize(name);
  if (!tag || KEYWORDS.has(tag)) {
    return null;
  }
  const count = Number(value ?? 1);
  const minCount = operator === "<=" ? 0 : count;
  const maxCount = operator === "=" || operator === "<=" ? count : null;
  return { tag, minCount, maxCount, negated: not === "!" };
}

function inOrder(parts: readonly Part[]): Query {
  return parts.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** Return a query as text, in the API's canonical form. */
export function textOf(query: Query): string {
  return query.map(partText).join(", ");
}

/** Return the query for photos with at least these tags. */
export function queryForTags(tags: readonly TagCount[]): string {
  return textOf(
    tags.map(({ tag, count }) => ({
      kind: "tags",
      terms: [{ tag, minCount: count, maxCount: null, negated: false }],
    })),
  );
}

export function partText(part: Part): string {
  if (part.kind === "tags") {
    return part.terms.map(termText).join("|");
  }
  return "first" in part ? periodText(part.kind, part) : part.kind;
}

function termText({ tag, minCount, maxCount, negated }: Term): string {
  const sign = negated ? "!" : "";
  if (maxCount === null) {
    return minCount === 1 ? `${sign}${tag}` : `${sign}${tag}>=${minCount}`;
  }
  return minCount === maxCount ? `${sign}${tag}=${maxCount}` : `${sign}${tag}<=${maxCount}`;
}

export function operatorOf({ minCount, maxCount }: Term): Operator {
  if (maxCount === null) {
    return "at least";
  }
  return minCount === maxCount ? "exactly" : "at most";
}

export function countOf({ minCount, maxCount }: Term): number {
  return maxCount ?? minCount;
}

/** Change the operator or the count of a term, within valid limits. */
export function withCount(term: Term, operator: Operator, count: number): Term {
  const within = Math.min(MAX_COUNT, Math.max(operator === "exactly" ? 0 : 1, count));
  return { ...term, minCount: operator === "at most" ? 0 : within, maxCount: operator === "at least" ? null : within };
}

/** Replace a part of a query, or remove it. */
export function replacePart(query: Query, index: number, part: Part | null): Query {
  return part ? query.with(index, part) : query.toSpliced(index, 1);
}

/** Replace a term of a part, or remove it. Returns null if no term is left. */
export function withTerm(terms: readonly Term[], index: number, term: Term | null): Part | null {
  const after = term ? terms.with(index, term) : terms.toSpliced(index, 1);
  return after.length ? { kind: "tags", terms: after } : null;
}

export interface Loosening {
  /** The description: `Without clock`, `At least one: stop sign`. */
  readonly description: string;
  readonly query: Query;
}

/** Return less strict queries: without one of the parts, or with a count of 1 instead of a higher one. */
export function loosen(query: Query): readonly Loosening[] {
  const without = query.length > 1 ? query.map((part, index) => dropPart(query, part, index)) : [];
  return [...without, ...query.flatMap((part, index) => lowerCount(query, part, index))];
}

function dropPart(query: Query, part: Part, index: number): Loosening {
  return { description: `Without ${partText(part)}`, query: replacePart(query, index, null) };
}

function lowerCount(query: Query, part: Part, index: number): readonly Loosening[] {
  if (part.kind !== "tags" || !part.terms.some(({ minCount, negated }) => minCount > 1 && !negated)) {
    return [];
  }
  const terms = part.terms.map((term) =>
    term.negated ? term : { ...term, minCount: Math.min(1, term.minCount), maxCount: null },
  );
  const after: Part = { kind: "tags", terms };
  return [{ description: `At least one: ${partText(after)}`, query: replacePart(query, index, after) }];
}

/** The tag at the caret: its position in the text, and the part before the caret. */
export interface Typed {
  readonly start: number;
  readonly end: number;
  readonly prefix: string;
}

/** Return the tag at the caret; null after an operator, where no tag is expected. */
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

/** Replace the tag at the caret with a full name. Returns the text and the new caret. */
export function complete(text: string, typed: Typed, name: string): { readonly text: string; readonly caret: number } {
  const space = typed.start > 0 && /[,]$/.test(text.slice(0, typed.start)) ? " " : "";
  const head = text.slice(0, typed.start) + space + name;
  return { text: head + text.slice(typed.end), caret: head.length };
}

/** Split a text around the wrong character. `position` counts code points, as the API does. */
export function splitAt(text: string, position: number): readonly [string, string, string] {
  const letters = [...text];
  const wrong = letters.slice(position, position + 1).join("");
  return [letters.slice(0, position).join(""), wrong, letters.slice(position + 1).join("")];
}
