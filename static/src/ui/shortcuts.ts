// Keyboard shortcuts. Components register them, shortcut-list.tsx lists them, and they are off while the person types.

import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

export interface Shortcut {
  /** The value of `KeyboardEvent.key`: `/`, `u`, `ArrowLeft`. */
  readonly key: string;
  readonly run: () => void;
  /** Whether it works while a dialog is open. Other shortcuts don't. */
  readonly inDialog?: boolean;
}

/** The shortcuts of the components on the screen. */
const active = signal<readonly (readonly Shortcut[])[]>([]);
/** Whether the list of shortcuts is shown. */
export const listed = signal(false);

/** Register shortcuts while the component is mounted. The last component to register a key gets it. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  // A later effect would lose a key that is pressed as soon as the component is visible.
  useLayoutEffect(() => {
    active.value = [...active.peek(), shortcuts];
    return () => {
      active.value = active.peek().filter((group) => group !== shortcuts);
    };
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

export function startShortcuts(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
      return;
    }
    const isCovered = document.querySelector("dialog:modal") !== null;
    const shortcut = active.value.flat().findLast(({ key, inDialog }) => key === event.key && (inDialog || !isCovered));
    if (event.key === "?") {
      listed.value = true;
    } else if (shortcut) {
      event.preventDefault();
      shortcut.run();
    }
  });
}

export function showShortcuts(): void {
  listed.value = true;
}
