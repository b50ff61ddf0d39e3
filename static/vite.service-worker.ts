// Builds the service worker: one file without imports, whose name never changes, next to the pages.

import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    target: "es2023",
    emptyOutDir: false,
    reportCompressedSize: false,
    lib: { entry: "src/service-worker/service-worker.ts", formats: ["es"], fileName: () => "service-worker.js" },
  },
});
