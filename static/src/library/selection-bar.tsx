// The toolbar at the top of the page while photos are selected: how many, and the actions for them.

import type { ComponentChildren } from "preact";
import * as messages from "#messages/library";
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
    { key: "Escape", run: () => selection.clear() },
    { key: "Delete", run: onDelete },
  ]);
  const isWhole = selection.whole.value !== null;
  return (
    <div class="selection-bar" role="toolbar" aria-label={messages.selection}>
      <ActionButton
        label={messages.clearSelection}
        icon="close"
        kind="quiet"
        isIconOnly
        title={messages.clearSelectionEsc}
        onClick={() => selection.clear()}
      />
      <p class="selection-size">
        <b>{formatNumber(selection.size.value)}</b> <span class="selection-word">{messages.selected}</span>
        {isWhole && <span class="selection-whole"> · {whole}</span>}
      </p>
      {!isWhole && (
        <ActionButton
          label={messages.selectIt(whole)}
          icon="all"
          kind="quiet"
          isBusy={selection.isCounting.value}
          title={messages.selectIt(whole)}
          aria-label={messages.selectIt(whole)}
          disabled={selection.isCounting.value}
          onClick={() => void selection.addWhole()}
        />
      )}
      <div class="selection-actions">{children}</div>
    </div>
  );
}
