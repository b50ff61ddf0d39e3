// Imports between folders have no cycles. Biome's noImportCycles checks files; this adds folders and type imports.

import { expect, it } from "vitest";

const SOURCES = import.meta.glob<string>("./**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
const IMPORT = /(?:from|import\()\s*"(\.[^"]+|#messages\/[^"]+)"/g;

/** Return the path of an import relative to src, without its extension. */
function resolve(from: string, target: string): string {
  if (target.startsWith("#")) {
    return target.replace("#messages/", "messages/en/");
  }
  return new URL(target, new URL(from, "file:///src/")).pathname.replace(/^\/src\//, "");
}

/** Return the folder of a path; the path itself for a file in src. */
function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : path.replace(/\.tsx?$/, "");
}

function importsBetween(nameOf: (path: string) => string): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  for (const [file, source] of Object.entries(SOURCES)) {
    const from = nameOf(file.replace("./", ""));
    const targets = imports.get(from) ?? new Set();
    for (const [, target = ""] of source.matchAll(IMPORT)) {
      const to = nameOf(resolve(file, target));
      if (to !== from) {
        targets.add(to);
      }
    }
    imports.set(from, targets);
  }
  return imports;
}

/** Return the first cycle, such as `["upload", "library", "upload"]`; null if there is none. */
function findCycle(imports: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(name)) {
      return [...path.slice(path.indexOf(name)), name];
    }
    if (done.has(name)) {
      return null;
    }
    for (const target of imports.get(name) ?? []) {
      const cycle = visit(target, [...path, name]);
      if (cycle) {
        return cycle;
      }
    }
    done.add(name);
    return null;
  };
  for (const name of imports.keys()) {
    const cycle = visit(name, []);
    if (cycle) {
      return cycle;
    }
  }
  return null;
}

it("files don't import each other in a cycle", () => {
  expect(findCycle(importsBetween((path) => path.replace(/\.tsx?$/, "")))).toBeNull();
});

it("folders don't import each other in a cycle", () => {
  expect(findCycle(importsBetween(folderOf))).toBeNull();
});

it("a cycle is found", () => {
  const imports = new Map(Object.entries({ a: new Set(["b"]), b: new Set(["c"]), c: new Set(["b"]) }));

  expect(findCycle(imports)).toEqual(["b", "c", "b"]);
});
