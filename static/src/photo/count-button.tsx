// A button that adds one to the count of a tag, or takes one away.

import { MAX_COUNT } from "../search/terms";
import { ActionButton } from "../ui/action-button";

interface CountButtonProps {
  readonly tag: string;
  readonly count: number;
  readonly by: 1 | -1;
  readonly edit: (by: 1 | -1) => void;
}

export function CountButton({ tag, count, by, edit }: CountButtonProps) {
  const label = by > 0 ? "Increase count" : "Decrease count";
  const isAtLimit = by > 0 && count >= MAX_COUNT;
  return (
    <ActionButton
      label={label}
      name={`${label} of ${tag}`}
      icon={by > 0 ? "add" : "minus"}
      iconSize={16}
      kind="quiet"
      isIconOnly
      aria-disabled={isAtLimit}
      onClick={() => !isAtLimit && edit(by)}
    />
  );
}
