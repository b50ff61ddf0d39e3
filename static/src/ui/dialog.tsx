// A modal dialog on the browser's own <dialog>. It traps the focus, closes with Escape, and then returns the focus.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import * as controls from "#messages/controls";
import { ActionButton } from "./action-button";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** Whether it stays open after a click outside, because what it shows would be lost. */
  readonly isKept?: boolean;
}

/** Open while it is rendered. A click outside closes it too. */
export function Dialog({ title, onClose, children, actions, isKept = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    return () => before?.focus({ preventScroll: true });
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={onClose} // a browser may close it without asking
      onClick={(event) => {
        if (event.target === ref.current && !isKept) {
          onClose();
        }
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={id}>{title}</h2>
          <ActionButton label={controls.close} icon="close" kind="quiet" isIconOnly onClick={onClose} />
        </header>
        {children}
        {actions && <footer class="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}
