import { defineConfig } from "vitest/config";
import { PROXY } from "./proxy.ts";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    assetsInlineLimit: 0, // the content security policy doesn't allow data: URLs
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // Uploads go to S3's own origin and need no proxy.
  server: { host: "127.0.0.1", proxy: { ...PROXY } },
  test: { environment: "node" },
});
