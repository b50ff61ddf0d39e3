// Reads the health of PixTag for the notices.

import { send } from "../http";
import type { Health } from "../schemas";

let reading: Promise<Health> | null = null;

/** Read the health. Calls during a request share its response. */
export function readHealth(): Promise<Health> {
  reading ??= request().finally(() => {
    reading = null;
  });
  return reading;
}

async function request(): Promise<Health> {
  const response = await send("GET", "/health");
  return (await response.json()) as Health;
}

interface Monitor {
  check(): Promise<void>;
  watch(): () => void;
}

/** Let a monitor watch while the page is visible, and check each time the person returns to the page. */
export function watchWhileVisible(monitor: Monitor): () => void {
  const ended = new AbortController();
  let stop = () => {};
  const restart = () => {
    stop();
    stop = document.hidden ? () => {} : monitor.watch();
  };
  restart();
  document.addEventListener("visibilitychange", restart, { signal: ended.signal });
  addEventListener("focus", () => void monitor.check(), { signal: ended.signal });
  return () => {
    ended.abort();
    stop();
  };
}
