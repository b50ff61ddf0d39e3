// Each class has one stylesheet that defines it. Other stylesheets may only adapt it inside their own elements.

import { expect, it } from "vitest";

// print.css adapts all other stylesheets.
const SHEETS = import.meta.glob<string>(["./styles/*.css", "!./styles/print.css"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Return the selectors of a stylesheet, without those in `@keyframes`. */
function selectorsOf(sheet: string): readonly string[] {
  const rules = sheet.replace(/\/\*.*?\*\//gs, "").replace(/@keyframes[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}/g, "");
  const preludes = [...rules.matchAll(/([^{};]+)\{/g)].map(([, prelude = ""]) => prelude.trim());
  return preludes.filter((prelude) => !prelude.startsWith("@")).flatMap((prelude) => prelude.split(/,(?![^(]*\))/));
}

/** Return the classes in a selector without ancestors or `:has()`, the main class first; none for other selectors. */
function classesOf(selector: string): readonly string[] {
  const plain = selector.trim().replace(/::?[\w-]+(\((?:[^()]|\([^()]*\))*\))?|\[[^\]]*\]/g, "");
  return /^\w*(\.[\w-]+)+$/.test(plain) && !selector.includes(":has(") ? plain.split(".").slice(1) : [];
}

/** Return each class that a stylesheet defines and another one defines or uses as a state, with their names. */
function findShared(sheets: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  const defined = new Set<string>();
  const users = new Map<string, Set<string>>();
  for (const [name, sheet] of Object.entries(sheets)) {
    for (const [main, ...states] of selectorsOf(sheet).map(classesOf)) {
      for (const used of main ? [main, ...states] : []) {
        users.set(used, (users.get(used) ?? new Set()).add(name));
      }
      defined.add(main ?? "");
    }
  }
  const shared = [...users].filter(([used, names]) => defined.has(used) && names.size > 1);
  return Object.fromEntries(shared.map(([used, names]) => [used, [...names]]));
}

it("no class is defined in two stylesheets", () => {
  expect(selectorsOf(Object.values(SHEETS).join("")).length).toBeGreaterThan(300);
  expect(findShared(SHEETS)).toEqual({});
});

it("a class with two meanings is found", () => {
  const a = "/* .x {} */ .a, .b:not(.d) { top: 0; } @media print { p.c[data-x='.']::before { top: 0; } } .waiting {}";
  const b =
    "@keyframes k { to { top: 0; } } .x .a { top: 0; } .x > .b { top: 0; } .c { top: 0; } .y.waiting { top: 0; }";

  expect(findShared({ a, b })).toEqual({ c: ["a", "b"], waiting: ["a", "b"] });
});
