// The query language as text and as data for chips. Pure. The API defines the language; this parser follows it.

import type { TagCount } from "../schemas";
import { checkSize, GroupReader, Invalid } from "./groups";
import { isMark } from "./marks";
import { conditionOf, joinPeriods, type Period, type PeriodName, periodText } from "./periods";
import { type Term, termText } from "./terms";
import { MAX_TEXTS, type TextCondition, textConditionOf, writeWords } from "./texts";

/** A part between commas: alternative terms, or a keyword. Two conditions on the same days are one part. */
export type Part =
  | { readonly kind: "tags"; readonly terms: readonly Term[] }
  | ({ readonly kind: PeriodName } & Period)
  | TextPart
  | { readonly kind: Flag };

export interface TextPart {
  readonly kind: "text";
  readonly condition: TextCondition;
}

type Flag = "untagged" | "undated";

export type Query = readonly Part[];

const FLAGS: readonly string[] = ["untagged", "undated"];
const ORDER: readonly Part["kind"][] = ["tags", "text", "taken", "added", "untagged", "undated"];

/**
 * Parse a query into its parts, in the API's canonical order. Groups in parentheses become parts without parentheses.
 * Returns null if the text isn't a query.
 */
export function parse(text: string): Query | null {
  try {
    return inOrder(partsOf(text));
  } catch (error) {
    if (error instanceof Invalid) {
      return null;
    }
    throw error;
  }
}

function partsOf(text: string): readonly Part[] {
  const reader = new GroupReader(text);
  let parts: readonly Part[] = [];
  let texts = 0;
  for (const span of reader.split(",", [0, text.length])) {
    const condition = conditionPart(text.slice(...span));
    texts += condition?.kind === "text" ? 1 : 0;
    parts = condition
      ? addPart(parts, condition)
      : [...parts, ...reader.clausesOf(span).map((terms): Part => ({ kind: "tags", terms }))];
  }
  checkSize(parts.flatMap((part) => (part.kind === "tags" ? [part.terms] : [])));
  if (texts > MAX_TEXTS) {
    throw new Invalid();
  }
  return parts;
}

/** Add a part, or join it with an earlier one of its kind. */
function addPart(parts: readonly Part[], part: Part): readonly Part[] {
  const index = parts.findIndex((other) => other.kind === part.kind && (part.kind !== "text" || areEqual(other, part)));
  const earlier = parts[index];
  if (!(earlier && "first" in part && "first" in earlier)) {
    return earlier ? parts : [...parts, part];
  }
  const period = joinPeriods(earlier, part);
  if (!period) {
    throw new Invalid();
  }
  return parts.with(index, { kind: part.kind, ...period });
}

function areEqual(a: Part, b: Part): boolean {
  return partText(a) === partText(b);
}

/** Return the keyword, the period or the condition on a text in a piece of a query, or null. */
function conditionPart(piece: string): Part | null {
  const text = piece.trim().toLowerCase();
  if (FLAGS.includes(text)) {
    return { kind: text as Flag };
  }
  const period = conditionOf(text);
  const condition = textConditionOf(piece);
  if (period === null || condition === null) {
    throw new Invalid();
  }
  if (condition) {
    return { kind: "text", condition };
  }
  return period ? { kind: period.name, ...period.period } : null;
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
      terms: [{ tag, minCount: count, maxCount: null, negated: false, certain: false }],
    })),
  );
}

export function partText(part: Part): string {
  if (part.kind === "tags") {
    return part.terms.map(termText).join("|");
  }
  if (part.kind === "text") {
    return `${part.condition.field}:${writeWords(part.condition.words)}`;
  }
  return "first" in part ? periodText(part.kind, part) : part.kind;
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

/** Whether a query has a condition on a tag. */
export function hasTags(query: Query): boolean {
  return query.some((part) => part.kind === "tags" && part.terms.some(({ tag }) => !isMark(tag)));
}

/** Whether a query has tags, and only certain objects of each of them count. */
export function isCertain(query: Query): boolean {
  const terms = query.flatMap((part) => (part.kind === "tags" ? part.terms : []));
  const tags = terms.filter(({ tag }) => !isMark(tag));
  return tags.length > 0 && tags.every(({ certain }) => certain);
}

/** Return the query in which only certain objects count, or all objects. */
export function withCertain(query: Query, certain: boolean): Query {
  return query.map((part) =>
    part.kind === "tags" ? { ...part, terms: part.terms.map((term) => ({ ...term, certain })) } : part,
  );
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
  const lead = /^(?:[\s!(]|-(?=\S))*/.exec(before.slice(start))?.[0].length ?? 0;
  const typed = before.slice(start + lead);
  if (/[:=<>]/.test(typed)) {
    return null;
  }
  const after = typed.includes("(") ? /^[^,|:=<>]*/ : /^[^,|:=<>)]*/;
  const rest = after.exec(text.slice(caret))?.[0].length ?? 0;
  return { start: start + lead, end: caret + rest, prefix: typed.replace(/^"/, "") };
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
