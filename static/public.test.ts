// The files in public/ keep their names, so they have to match what they belong to.

import { expect, it } from "vitest";
import original from "./node_modules/@fontsource-variable/figtree/LICENSE?raw";
import manifest from "./src/manifest.webmanifest?raw";

const read = import.meta.glob<string>(["./public/assets/*.{js,txt}", "./*.html"], {
  query: "?raw",
  import: "default",
  eager: true,
});

const images = import.meta.glob("./public/assets/*.png", { query: "?url", import: "default" });

/** Return the paths of the icons whose names begin so. */
function pathsOf(start: string): readonly string[] {
  const paths = Object.keys(images).map((path) => path.replace("./public", ""));
  return paths.filter((path) => path.startsWith(`/assets/${start}`)).sort();
}

it("the font's license is the one of its package", () => {
  const license = read["./public/assets/figtree-license.txt"];

  expect(license).toContain("SIL Open Font License, Version 1.1");
  expect(license).toBe(original);
});

it("the manifest names icons of these sizes", () => {
  const { icons } = JSON.parse(manifest) as { icons: readonly { src: string; sizes: string }[] };

  expect(icons.map(({ src }) => src).sort()).toEqual(pathsOf("icon-"));
  for (const { src, sizes } of icons) {
    expect(src).toContain(`-${sizes.split("x")[0]}-`);
  }
  expect(read["./index.html"]).toContain(`href="${pathsOf("apple-touch-icon-")[0]}"`);
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
