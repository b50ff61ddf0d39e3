// What a screen shows instead of its content: nothing there yet, or it could not be had.

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";

interface NoticeProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
  /** Buttons and links: what to do next. */
  readonly actions?: ComponentChildren;
}

export function Empty({ icon, title, children, actions }: NoticeProps) {
  return (
    <div class="notice">
      <span class="notice-icon">
        <Icon name={icon} size={32} />
      </span>
      <h2>{title}</h2>
      {children && <div class="notice-text">{children}</div>}
      {actions && <div class="notice-actions">{actions}</div>}
    </div>
  );
}

export function Failed({ text, onRetry }: { text: string; onRetry: () => void }) {
  return (
    <div class="notice" role="alert">
      <span class="notice-icon danger">
        <Icon name="alert" size={32} />
      </span>
      <h2>That did not work</h2>
      <p class="notice-text">{text}</p>
      <div class="notice-actions">
        <button type="button" class="button" onClick={onRetry}>
          <Icon name="retry" /> Try again
        </button>
      </div>
    </div>
  );
}

/** An error above a form; it takes the focus of screen readers when it comes. */
export function FormError({ children }: { children: ComponentChildren }) {
  return (
    <div class="form-error" role="alert">
      <Icon name="alert" />
      <p>{children}</p>
    </div>
  );
}
