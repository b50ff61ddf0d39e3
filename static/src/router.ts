// The current place: the path and query of the address bar. Plain <a href> links lead to other places.

import { computed, signal } from "@preact/signals";
import { screenOf } from "./paths";

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The history state of a place: the number of PixTag's places before it, and its scroll position. */
interface Entry {
  readonly depth?: number;
  readonly scroll?: number;
}

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
  const overlaid = screenOf(new URL(to, location.href).pathname) === "photo";
  if (how === "push") {
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

function remember(): void {
  history.replaceState({ ...entry(), scroll: scrollY }, "");
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
    timer = setTimeout(remember, 150);
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[href]");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (event.defaultPrevented || !plain || !link || link.target || link.hasAttribute("download")) {
      return;
    }
    if (link.origin === location.origin && screenOf(link.pathname)) {
      event.preventDefault();
      go(link.pathname + link.search);
    }
  });
  restoreScroll();
}

function restoreScroll(): void {
  const { scroll } = entry();
  if (scroll !== undefined) {
    requestAnimationFrame(() => scrollTo(0, scroll));
  }
}
