// Notices that replace a screen's content: it is empty, or an error occurred.

import { untracked } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import * as messages from "#messages/app";
import * as controls from "#messages/controls";
import { describeUnreachable, REACH_ADVICE, unreachableText } from "../http";
import { reachability } from "../reachability";
import { ActionButton } from "./action-button";
import { Icon, type IconName } from "./icon";

interface NoticeProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
  /** Buttons and links for the next step. */
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

interface FailedProps {
  readonly icon?: IconName;
  readonly title?: string;
  readonly text: string;
  readonly isBusy?: boolean;
  readonly onRetry: () => void;
  /** More buttons and links. */
  readonly children?: ComponentChildren;
}

/** An error instead of the content. It retries by itself when PixTag can be reached again. */
export function Failed(props: FailedProps) {
  const { icon = "alert", title = messages.somethingWentWrong, text, isBusy = false, onRetry, children } = props;
  const isLost = text === unreachableText();
  const retry = useRef(onRetry);
  retry.current = onRetry;
  useEffect(() => onReachedAgain(() => retry.current()), []);
  return (
    <div class="notice" role="alert">
      <span class="notice-icon danger">
        <Icon name={icon} size={32} />
      </span>
      <h2>{isLost ? describeUnreachable() : title}</h2>
      <p class="notice-text">{isLost ? messages.triesByItself(REACH_ADVICE) : text}</p>
      <div class="notice-actions">
        <ActionButton label={controls.tryAgain} icon="retry" isBusy={isBusy} onClick={onRetry} />
        {children}
      </div>
    </div>
  );
}

/** Call a function whenever PixTag can be reached again. Returns a function that stops it. */
export function onReachedAgain(act: () => void): () => void {
  let wasReachable = reachability.isReachable.peek();
  return reachability.isReachable.subscribe((isReachable) => {
    const isBack = isReachable && !wasReachable;
    wasReachable = isReachable;
    if (isBack) {
      untracked(act);
    }
  });
}

/** An error above a form. Screen readers announce it when it appears. */
export function FormError({ children }: { children: ComponentChildren }) {
  return (
    <div class="form-error" role="alert">
      <Icon name="alert" />
      <p>{children}</p>
    </div>
  );
}
