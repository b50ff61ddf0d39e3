// The current place: the path and query of the address bar. Plain <a href> links lead to other places.

import { computed, signal } from "@preact/signals";
import { screenOf } from "./paths";
import { growPicture } from "./photo-transition";

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** A row of a list on the screen: its first image with its sort key, and its distance from the top of the window. */
export interface Mark {
  readonly id: string;
  readonly key: string;
  /** CSS pixels. */
  readonly top: number;
}

/** The history state of a place: the number of PixTag's places before it, and what was on the screen. */
interface Entry {
  readonly depth?: number;
  readonly scroll?: number;
  /** Of a list. A list that is read again has other parts loaded, so its scroll position isn't enough. */
  readonly mark?: Mark | null;
}

const RESTORE_MS = 20_000;

/** Aborted unless the saved scroll position is being restored. Until then, the page may be too short for it. */
let restoring = AbortSignal.abort();

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

export const place = signal<Place>(here());

/** The last move to another screen. It is new if the person followed a link, and not if they went back in the history. */
export const visit = signal<{ readonly isNew: boolean }>({ isNew: true });

/** The place below an open photo: where it was opened from, or the library. */
export const underneath = signal<Place>(screenOf(location.pathname) === "photo" ? libraryPlace() : here());

/** The query of the library's search; empty for the whole library. */
export const libraryQuery = computed(() =>
  underneath.value.path === "/" ? (underneath.value.query.get("q") ?? "").trim() : "",
);

const entry = (): Entry => (history.state as Entry | null) ?? {};

/** Return the id in the path of a photo; an empty text for other paths, and while another photo is open. */
function photoIdOf(path: string): string {
  const isOpened = screenOf(path) === "photo" && screenOf(location.pathname) !== "photo";
  return isOpened ? (path.split("/")[2] ?? "") : "";
}

function libraryPlace(): Place {
  return { path: "/", query: new URLSearchParams() };
}

function arrive(): void {
  place.value = here();
  if (screenOf(place.value.path) !== "photo") {
    underneath.value = place.value;
  }
}

/** Go to a path of the UI. */
export function go(to: string, how: "push" | "replace" = "push"): void {
  const { href, pathname } = new URL(to, location.href);
  const overlaid = screenOf(pathname) === "photo";
  if (how === "push" && href !== location.href) {
    remember();
    history.pushState({ depth: (entry().depth ?? 0) + 1 }, "", to);
  } else {
    history.replaceState({ depth: entry().depth ?? 0 }, "", to);
  }
  arrive();
  if (!overlaid) {
    visit.value = { isNew: true };
    scrollTo(0, 0);
  }
}

/** Go back to the previous place, or to `fallback` if that belongs to another site. */
export function back(fallback: string): void {
  if (entry().depth) {
    history.back();
  } else {
    go(fallback, "replace");
  }
}

let currentMark: () => Mark | null = () => null;

/** Save the mark of the list on the screen with the scroll position. */
export function markScroll(mark: () => Mark | null): void {
  currentMark = mark;
}

/** Return the mark that was saved for the current place; null if there is none. */
export function savedMark(): Mark | null {
  return entry().mark ?? null;
}

function remember(): void {
  if (screenOf(location.pathname) !== "photo") {
    history.replaceState({ ...entry(), scroll: scrollY, mark: currentMark() }, "");
  }
}

/** Handle the history and plain clicks on links to the UI, and save the scroll position of each place. */
export function startRouter(): void {
  history.scrollRestoration = "manual";
  addEventListener("popstate", () => {
    arrive();
    visit.value = { isNew: false };
    restoreScroll();
  });
  let timer = 0;
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(() => restoring.aborted && remember(), 150) as unknown as number;
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[href]");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (event.defaultPrevented || !plain || !link || link.target || link.hasAttribute("download")) {
      return;
    }
    if (link.origin === location.origin && screenOf(link.pathname)) {
      event.preventDefault();
      const open = () => go(link.pathname + link.search);
      const id = photoIdOf(link.pathname);
      id ? growPicture(id, open) : open();
    }
  });
  restoreScroll();
}

/** Scroll to the saved position, and again whenever the page grows, until the person uses the page. */
function restoreScroll(): void {
  const { scroll, mark } = entry();
  if (scroll === undefined) {
    return;
  }
  restoring = AbortSignal.any([AbortSignal.timeout(RESTORE_MS), firstInput()]);
  if (mark || scroll === 0) {
    requestAnimationFrame(() => scrollTo(0, scroll)); // a list that is read again finds its place itself
    return;
  }
  const { style } = document.documentElement;
  style.overflowAnchor = "none"; // otherwise, the browser moves the page with what grows
  const observer = new ResizeObserver(() => scrollTo(0, scroll));
  requestAnimationFrame(() => observer.observe(document.body));
  restoring.addEventListener("abort", () => {
    observer.disconnect();
    style.overflowAnchor = "";
  });
}

/** Return a signal that is aborted when the person uses the page. */
export function firstInput(): AbortSignal {
  const used = new AbortController();
  for (const kind of ["wheel", "touchstart", "pointerdown", "keydown", "popstate"]) {
    addEventListener(kind, () => used.abort(), { capture: true, signal: used.signal });
  }
  return used.signal;
}
