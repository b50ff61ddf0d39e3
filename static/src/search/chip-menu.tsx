// The parts of a chip of the query: the button that removes it, and a menu that opens below it.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import * as messages from "#messages/results";
import { Icon } from "../ui/icon";

/** The state of a chip's menu. A click elsewhere and Escape close it. */
export function useChipMenu() {
  const isOpen = useSignal(false);
  const ref = useRef<HTMLFieldSetElement>(null);
  const id = useId();
  useClickElsewhere(ref, () => {
    isOpen.value = false;
  });
  const closeWithEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isOpen.value) {
      event.stopPropagation();
      isOpen.value = false;
      ref.current?.querySelector<HTMLElement>(".query-name")?.focus();
    }
  };
  return { ref, id, isOpen, closeWithEscape };
}

export function RemoveButton({ name, onRemove }: { name: string; onRemove: () => void }) {
  return (
    <button type="button" class="query-remove" aria-label={messages.removeFromTheSearch(name)} onClick={onRemove}>
      <Icon name="close" size={14} />
    </button>
  );
}

function useClickElsewhere(ref: { readonly current: HTMLElement | null }, run: () => void): void {
  useEffect(() => {
    const handle = ({ target }: Event) => {
      if (!ref.current?.contains(target as Node)) {
        run();
      }
    };
    addEventListener("pointerdown", handle);
    addEventListener("focusin", handle);
    return () => {
      removeEventListener("pointerdown", handle);
      removeEventListener("focusin", handle);
    };
  }, []);
}
