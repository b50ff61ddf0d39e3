// The terms of a query: conditions on the count of a tag, as text and as data. Pure. They follow the API's parser.

import { KEYWORDS, normalize, tagProblem } from "../library/tag-names";
import { isMark, markOf, markText } from "./marks";
import { TEXT_FIELDS } from "./texts";

/**
 * A tag with a count from `minCount` to `maxCount` (null: no limit); `negated` inverts the term. `certain`: only
 * certain objects count.
 */
export interface Term {
  readonly tag: string;
  readonly minCount: number;
  readonly maxCount: number | null;
  readonly negated: boolean;
  readonly certain: boolean;
}

export type Operator = "minimum" | "exactly" | "maximum" | "between";

/** The operators that have a single count. */
export const OPERATORS: readonly Operator[] = ["minimum", "exactly", "maximum"];
export const MAX_COUNT = 999;

const TERM = /^\s*(!|-(?=[^\s-]))?\s*(?:"((?:[^"]|"")*)"\s*|((?![\s!"])[^,|:=<>]+))([<>=:]+)?(.*)$/su;
const COUNTS = /^\s*([^\s.]*)\s*(?:(\.\.)\s*(\S*))?\s*$/;
const CERTAIN = /^(\s*(?:!|-(?=[^\s-]))?\s*\S.*?)\s*!\s*$/su;
const NEEDS_QUOTES = /^(?:"|-[^\s-]|(?:taken|added|untagged|undated)$|.*!$)/u;

const COLON_NAMES: readonly string[] = ["after", "before", "is", "album", ...TEXT_FIELDS];

type Bounds = readonly [number, number | null];

const BOUNDS: Readonly<Record<string, (count: number) => Bounds>> = {
  ">=": (count) => [count, null],
  ":": (count) => [count, null],
  "=": (count) => [count, count],
  "<=": (count) => [0, count],
  ">": (count) => [count + 1, null],
  "<": (count) => [0, count - 1],
};

/** Parse a term. Returns null if the text isn't one. */
export function termOf(text: string): Term | null {
  const mark = markOf(text);
  if (mark !== undefined) {
    return mark && { tag: mark.mark, minCount: 1, maxCount: null, negated: mark.negated, certain: false };
  }
  const certain = CERTAIN.exec(text);
  const [matched, sign, quoted, plain = "", operator, rest = ""] = TERM.exec(certain?.[1] ?? text) ?? [];
  const tag = normalize(quoted?.replaceAll('""', '"') ?? plain);
  const isKeyword = quoted === undefined ? KEYWORDS.has(tag) : tag === "untagged" || Boolean(charactersProblem(tag));
  if (
    matched === undefined ||
    !tag ||
    isKeyword ||
    (!operator && rest) ||
    (quoted === undefined && tag.endsWith("!"))
  ) {
    return null;
  }
  const bounds = operator ? boundsOf(operator, rest) : ([1, null] as const);
  return (
    bounds && { tag, minCount: bounds[0], maxCount: bounds[1], negated: sign !== undefined, certain: certain !== null }
  );
}

/** Return why a quoted tag isn't valid. A keyword is, because tags of earlier versions may have such a name. */
function charactersProblem(tag: string): string {
  return KEYWORDS.has(tag) ? "" : tagProblem(tag);
}

function boundsOf(operator: string, text: string): Bounds | null {
  const [, from = "", range, to = ""] = COUNTS.exec(text) ?? [];
  if (range) {
    return operator === ":" || operator === "=" ? rangeOf(from, to) : null;
  }
  const count = readCount(from);
  const bounds = count === undefined ? undefined : BOUNDS[operator]?.(count);
  return bounds && bounds[0] <= MAX_COUNT && (bounds[1] === null || bounds[1] >= 0) ? bounds : null;
}

function rangeOf(from: string, to: string): Bounds | null {
  const first = from ? readCount(from) : 0;
  const last = to || !from ? readCount(to) : null;
  return first === undefined || last === undefined || (last !== null && last < first) ? null : [first, last];
}

function readCount(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

/** Return a tag as a query contains it: in quotes if it would have another meaning without them. */
export function writeName(tag: string): string {
  return NEEDS_QUOTES.test(tag) || !isBalanced(tag) ? `"${tag.replaceAll('"', '""')}"` : tag;
}

/** Return whether each parenthesis has its partner in the tag, so that none belongs to one of another tag. */
function isBalanced(tag: string): boolean {
  let depth = 0;
  for (const letter of tag) {
    depth += letter === "(" ? 1 : letter === ")" ? -1 : 0;
    if (depth < 0) {
      return false;
    }
  }
  return depth === 0;
}

export function termText({ tag, negated, certain, ...bounds }: Term): string {
  if (isMark(tag)) {
    return (negated ? "!" : "") + markText(tag);
  }
  const counts = countText(bounds);
  // Without quotes, `after:` is a bound of `taken`, `name:` a condition on a text, and `is:` about a mark.
  const name = COLON_NAMES.includes(tag) && counts.startsWith(":") ? `"${tag}"` : writeName(tag);
  return (negated ? "!" : "") + name + counts + (certain ? "!" : "");
}

function countText({ minCount, maxCount }: Pick<Term, "minCount" | "maxCount">): string {
  if (maxCount === null) {
    return minCount === 1 ? "" : `>=${minCount}`;
  }
  if (minCount === maxCount) {
    return `=${maxCount}`;
  }
  return minCount === 0 ? `<=${maxCount}` : `:${minCount}..${maxCount}`;
}

export function operatorOf({ minCount, maxCount }: Term): Operator {
  if (maxCount === null) {
    return "minimum";
  }
  if (minCount === maxCount) {
    return "exactly";
  }
  return minCount === 0 ? "maximum" : "between";
}

export function countOf({ minCount, maxCount }: Term): number {
  return maxCount ?? minCount;
}

/** Change the operator or the count of a term, within valid limits. The count of a range is its upper end. */
export function withCount(term: Term, operator: Operator, count: number): Term {
  const lowest = operator === "exactly" ? 0 : operator === "between" ? term.minCount + 1 : 1;
  const within = Math.min(MAX_COUNT, Math.max(lowest, count));
  const minCount = { maximum: 0, between: term.minCount, exactly: within, minimum: within }[operator];
  return { ...term, minCount, maxCount: operator === "minimum" ? null : within };
}
