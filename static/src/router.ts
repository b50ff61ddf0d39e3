// The place a person is at: a path and a query, as the address bar says. Plain <a href> lead from place to place.

import { computed, signal } from "@preact/signals";
import { screenOf } from "./paths";

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What the history keeps of a place: how many places of ours lie behind it, and how far it was scrolled. */
interface Entry {
  readonly depth?: number;
  readonly scroll?: number;
}

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

export const place = signal<Place>(here());

/** The place that a photograph lies over: where it was opened from, or the library. */
export const underneath = signal<Place>(screenOf(location.pathname) === "photo" ? libraryPlace() : here());

/** What the library shows: a query in the query language, or all with an empty one. */
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

/** Go to a path of the UI, with its query. */
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
    scrollTo(0, 0);
  }
}

/** Go back to where the person came from; to `fallback` if that is not a place of ours. */
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

/** Follow the history and every plain click on a link to a path of the UI, and keep how far each place was scrolled. */
export function startRouter(): void {
  history.scrollRestoration = "manual";
  addEventListener("popstate", () => {
    arrive();
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
