// The faults of a rejected request as text for people: names of fields instead of paths, and no regular expressions. Pure.

/** One fault of a request, as in the API's problem details. */
export interface Fault {
  /** The path to the value: `body/given_name`. */
  readonly pointer: string;
  readonly detail: string;
}

const MAX_FAULTS = 3;
const CHECK_INPUT = "Check your input, then try again.";

const FIELDS: Readonly<Record<string, string>> = {
  email: "E-mail address",
  password: "Password",
  code: "Code",
  given_name: "Given name",
  family_name: "Family name",
  tag: "Tag",
  old: "Tag",
  new: "New name",
  label: "Label",
  count: "Count",
  query: "Search",
  q: "Search",
  url: "Link",
  name: "File name",
};

/** What to do about the API's standard messages. Other messages are written for people already. */
const ADVICE: readonly (readonly [RegExp, (limit: string) => string])[] = [
  [/^String should have at least 1 character$/, () => "Enter a value."],
  [/^String should have at least (\d+) characters$/, (limit) => `Use at least ${limit} characters.`],
  [/^String should have at most (\d+) characters?$/, (limit) => `Use at most ${limit} characters.`],
  [/^Input should be less than or equal to (\d+)$/, (limit) => `Enter ${limit} or less.`],
  [/^Input should be greater than or equal to (\d+)$/, (limit) => `Enter ${limit} or more.`],
  [/\be-?mail address\b/i, () => "Enter an address like ada@example.com."],
  [/^String should match pattern /, () => "Remove the special characters."],
  [/^Field required$/, () => "Enter a value."],
  [/^(Input|String|List|Extra|Value|JSON)\b/, () => "Check this value."],
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
      return field ? `${field}: ${advise(match[1] ?? "")}` : CHECK_INPUT;
    }
  }
  return detail;
}
