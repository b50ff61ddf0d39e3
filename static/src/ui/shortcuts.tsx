// The keyboard shortcuts: registered by whoever offers them, listed by `?`, silent while somebody types.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Dialog } from "./dialog";

export interface Shortcut {
  /** As `KeyboardEvent.key` says it, such as `/`, `u` or `ArrowLeft`. */
  readonly key: string;
  readonly does: string;
  readonly run: () => void;
  /** The heading under which it is listed. */
  readonly group?: string;
  /** Whether it works in an open dialog, where all others rest. */
  readonly inDialog?: boolean;
}

const NAMES: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  " ": "Space",
};

/** How a key is written: a capital letter is pressed with Shift. */
function keyName(key: string): string {
  return NAMES[key] ?? (/^[A-Z]$/.test(key) ? `Shift ${key}` : key.toUpperCase());
}

const active = signal<readonly (readonly Shortcut[])[]>([]);
const listed = signal(false);

/** Offer shortcuts as long as the component is there; the newest to offer a key gets it. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    active.value = [...active.peek(), shortcuts];
    return () => {
      active.value = active.peek().filter((one) => one !== shortcuts);
    };
  }, []);
}

/** Whether keys are somebody's text. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

export function startShortcuts(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
      return;
    }
    const isCovered = document.querySelector("dialog:modal") !== null;
    const found = active.value.flat().findLast(({ key, inDialog }) => key === event.key && (inDialog || !isCovered));
    if (event.key === "?") {
      listed.value = true;
    } else if (found) {
      event.preventDefault();
      found.run();
    }
  });
}

export function showShortcuts(): void {
  listed.value = true;
}

export function ShortcutList() {
  if (!listed.value) {
    return null;
  }
  const groups = Map.groupBy(active.value.flat(), ({ group }) => group ?? "Everywhere");
  return (
    <Dialog
      title="Keyboard shortcuts"
      onClose={() => {
        listed.value = false;
      }}
    >
      <div class="shortcuts">
        {[...groups].map(([group, shortcuts]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {shortcuts.map(({ key, does }) => (
                <div key={key}>
                  <dt>{does}</dt>
                  <dd>
                    <kbd>{keyName(key)}</kbd>
                  </dd>
                </div>
              ))}
              {group === "Everywhere" && (
                <div>
                  <dt>List the shortcuts</dt>
                  <dd>
                    <kbd>?</kbd>
                  </dd>
                </div>
              )}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
