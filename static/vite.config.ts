import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    assetsInlineLimit: 0, // the content security policy allows no data: address
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    host: "127.0.0.1",
    // The API of `make run`; the upload form's address is another origin anyway.
    proxy: Object.fromEntries(
      ["auth", "images", "uploads", "search", "tags", "subscriptions", "export", "usage"].map((part) => [
        `^/${part}(?=[/?]|$)`,
        "http://127.0.0.1:8000",
      ]),
    ),
  },
  test: { environment: "node" },
});
