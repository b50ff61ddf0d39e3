// The files in public/ keep their names, so they have to match what they belong to.

import { expect, it } from "vitest";
import original from "./node_modules/@fontsource-variable/figtree/LICENSE?raw";

const read = import.meta.glob<string>(["./public/assets/*", "./*.html"], {
  query: "?raw",
  import: "default",
  eager: true,
});

it("the font's license is the one of its package", () => {
  const license = read["./public/assets/figtree-license.txt"];

  expect(license).toContain("SIL Open Font License, Version 1.1");
  expect(license).toBe(original);
});

it("each page sets the theme before the styles", () => {
  const pages = Object.entries(read).filter(([name]) => name.endsWith(".html"));

  expect(pages).toHaveLength(2);
  for (const [, page] of pages) {
    const [, script = ""] = /<script src="([^"]+)"><\/script>/.exec(page) ?? [];
    expect(Object.keys(read)).toContain(`./public${script}`);
    expect(page.indexOf(script)).toBeLessThan(page.indexOf("src/"));
  }
});
