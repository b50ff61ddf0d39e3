import { expect, it } from "vitest";
import { describeFaults } from "./faults";

it.each([
  ["body/given_name", "String should match pattern '^[^\\x00-\\x1f]+$'", "Given name: Remove the special characters."],
  ["body/family_name", "String should have at least 1 character", "Family name: Enter a value."],
  ["body/password", "String should have at least 12 characters", "Password: Use at least 12 characters."],
  ["body/add/0/tag", "String should have at most 64 characters", "Tag: Use at most 64 characters."],
  ["body/add/0/count", "Input should be less than or equal to 999", "Count: Enter 999 or less."],
  ["body/add/12/count", "Input should be greater than or equal to 1", "Count: Enter 1 or more."],
  ["body/email", "Not an e-mail address.", "E-mail address: Enter an address like ada@example.com."],
  ["body/code", "Field required", "Code: Enter a value."],
  ["body/new", "Input should be a valid string", "New name: Check this value."],
  ["header/if-match", "String should match pattern '^x$'", "Check your input, then try again."],
  ["body/add/0/tag", "A tag can't contain |.", "A tag can't contain |."],
])("describes the fault at %s, %j, as %j", (pointer, detail, text) => {
  expect(describeFaults([{ pointer, detail }])).toBe(text);
});

it("describes several faults, each text once", () => {
  const count = { pointer: "body/add/0/count", detail: "Input should be less than or equal to 999" };
  const code = { pointer: "body/code", detail: "Field required" };

  expect(describeFaults([count, count, code])).toBe("Count: Enter 999 or less. Code: Enter a value.");
  expect(describeFaults([])).toBe("Check your input, then try again.");
});
