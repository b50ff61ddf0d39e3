import { expect, it } from "vitest";
import { parseInvitation } from "./invitation";

it("returns the token and the address of an invitation", () => {
  const invitation = parseInvitation("#invitation=abc-_1&email=ada%2Bphotos@example.com");

  expect(invitation).toEqual({ token: "abc-_1", email: "ada+photos@example.com" });
});

it.each(["", "#", "#invitation=abc", "#email=ada@example.com", "#invitation=&email=", "#top"])(
  "returns null for the fragment %j",
  (fragment) => {
    expect(parseInvitation(fragment)).toBeNull();
  },
);
