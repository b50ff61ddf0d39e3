// A button that opens a menu of actions. The arrow keys move in it; Escape and a click elsewhere close it.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon";
import "../styles/menu.css";

export interface MenuItem {
  readonly icon: IconName;
  readonly label: string;
  readonly run: () => void;
  /** Whether wide screens have a button for it instead. */
  readonly isOnlyNarrow?: boolean;
}

interface MenuProps {
  readonly label: string;
  readonly icon: IconName;
  /** The class of the button. */
  readonly class: string;
  readonly items: readonly MenuItem[];
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

export function Menu({ label, icon, class: buttonClass, items }: MenuProps) {
  const isOpen = useSignal(false);
  const ref = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    isOpen.value = false;
    button.current?.focus();
  };
  const shownItems = () =>
    [...(ref.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])].filter((item) => item.offsetParent);
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.key === "Escape") {
      event.preventDefault(); // the dialog below stays open
      close();
    } else if (step) {
      event.preventDefault();
      const all = shownItems();
      const index = all.indexOf(document.activeElement as HTMLElement);
      all.at((index + step) % all.length)?.focus();
    }
    event.stopPropagation(); // no shortcuts
  };
  useEffect(() => {
    if (!isOpen.value) {
      return;
    }
    shownItems()[0]?.focus();
    const listening = new AbortController();
    const closeElsewhere = ({ target }: Event) => {
      if (!ref.current?.contains(target as Node)) {
        isOpen.value = false;
      }
    };
    addEventListener("pointerdown", closeElsewhere, { signal: listening.signal });
    addEventListener("focusin", closeElsewhere, { signal: listening.signal });
    return () => listening.abort();
  }, [isOpen.value]);
  return (
    <div ref={ref} class="menu-holder">
      <button
        ref={button}
        type="button"
        class={buttonClass}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen.value}
        title={label}
        onClick={() => {
          isOpen.value = !isOpen.value;
        }}
      >
        <Icon name={icon} />
      </button>
      {isOpen.value && (
        <div class="menu" role="menu" aria-label={label} onKeyDown={press}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={item.isOnlyNarrow ? "menu-item only-narrow" : "menu-item"}
              onClick={() => {
                close();
                item.run();
              }}
            >
              <Icon name={item.icon} />
              <span>{item.label}</span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
