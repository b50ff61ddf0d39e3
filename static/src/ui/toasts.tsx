// Short messages that come and go, and what only screen readers are told. Both are live regions.

import { signal } from "@preact/signals";
import { Icon } from "./icon";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: "done" | "failed";
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

const SECONDS = 6;
const SECONDS_WITH_ACTION = 12;

const toasts = signal<readonly Toast[]>([]);
const spoken = signal("");
let last = 0;

/** Show a message; with an action such as Undo it stays longer. One that failed stays until it is closed. */
export function toast(text: string, kind: Toast["kind"] = "done", action: Toast["action"] = null): void {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value.slice(-2), { id, text, kind, action }];
  if (kind === "done") {
    setTimeout(() => dismiss(id), (action ? SECONDS_WITH_ACTION : SECONDS) * 1000);
  }
}

/** Tell screen readers alone. */
export function announce(text: string): void {
  spoken.value = text;
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

export function Toasts() {
  return (
    <>
      <div class="hidden-text" aria-live="polite">
        {spoken}
      </div>
      <section class="toasts" aria-label="Messages" aria-live="polite">
        {toasts.value.map(({ id, text, kind, action }) => (
          <div key={id} class={`toast ${kind}`}>
            <Icon name={kind === "done" ? "check" : "alert"} />
            <p>{text}</p>
            {action && (
              <button
                type="button"
                class="button quiet"
                onClick={() => {
                  dismiss(id);
                  action.run();
                }}
              >
                {action.label}
              </button>
            )}
            <button type="button" class="button quiet icon-only" aria-label="Close" onClick={() => dismiss(id)}>
              <Icon name="close" size={16} />
            </button>
          </div>
        ))}
      </section>
    </>
  );
}
