// Groups in parentheses and quoted tags of a query, and clauses: alternatives that must all match. Pure. They follow the
// API's parser.

import { ALBUM_START } from "./marks";
import { type Term, termOf, termText } from "./terms";
import { TEXT_START, textConditionOf } from "./texts";

export type Clause = readonly Term[];

/** The groups and quotes of a text: the index of each first character, and that of its last one. */
interface Nesting {
  readonly groups: ReadonlyMap<number, number>;
  readonly quotes: ReadonlyMap<number, number>;
}

/** The text isn't a query. */
export class Invalid extends Error {}

const MAX_TERMS = 22;
const MAX_ALTERNATIVES = 8;
const MAX_DEPTH = 8;
const SIGN = /\s*(!|-(?=[^\s-]))?\s*/uy;
const QUOTED = /"(?:[^"]|"")*"/uy;
const OPERATORS = ",|:=<>";

interface Parenthesis {
  readonly position: number;
  readonly beginsTerm: boolean;
  hasOperator: boolean;
}

/** Return the groups and quotes of a text. Parentheses without an operator between them belong to a tag. */
function findNesting(text: string): Nesting {
  const parentheses = new Parentheses();
  const quotes = new Map<number, number>();
  let beginsTerm = true;
  for (let position = 0; position < text.length; position += 1) {
    if (beginsTerm) {
      position = endOf(SIGN, text, position);
      const value = Math.max(endOf(TEXT_START, text, position), endOf(ALBUM_START, text, position));
      if (value > position && text.charAt(value) === '"') {
        parentheses.read(":", position, false);
        position = value;
      }
      const end = endOf(QUOTED, text, position);
      if (end > position) {
        quotes.set(position, end - 1);
        position = end;
      }
    }
    const letter = text.charAt(position);
    parentheses.read(letter, position, beginsTerm);
    beginsTerm = letter !== "" && "(,|".includes(letter);
  }
  parentheses.checkSingle();
  return { groups: parentheses.groups, quotes };
}

class Parentheses {
  readonly groups = new Map<number, number>();
  readonly #open: Parenthesis[] = [];
  #isUnopened = false;

  read(letter: string, position: number, beginsTerm: boolean): void {
    if (letter === "(") {
      this.#open.push({ position, beginsTerm, hasOperator: false });
    } else if (letter === ")") {
      this.#close(position);
    } else if (letter && OPERATORS.includes(letter)) {
      for (const parenthesis of this.#open) {
        parenthesis.hasOperator = true;
      }
    }
  }

  #close(position: number): void {
    const opened = this.#open.pop();
    this.#isUnopened ||= !opened;
    if (opened?.hasOperator) {
      if (!opened.beginsTerm) {
        throw new Invalid();
      }
      this.groups.set(opened.position, position);
    }
  }

  /** Parentheses without a partner belong to tags, unless the text has groups. */
  checkSingle(): void {
    if (this.groups.size > 0 && (this.#isUnopened || this.#open.length > 0)) {
      throw new Invalid();
    }
  }
}

function endOf(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

/** A part of a text. */
export type Span = readonly [number, number];

/** Reads the groups and terms of a text. Its methods throw `Invalid`. */
export class GroupReader {
  readonly #text: string;
  readonly #nesting: Nesting;

  constructor(text: string) {
    this.#text = text;
    this.#nesting = findNesting(text);
  }

  /** Return the pieces between separators outside of groups and quotes. */
  split(separator: string, [start, end]: Span): readonly Span[] {
    const pieces: Span[] = [];
    let first = start;
    for (let position = start; position < end; position += 1) {
      if (this.#text.charAt(position) === separator) {
        pieces.push([first, position]);
        first = position + 1;
      }
      position = this.#nesting.groups.get(position) ?? this.#nesting.quotes.get(position) ?? position;
    }
    return [...pieces, [first, end]];
  }

  /** Return the clauses of a part between commas. */
  clausesOf(part: Span, isNegated = false, depth = 0): readonly Clause[] {
    const alternatives = this.split("|", part).map((piece) => this.#alternativeOf(piece, isNegated, depth));
    return isNegated ? alternatives.flat() : matchAny(alternatives);
  }

  #alternativeOf([start, end]: Span, isNegated: boolean, depth: number): readonly Clause[] {
    const opening = Math.min(end, endOf(SIGN, this.#text, start));
    const closing = this.#nesting.groups.get(opening);
    if (closing === undefined) {
      const term = termOf(this.#text.slice(start, end));
      if (!term || textConditionOf(this.#text.slice(opening, end)) !== undefined) {
        throw new Invalid();
      }
      return [[{ ...term, negated: term.negated !== isNegated }]];
    }
    if (depth === MAX_DEPTH || this.#text.slice(closing + 1, end).trim()) {
      throw new Invalid();
    }
    const isInverted = isNegated !== /[!-]/.test(this.#text.slice(start, opening));
    const parts = this.split(",", [opening + 1, closing]).map((part) => this.clausesOf(part, isInverted, depth + 1));
    return isInverted ? matchAny(parts) : parts.flat();
  }
}

/** Check the limits of a query. */
export function checkSize(clauses: readonly Clause[]): void {
  if (clauses.flat().length > MAX_TERMS || clauses.some(({ length }) => length > MAX_ALTERNATIVES)) {
    throw new Invalid();
  }
}

/** Return the clauses that hold if at least one of the parts holds: `(a, b)|c` becomes `a|c, b|c`. */
function matchAny(parts: readonly (readonly Clause[])[]): readonly Clause[] {
  if (parts.every((clauses) => clauses.length === 1 && clauses[0]?.length === 1)) {
    return [parts.flat(2)];
  }
  const clauses = parts.reduce((product, part) => {
    if (product.length * part.length > 2 * MAX_TERMS) {
      throw new Invalid();
    }
    return simplify(product.flatMap((earlier) => part.map((clause) => [...earlier, ...clause])));
  });
  checkSize(clauses);
  return clauses;
}

/** Leave out equal alternatives, and clauses that hold whenever another one holds. */
function simplify(clauses: readonly Clause[]): readonly Clause[] {
  const sets = clauses.map((clause) => new Map(clause.map((term) => [termText(term), term])));
  const unique = [...new Map(sets.map((terms) => [[...terms.keys()].join("|"), terms])).values()];
  const isNeeded = (terms: ReadonlyMap<string, Term>) =>
    !unique.some((other) => other.size < terms.size && [...other.keys()].every((text) => terms.has(text)));
  return unique.filter(isNeeded).map((terms) => [...terms.values()]);
}
