// The ways to upload: pickers for files and folders, drops anywhere in the window, and paste.

import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/upload";
import { unreachableText } from "../http";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { toast } from "../ui/toasts";
import { filesOf, photosIn } from "./dropped-files";
import { ACCEPT } from "./photo-types";

const FILES = "file-picker";
const FOLDER = "folder-picker";
const MENU = "upload-menu";

/** The text while files are dragged over the window. */
export const dropHint = signal(messages.dropToUpload);

/** Upload files. The code that sends them is loaded with the panel, after the first screen. */
function upload(chosen: Iterable<File>): void {
  const files = [...chosen]; // the picker empties its list
  import("./uploads").then(
    (uploads) => uploads.upload(files),
    () => toast(unreachableText(), "failed"),
  );
}

/** Open the file picker. The chosen files are uploaded. */
export function pickFiles(): void {
  document.getElementById(FILES)?.click();
}

export function pickFolder(): void {
  document.getElementById(FOLDER)?.click();
}

/** The upload button in the bar, and a menu with the other ways to upload. */
export function UploadButton() {
  return (
    <div class="upload-button">
      <ActionButton label={messages.upload} icon="upload" kind="primary" class="bar-upload" onClick={pickFiles} />
      <ActionButton
        label={messages.moreWaysToUpload}
        icon="down"
        iconSize={16}
        kind="primary"
        isIconOnly
        popovertarget={MENU}
      />
      <div id={MENU} class="upload-menu" popover="auto">
        <MenuButton label={messages.choosePhotos} run={pickFiles} />
        <MenuButton label={messages.chooseFolder} run={pickFolder} />
        <p class="muted">{messages.dropHint}</p>
      </div>
    </div>
  );
}

function MenuButton({ label, run }: { label: string; run: () => void }) {
  return (
    <ActionButton
      label={label}
      kind="quiet"
      size="wide"
      onClick={() => {
        document.getElementById(MENU)?.hidePopover();
        run();
      }}
    />
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
        aria-label={messages.photosToUpload}
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
        aria-label={messages.folderToUpload}
        onChange={({ currentTarget }) => {
          void photosIn([...(currentTarget.files ?? [])]).then(take);
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
    toast(messages.noPhotosInThisFolder, "failed");
  }
}

export function DropTarget() {
  const isOver = useSignal(false);
  useEffect(() => {
    let inside = 0; // elements entered and not left; 0 outside the window
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
      // A screen may handle the drop itself.
      if (event.dataTransfer && carriesFiles(event) && !event.defaultPrevented) {
        event.preventDefault();
        void filesOf(event.dataTransfer).then(take);
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
        <p>{dropHint}</p>
      </div>
    </div>
  ) : null;
}
