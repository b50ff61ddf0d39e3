// The ways in: the file picker and the whole window as a place to drop files.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "../ui/icon";
import { ACCEPT } from "./queue";
import { upload } from "./uploads";

const PICKER = "file-picker";

/** Let the person choose files, and upload them. */
export function pickFiles(): void {
  document.getElementById(PICKER)?.click();
}

export function FilePicker() {
  return (
    <input
      id={PICKER}
      hidden
      type="file"
      multiple
      accept={ACCEPT}
      aria-label="Photographs to upload"
      onChange={({ currentTarget }) => {
        upload(currentTarget.files ?? []);
        currentTarget.value = ""; // so that the same file can be chosen again
      }}
    />
  );
}

export function DropTarget() {
  const isOver = useSignal(false);
  useEffect(() => {
    let inside = 0; // elements entered and not left: it is 0 outside the window
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      inside += carriesFiles(event) ? 1 : 0;
      isOver.value = inside > 0;
    };
    const leave = () => {
      inside = Math.max(0, inside - 1);
      isOver.value = inside > 0;
    };
    const over = (event: DragEvent) => {
      if (carriesFiles(event)) {
        event.preventDefault();
      }
    };
    const drop = (event: DragEvent) => {
      if (carriesFiles(event)) {
        event.preventDefault();
        upload(event.dataTransfer?.files ?? []);
      }
      inside = 0;
      isOver.value = false;
    };
    const ended = new AbortController();
    const options = { signal: ended.signal };
    addEventListener("dragenter", enter, options);
    addEventListener("dragleave", leave, options);
    addEventListener("dragover", over, options);
    addEventListener("drop", drop, options);
    return () => ended.abort();
  }, [isOver]);
  return isOver.value ? (
    <div class="drop-target">
      <div class="drop-target-box">
        <Icon name="upload" size={40} />
        <p>Drop to add to your library</p>
      </div>
    </div>
  ) : null;
}
