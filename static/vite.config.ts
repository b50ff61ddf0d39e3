import { defineConfig } from "vitest/config";
import { PROXY } from "./proxy.ts";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox124", "safari17.5"], // the first versions with light-dark() and AbortSignal.any()
    assetsInlineLimit: 0, // the content security policy doesn't allow data: URLs
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      optimization: { inlineConst: { mode: "all" } }, // each screen contains the messages that it shows
      input: ["index.html", "not-found.html"],
      // The API serves no names such as `signals.module-D4x.js`.
      output: {
        chunkFileNames: ({ name }) => `assets/${name.replaceAll(".", "-")}-[hash].js`,
        // The first load is one file, which compresses better than many small ones.
        codeSplitting: { groups: [{ name: "index", tags: ["$initial"], test: /^(?!.*not-found)/ }] },
      },
    },
  },
  // Uploads go to S3's own origin and need no proxy.
  server: { host: "127.0.0.1", proxy: { ...PROXY } },
  test: { environment: "node", css: true }, // without "css", `?raw` of a stylesheet is empty
});
