// The faults of a rejected request as text for people: names of fields instead of paths, and no regular expressions. Pure.

import * as messages from "#messages/app";

/** One fault of a request, as in the API's problem details. */
export interface Fault {
  /** The path to the value: `body/given_name`. */
  readonly pointer: string;
  readonly detail: string;
}

const MAX_FAULTS = 3;
const CHECK_INPUT = messages.checkInput;

const FIELDS: Readonly<Record<string, string>> = {
  email: messages.emailAddress,
  password: messages.password,
  code: messages.code,
  given_name: messages.givenName,
  family_name: messages.familyName,
  tag: messages.tag,
  old: messages.tag,
  new: messages.newName,
  label: messages.label,
  count: messages.count,
  query: messages.search,
  q: messages.search,
  url: messages.link,
  name: messages.fileName,
};

/** What to do about the API's standard messages. Other messages are written for people already. */
const ADVICE: readonly (readonly [RegExp, (limit: string) => string])[] = [
  [/^String should have at least 1 character$/, () => messages.enterValue],
  [/^String should have at least (\d+) characters$/, messages.useAtLeast],
  [/^String should have at most (\d+) characters?$/, messages.useAtMost],
  [/^Input should be less than or equal to (\d+)$/, messages.enterOrLess],
  [/^Input should be greater than or equal to (\d+)$/, messages.enterOrMore],
  [/\be-?mail address\b/i, () => messages.enterAddress],
  [/^String should match pattern /, () => messages.removeSpecialCharacters],
  [/^Field required$/, () => messages.enterValue],
  [/^(Input|String|List|Extra|Value|JSON)\b/, () => messages.checkValue],
];

/** Return a message for the faults of a request. */
export function describeFaults(faults: readonly Fault[]): string {
  const texts = faults.slice(0, MAX_FAULTS).map(describe);
  return texts.length ? [...new Set(texts)].join(" ") : CHECK_INPUT;
}

function describe({ pointer, detail }: Fault): string {
  const name = pointer.split("/").findLast((part) => !/^\d+$/.test(part)) ?? "";
  const field = FIELDS[name];
  for (const [pattern, advise] of ADVICE) {
    const match = pattern.exec(detail);
    if (match) {
      return field ? messages.fieldProblem(field, advise(match[1] ?? "")) : CHECK_INPUT;
    }
  }
  return detail;
}
