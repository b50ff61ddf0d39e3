// The ways in: the pickers for files and for a folder, the whole window as a place to drop both, and pasting.

import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "../ui/icon";
import { toast } from "../ui/toasts";
import { dropped, isPhotograph } from "./dropped-files";
import { ACCEPT } from "./queue";
import { upload } from "./uploads";

const FILES = "file-picker";
const FOLDER = "folder-picker";
const MENU = "upload-menu";

/** What is said while files are dragged over the window. */
export const dropMeans = signal("Drop to add to your library");

/** Let the person choose files, and upload them. */
export function pickFiles(): void {
  document.getElementById(FILES)?.click();
}

export function pickFolder(): void {
  document.getElementById(FOLDER)?.click();
}

/** The button in the bar, and the menu beside it with the other ways. */
export function UploadButton() {
  return (
    <div class="upload-button">
      <button type="button" class="button primary bar-upload" onClick={pickFiles}>
        <Icon name="upload" />
        <span>Upload</span>
      </button>
      <button type="button" class="button primary icon-only" aria-label="More ways to upload" popovertarget={MENU}>
        <Icon name="down" size={16} />
      </button>
      <div id={MENU} class="upload-menu" popover="auto">
        <MenuButton label="Choose photographs" run={pickFiles} />
        <MenuButton label="Choose a folder" run={pickFolder} />
        <p class="muted">Or drop files and folders anywhere, or paste a picture.</p>
      </div>
    </div>
  );
}

function MenuButton({ label, run }: { label: string; run: () => void }) {
  return (
    <button
      type="button"
      class="button quiet wide"
      onClick={() => {
        document.getElementById(MENU)?.hidePopover();
        run();
      }}
    >
      {label}
    </button>
  );
}

export function FilePicker() {
  return (
    <>
      <input
        id={FILES}
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
      <input
        id={FOLDER}
        hidden
        type="file"
        ref={(input) => input?.setAttribute("webkitdirectory", "")}
        aria-label="Folder to upload"
        onChange={({ currentTarget }) => {
          take([...(currentTarget.files ?? [])].filter(isPhotograph));
          currentTarget.value = "";
        }}
      />
    </>
  );
}

function take(files: readonly File[]): void {
  if (files.length > 0) {
    upload(files);
  } else {
    toast("There is no photograph in it.", "failed");
  }
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
      // A part of a screen may have a use of its own for it.
      if (event.dataTransfer && carriesFiles(event) && !event.defaultPrevented) {
        event.preventDefault();
        void dropped(event.dataTransfer).then(take);
      }
      inside = 0;
      isOver.value = false;
    };
    const paste = (event: ClipboardEvent) => {
      const files = event.clipboardData?.files ?? [];
      if (files.length > 0 && !event.defaultPrevented) {
        event.preventDefault();
        upload(files);
      }
    };
    const ended = new AbortController();
    const options = { signal: ended.signal };
    addEventListener("dragenter", enter, options);
    addEventListener("dragleave", leave, options);
    addEventListener("dragover", over, options);
    addEventListener("drop", drop, options);
    addEventListener("paste", paste, options);
    return () => ended.abort();
  }, [isOver]);
  return isOver.value ? (
    <div class="drop-target">
      <div class="drop-target-box">
        <Icon name="upload" size={40} />
        <p>{dropMeans}</p>
      </div>
    </div>
  ) : null;
}
