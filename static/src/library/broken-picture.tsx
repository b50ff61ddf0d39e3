// The content of a tile whose picture can't be loaded.

import { useEffect } from "preact/hooks";
import * as controls from "#messages/controls";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { onReachedAgain } from "../ui/notice";

export function BrokenPicture({ name }: { name: string }) {
  return (
    <span class="tile-broken" aria-hidden="true">
      <Icon name="broken" />
      <span class="tile-broken-name">{name}</span>
    </span>
  );
}

interface RetryPictureProps {
  readonly name: string;
  readonly tabIndex: number;
  readonly onRetry: () => void;
}

/** Loads the picture again, on request and when PixTag can be reached again. */
export function RetryPicture({ name, tabIndex, onRetry }: RetryPictureProps) {
  useEffect(() => onReachedAgain(onRetry), []);
  return (
    <ActionButton
      label={controls.tryAgain}
      name={controls.tryAgainWith(name)}
      size="small"
      class="tile-retry"
      tabIndex={tabIndex}
      onClick={onRetry}
    />
  );
}
