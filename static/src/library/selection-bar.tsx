// The bar over the top of the page while pictures are selected: how many, and what can be done to them.

import type { ComponentChildren } from "preact";
import { Icon } from "../ui/icon";
import { useShortcuts } from "../ui/shortcuts";
import { number } from "./bulk";
import type { Selection } from "./selection";

interface SelectionBarProps {
  readonly selection: Selection;
  /** What the list means as a whole: `All of this search`. */
  readonly whole: string;
  readonly onDelete: () => void;
  readonly children: ComponentChildren;
}

export function SelectionBar(props: SelectionBarProps) {
  return props.selection.size.value > 0 ? <Bar {...props} /> : null;
}

function Bar({ selection, whole, onDelete, children }: SelectionBarProps) {
  useShortcuts([
    { key: "Escape", does: "Select nothing", group: "Selection", run: () => selection.clear() },
    { key: "Delete", does: "Delete what is selected", group: "Selection", run: onDelete },
  ]);
  const isWhole = selection.whole.value !== null;
  return (
    <div class="selection-bar" role="toolbar" aria-label="Selection">
      <button
        type="button"
        class="button quiet icon-only"
        aria-label="Select nothing"
        title="Select nothing (Esc)"
        onClick={() => selection.clear()}
      >
        <Icon name="close" />
      </button>
      <p class="selection-size">
        <b>{number(selection.size.value)}</b> <span class="selection-word">selected</span>
        {isWhole && <span class="selection-whole"> · {whole.toLowerCase()}</span>}
      </p>
      {!isWhole && (
        <button
          type="button"
          class="button quiet selection-all"
          aria-label={whole}
          title={whole}
          disabled={selection.isCounting.value}
          onClick={() => void selection.addWhole()}
        >
          {selection.isCounting.value ? <span class="spinner" /> : <Icon name="all" />}
          <span aria-hidden="true">{whole}</span>
        </button>
      )}
      <div class="selection-actions">{children}</div>
    </div>
  );
}
