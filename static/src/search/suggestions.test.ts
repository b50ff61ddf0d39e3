import { describe, expect, it, vi } from "vitest";
import type { Facets } from "../schemas";

vi.stubGlobal("localStorage", { getItem: () => null });
vi.stubGlobal("location", { pathname: "/", search: "", hostname: "" });
vi.stubGlobal("matchMedia", () => ({ matches: false }));
const { isAddition, suggestAlbums, suggestTags } = await import("./suggestions");
const { typedAt } = await import("./query");

const TOTALS = [
  { tag: "dog", images: 90, objects: 100 },
  { tag: "donut", images: 50, objects: 50 },
  { tag: "door", images: 1, objects: 1 },
];
const FACETS: Facets = { images: 9, exact: true, tags: [{ tag: "donut", images: 3 }], counts: null, years: [] };

describe("suggested tags", () => {
  it("have their numbers in the library without a result", () => {
    const hints = suggestTags(TOTALS, null).map(({ name, hint }) => `${name}: ${hint}`);

    expect(hints).toEqual(["dog: 90 photos", "donut: 50 photos", "door: 1 photo"]);
  });

  it.each([
    [true, "3 of these photos"],
    [false, "3+ of these photos"],
  ])("have their numbers in the result, and those in it come first", (exact, hint) => {
    expect(suggestTags(TOTALS, { ...FACETS, exact })).toEqual([
      { name: "donut", hint, isTag: true },
      { name: "dog", hint: "90 photos", isTag: true },
      { name: "door", hint: "1 photo", isTag: true },
    ]);
  });
});

describe("a text", () => {
  it.each([
    ["cat, do", true],
    [" cat>=1 ,", true],
    ["cat, !do", false],
    ["cat|do", false],
    ["cat>=2, do", false],
    ["do", false],
    ["do, cat", false],
    [", do", false],
  ])("%j adds to the query cat: %s", (text, expected) => {
    const caret = text === "do, cat" ? 2 : text.length;
    const typed = typedAt(text, caret);

    expect(typed && isAddition(text, typed, "cat")).toBe(expected);
  });
});

describe("suggested albums", () => {
  const album = (title: string, images: number) => ({
    ...{ id: title, title, images, order: "taken" as const },
    ...{ created_at: "2026-01-01T00:00:00Z", cover: null },
  });
  const all = [album("Summer 2019", 12), album('The "old" House', 1), album("Mum's summer", 3)];

  it("have a word that starts with the text, and are written as terms", () => {
    expect(suggestAlbums(all, "SUM").map(({ name, hint }) => `${name}: ${hint}`)).toEqual([
      'album:"Summer 2019": 12 photos',
      'album:"Mum\'s summer": 3 photos',
    ]);
    expect(suggestAlbums(all, "the").map(({ name }) => name)).toEqual(['album:"The ""old"" House"']);
  });

  it.each(["", " ", "ummer", "2019 s"])("are not suggested for %j", (prefix) => {
    expect(suggestAlbums(all, prefix)).toEqual([]);
  });
});
