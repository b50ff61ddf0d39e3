import type { Plugin } from "vite";
import { defaultClientConditions } from "vite";
import { defineConfig } from "vitest/config";
import { PROXY } from "./proxy.ts";
import * as de from "./src/messages/de/pages.ts";
import * as en from "./src/messages/en/pages.ts";

const PAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = { de, en };

/** The modules that the frame around the screens loads, and those that they share with screens. */
const FRAME =
  /\/src\/(?:upload\/|albums\/side-albums|alerts\/pinned|search\/(?:search-help|saved-searches)|ui\/(?:cover|fill|pinned-link|save-file)|retry|transfer-rate)/;

/** Put the texts of a language into the pages, and the built pages into the folder of the language. */
function translatePages(language: string, texts: Readonly<Record<string, string>>): Plugin {
  return {
    name: "translate-pages",
    enforce: "post",
    transformIndexHtml: (page) =>
      page.replace('lang="en"', `lang="${language}"`).replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
        const text = texts[name];
        if (text === undefined) {
          throw new Error(`src/messages/${language}/pages.ts has no text "${name}".`);
        }
        return text;
      }),
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle).filter(({ fileName }) => fileName.endsWith(".html"))) {
        file.fileName = `${language}/${file.fileName}`;
      }
    },
  };
}

// The mode is the language: each build contains the messages of one.
export default defineConfig(({ mode }) => {
  const texts = PAGES[mode];
  const language = texts ? mode : "en";
  return {
    plugins: [translatePages(language, texts ?? en)],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    resolve: { conditions: [language, ...defaultClientConditions] },
    build: {
      target: "es2023",
      cssTarget: ["chrome123", "firefox124", "safari17.5"], // the first versions with light-dark() and AbortSignal.any()
      assetsInlineLimit: 0, // the content security policy doesn't allow data: URLs
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      emptyOutDir: language === "en", // which is built first
      rolldownOptions: {
        optimization: { inlineConst: { mode: "all" } }, // each screen contains the messages that it shows
        input: ["index.html", "not-found.html"],
        // The API serves no names such as `signals.module-D4x.js`.
        output: {
          chunkFileNames: ({ name }) => `assets/${name.replaceAll(".", "-")}-[hash].js`,
          // The first load is one file, which compresses better than many small ones. What the frame loads after
          // signing in is one file too: on AWS without CloudFront, each one needs a function, and new accounts have ten.
          codeSplitting: {
            groups: [
              { name: "index", tags: ["$initial"], test: /^(?!.*not-found)/ },
              { name: "frame", test: FRAME },
            ],
          },
        },
      },
    },
    // Uploads go to S3's own origin and need no proxy.
    server: { host: "127.0.0.1", proxy: { ...PROXY } },
    test: { environment: "node", css: true }, // without "css", `?raw` of a stylesheet is empty
  };
});
