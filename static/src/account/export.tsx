// The export: read page by page, made into one file, and saved.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { read } from "../api";
import { Problem, pause, wordsFor } from "../http";
import { Icon } from "../ui/icon";
import { FormError } from "../ui/notice";
import { toast } from "../ui/toasts";
import { joinedCoco, joinedCsv, nextPath } from "./export-pages";

type Kind = "csv" | "coco";

const MEGABYTE = 1_000_000;
const TRIES = 6;
const TYPES: Record<Kind, string> = { csv: "text/csv", coco: "application/json" };

export function Export() {
  const size = useSignal<number | null>(null); // characters read so far
  const problem = useSignal("");
  const stopping = useRef<AbortController | null>(null);
  const begin = async (kind: Kind) => {
    stopping.current = new AbortController();
    size.value = 0;
    problem.value = "";
    try {
      const pages = await readAll(kind, stopping.current.signal, (characters) => {
        size.value = (size.value ?? 0) + characters;
      });
      const name = save(pages, kind);
      toast(`${name} is saved.`);
    } catch (error) {
      problem.value = stopping.current.signal.aborted ? "" : wordsFor(error);
    }
    size.value = null;
  };
  return (
    <section class="card" aria-labelledby="export">
      <h2 id="export">Take it with you</h2>
      <p class="muted">
        Your tags as a table (CSV), or all boxes in the format that other programs for labelled pictures read (COCO).
      </p>
      {problem.value && <FormError>{problem.value}</FormError>}
      {size.value === null ? (
        <div class="card-actions">
          <button type="button" class="button" onClick={() => void begin("csv")}>
            <Icon name="download" /> Export CSV
          </button>
          <button type="button" class="button" onClick={() => void begin("coco")}>
            <Icon name="download" /> Export COCO
          </button>
        </div>
      ) : (
        <div class="running">
          <p role="status">Reading your library: {(size.value / MEGABYTE).toFixed(1)} MB so far</p>
          <progress class="progress" aria-label="Export" />
          <div class="card-actions">
            <button type="button" class="button small" onClick={() => stopping.current?.abort()}>
              Stop
            </button>
          </div>
        </div>
      )}
    </section>
  );
}

async function readAll(kind: Kind, signal: AbortSignal, onPage: (characters: number) => void): Promise<string[]> {
  const pages: string[] = [];
  let path: string | null = `/export?format=${kind}`;
  while (path !== null) {
    const answer = await patiently(path, signal);
    const text = await answer.text();
    pages.push(text);
    onPage(text.length);
    path = nextPath(answer.headers.get("Link"));
  }
  return pages;
}

async function patiently(path: string, signal: AbortSignal): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read(path, signal);
    } catch (error) {
      const wait = error instanceof Problem ? error.retryAfterSeconds : null;
      if (wait === null || attempt === TRIES) {
        throw error;
      }
      await pause(wait * 1000, signal);
    }
  }
}

/** Save the document as a file of today; answers with its name. */
function save(pages: readonly string[], kind: Kind): string {
  const text = kind === "csv" ? joinedCsv(pages) : JSON.stringify(joinedCoco(pages.map((page) => JSON.parse(page))));
  const address = URL.createObjectURL(new Blob([text], { type: TYPES[kind] }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `pixtag-${new Date().toLocaleDateString("sv")}.${kind === "csv" ? "csv" : "json"}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return link.download;
}
