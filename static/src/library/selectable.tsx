// A grid whose photos can be selected: with check marks, Shift, the keyboard, a drag of the mouse, or a long press.

import { useSignal } from "@preact/signals";
import { type ComponentChildren, createContext, type RefObject } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import * as messages from "#messages/library";
import type { ImageSummary } from "../schemas";
import { Icon } from "../ui/icon";
import { useLostPointer } from "../ui/lost-pointer";
import { useShortcuts } from "../ui/shortcuts";
import { startDragSelect } from "./drag-select";
import type { Rectangle, Selection } from "./selection";
import "../styles/selection.css";

const TOUCH = "(any-pointer: coarse)";

interface Selecting {
  readonly selection: Selection;
  /** Whether a click selects a photo even if none is selected yet. */
  readonly always: boolean;
  readonly note: ((image: ImageSummary) => string) | undefined;
  readonly control: ((image: ImageSummary) => ComponentChildren) | undefined;
}

const SelectingContext = createContext<Selecting | null>(null);

interface SelectableProps {
  readonly selection: Selection;
  readonly always?: boolean;
  /** The text on each photo. */
  readonly note?: (image: ImageSummary) => string;
  /** A further control on each photo. */
  readonly control?: (image: ImageSummary) => ComponentChildren;
  /** Begins to move the selected photos when one of them is pressed. */
  readonly grab?: Grab | undefined;
  readonly children: ComponentChildren;
}

/** Follows a pointer that has pressed a selected photo. Returns a function that ends the drag. */
export type Grab = (start: PointerEvent, holder: HTMLElement, selection: Selection) => () => void;

export function Selectable({ selection, always = false, note, control, grab, children }: SelectableProps) {
  const ref = useRef<HTMLDivElement>(null);
  const rectangle = useSignal<Rectangle | null>(null);
  const endDrag = useRef(() => {});
  const isChoosing = always || selection.size.value > 0;

  useShortcuts([
    {
      key: "x",
      run: () => atFocus((id) => selection.toggle(id)),
    },
    {
      key: "X",
      run: () => atFocus((id) => selection.extendTo(id)),
    },
  ]);
  useLostPointer(() => endDrag.current());
  useTouchSelect(ref, selection);
  useEffect(() => {
    const all = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element).matches?.("input, textarea, select");
      const isAll = event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey);
      if (isAll && !isTyping && !document.querySelector("dialog:modal")) {
        event.preventDefault();
        selection.addLoaded();
      }
    };
    addEventListener("keydown", all);
    return () => removeEventListener("keydown", all);
  }, [selection]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: check marks and keys do the same
    <div
      ref={ref}
      class={isChoosing ? "selectable choosing" : "selectable"}
      onClickCapture={(event) => {
        const id = linkedId(event.target);
        // Enter sends a click of detail 0. It opens the photo, unless clicks always select.
        if (id && (event.shiftKey || isChoosing) && (always || event.detail > 0)) {
          event.preventDefault();
          event.shiftKey ? selection.extendTo(id) : selection.toggle(id);
        }
      }}
      onDragStart={(event) => event.preventDefault()}
      onPointerDown={(event) => {
        const isOnControl = (event.target as Element).closest("button") !== null;
        if (event.pointerType === "mouse" && event.button === 0 && !isOnControl && ref.current) {
          endDrag.current();
          endDrag.current =
            grab && isSelected(event.target, selection)
              ? grab(event, ref.current, selection)
              : startDragSelect(event, ref.current, selection, (drawn) => {
                  rectangle.value = drawn;
                });
        }
      }}
    >
      <SelectingContext.Provider value={{ selection, always, note, control }}>{children}</SelectingContext.Provider>
      {rectangle.value && <SelectionRectangle rectangle={rectangle.value} />}
    </div>
  );
}

/** Select by touch on devices that have a touch screen. */
function useTouchSelect(ref: RefObject<HTMLElement | null>, selection: Selection): void {
  useEffect(() => {
    let stop = () => {};
    let isGone = false;
    const start = async () => {
      const { startTouchSelect } = await import("./touch-select");
      if (ref.current && !isGone) {
        stop = startTouchSelect(ref.current, selection);
      }
    };
    if (matchMedia(TOUCH).matches) {
      void start().catch(() => {}); // without it, touches only open photos
    }
    return () => {
      isGone = true;
      stop();
    };
  }, [ref, selection]);
}

function SelectionRectangle({ rectangle: { left, top, right, bottom } }: { rectangle: Rectangle }) {
  const style = {
    insetInlineStart: `${left}px`,
    top: `${top}px`,
    width: `${right - left}px`,
    height: `${bottom - top}px`,
  };
  return <div class="selection-rectangle" style={style} />;
}

interface Marks {
  readonly selection: Selection;
  readonly isSelected: boolean;
  readonly note: string | undefined;
  readonly control: ComponentChildren;
}

/** Return what a tile of a selectable grid shows; null in other grids. */
export function useTileMarks(image: ImageSummary): Marks | null {
  const selecting = useContext(SelectingContext);
  if (!selecting) {
    return null;
  }
  const { selection, note, control } = selecting;
  return { selection, isSelected: selection.has(image), note: note?.(image), control: control?.(image) };
}

/** The check mark, the further control and the text on a tile of a selectable grid. */
export function TileMarks({ image, selection, isSelected, note, control }: Marks & { readonly image: ImageSummary }) {
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: an input's change event has no Shift state */}
      <button
        type="button"
        role="checkbox"
        class="tile-check"
        tabIndex={-1}
        aria-checked={isSelected}
        aria-label={messages.selectIt(image.name)}
        onClick={(event) => (event.shiftKey ? selection.extendTo(image.id) : selection.toggle(image.id))}
      >
        <Icon name="check" size={16} />
      </button>
      {control}
      {note && <span class="tile-note">{note}</span>}
    </>
  );
}

/** Do something with the image whose tile has the focus. */
export function atFocus(act: (id: string) => void): void {
  const id = document.activeElement?.closest<HTMLElement>("[data-id]")?.dataset["id"];
  if (id) {
    act(id);
  }
}

function isSelected(target: EventTarget | null, selection: Selection): boolean {
  const id = linkedId(target);
  return selection.images.peek().some((image) => image.id === id);
}

function linkedId(target: EventTarget | null): string | undefined {
  const link = (target as Element).closest("a.tile-link");
  return link?.closest<HTMLElement>("[data-id]")?.dataset["id"];
}
