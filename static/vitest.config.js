import { readdirSync, readFileSync } from "node:fs"; // tsc knows no types of Node.js, so this file is no TypeScript
import { defineConfig } from "vitest/config";

/** The test files that replace modules, globals or timers. What they replace or start can outlast them. */
const REPLACING = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((name) => `src/${name}`)
  .filter((path) => path.endsWith(".test.ts") && readFileSync(path, "utf8").includes("vi."));

// New modules for each file take most of the time, so only the tests that replace something have them.
export default defineConfig({
  test: {
    projects: [
      {
        extends: "./vite.config.ts",
        test: { name: "shared", isolate: false, exclude: ["node_modules/**", ...REPLACING] },
      },
      { extends: "./vite.config.ts", test: { name: "isolated", include: REPLACING } },
    ],
  },
});
