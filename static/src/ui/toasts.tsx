// Short messages at the bottom of the page, and announcements for screen readers. Both are live regions.

import { signal } from "@preact/signals";
import * as messages from "#messages/app";
import * as controls from "#messages/controls";
import { onSignedOut } from "../session";
import { ActionButton } from "./action-button";
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
const announced = signal("");
let last = 0;

/** Show a message and return its id. One with an action stays longer; a failure stays until it is closed. */
export function toast(text: string, kind: Toast["kind"] = "done", action: Toast["action"] = null): number {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value.slice(-2), { id, text, kind, action }];
  if (kind === "done") {
    setTimeout(() => closeToast(id), (action ? SECONDS_WITH_ACTION : SECONDS) * 1000);
  }
  return id;
}

// Messages and actions of one person aren't for the next one.
onSignedOut(() => {
  toasts.value = [];
  announced.value = "";
});

/** Announce a text to screen readers only. */
export function announce(text: string): void {
  announced.value = text;
}

/** Close a message if it is still shown. */
export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((message) => message.id !== id);
}

export function Toasts() {
  return (
    <>
      <div class="hidden-text" aria-live="polite">
        {announced}
      </div>
      <section class="toasts" aria-label={messages.toasts} aria-live="polite">
        {toasts.value.map(({ id, text, kind, action }) => (
          <div key={id} class="toast" data-kind={kind}>
            <Icon name={kind === "done" ? "check" : "alert"} />
            <p>{text}</p>
            {action && (
              <ActionButton
                label={action.label}
                kind="quiet"
                onClick={() => {
                  closeToast(id);
                  action.run();
                }}
              />
            )}
            <ActionButton
              label={controls.close}
              icon="close"
              iconSize={16}
              kind="quiet"
              isIconOnly
              onClick={() => closeToast(id)}
            />
          </div>
        ))}
      </section>
    </>
  );
}
