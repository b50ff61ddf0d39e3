// The button in the bar that undoes the latest change of this tab, and Ctrl+Z, which does the same.

import { useEffect } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/library";
import { ActionButton } from "../ui/action-button";
import { lazy } from "../ui/lazy";
import { canUndo, latestChange, undoing, undoLatest } from "./undo";

const TEXT_FIELDS = "input:not([type=checkbox], [type=radio]), textarea";

const UndoDialog = lazy(() => import("./undo-dialog"));

export function UndoButton() {
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  const change = latestChange.value;
  return (
    change && (
      <ActionButton
        label={controls.undo}
        icon="restore"
        kind="quiet"
        isIconOnly
        name={messages.undoChange(change.text)}
        title={messages.undoChangeWithKey(change.text)}
        aria-keyshortcuts="Control+Z"
        onClick={undoLatest}
      />
    )
  );
}

/** The dialog of an undo, if it needs one. */
export function UndoProgress() {
  return undoing.value && <UndoDialog />;
}

/** Undo with Ctrl+Z, except in text fields, and except while a dialog other than an open photo covers the page. */
function onKey(event: KeyboardEvent): void {
  const isUndo =
    event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  const isTyping = event.target instanceof HTMLElement && event.target.matches(TEXT_FIELDS);
  const isCovered = document.querySelector("dialog:modal:not(.photo)") !== null;
  if (isUndo && !isTyping && !isCovered && canUndo.value && !event.defaultPrevented) {
    event.preventDefault();
    undoLatest();
  }
}
