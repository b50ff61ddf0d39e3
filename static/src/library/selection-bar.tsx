// The toolbar at the top of the page while photos are selected: how many, and the actions for them.

import type { ComponentChildren } from "preact";
import { formatNumber } from "../formats";
import { ActionButton } from "../ui/action-button";
import { useShortcuts } from "../ui/shortcuts";
import type { Selection } from "./selection";

interface SelectionBarProps {
  readonly selection: Selection;
  /** The name of the whole list: `all results`. */
  readonly whole: string;
  readonly onDelete: () => void;
  readonly children: ComponentChildren;
}

export function SelectionBar(props: SelectionBarProps) {
  return props.selection.size.value > 0 ? <Bar {...props} /> : null;
}

function Bar({ selection, whole, onDelete, children }: SelectionBarProps) {
  useShortcuts([
    { key: "Escape", does: "Clear selection", group: "Library", run: () => selection.clear() },
    { key: "Delete", does: "Delete selected photos", group: "Library", run: onDelete },
  ]);
  const isWhole = selection.whole.value !== null;
  return (
    <div class="selection-bar" role="toolbar" aria-label="Selection">
      <ActionButton
        label="Clear selection"
        icon="close"
        kind="quiet"
        isIconOnly
        title="Clear selection (Esc)"
        onClick={() => selection.clear()}
      />
      <p class="selection-size">
        <b>{formatNumber(selection.size.value)}</b> <span class="selection-word">selected</span>
        {isWhole && <span class="selection-whole"> · {whole}</span>}
      </p>
      {!isWhole && (
        <ActionButton
          label={`Select ${whole}`}
          icon="all"
          kind="quiet"
          isBusy={selection.isCounting.value}
          title={`Select ${whole}`}
          aria-label={`Select ${whole}`}
          disabled={selection.isCounting.value}
          onClick={() => void selection.addWhole()}
        />
      )}
      <div class="selection-actions">{children}</div>
    </div>
  );
}
