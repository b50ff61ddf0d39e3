// A button that adds one to the count of a tag, or takes one away.

import * as messages from "#messages/photo";
import { MAX_COUNT } from "../search/terms";
import { ActionButton } from "../ui/action-button";

interface CountButtonProps {
  readonly tag: string;
  readonly count: number;
  readonly by: 1 | -1;
  readonly edit: (by: 1 | -1) => void;
}

export function CountButton({ tag, count, by, edit }: CountButtonProps) {
  const isAtLimit = by > 0 && count >= MAX_COUNT;
  return (
    <ActionButton
      label={by > 0 ? messages.increaseCount : messages.decreaseCount}
      name={by > 0 ? messages.increaseCountOf(tag) : messages.decreaseCountOf(tag)}
      icon={by > 0 ? "add" : "minus"}
      iconSize={16}
      kind="quiet"
      isIconOnly
      aria-disabled={isAtLimit}
      onClick={() => !isAtLimit && edit(by)}
    />
  );
}
