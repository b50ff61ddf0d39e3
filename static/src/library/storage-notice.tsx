// A notice while PixTag refuses uploads or edits, because its disk is full or read-only.

import { useEffect, useMemo } from "preact/hooks";
import { storage } from "../http";
import { Icon } from "../ui/icon";
import { readHealth, watchWhileVisible } from "./health";
import { StorageMonitor } from "./storage-monitor";

const ADVICE = "To free space, delete photos in the trash, or other files on this disk.";
const TEXTS = {
  low: `The disk of this PixTag is almost full. You can't upload photos. ${ADVICE}`,
  full: `The disk of this PixTag is full. You can view and delete photos, but not upload or edit them. ${ADVICE}`,
  "read-only":
    "PixTag can't write to its disk. You can view and download photos, but not upload, edit or delete them. The person" +
    " who runs PixTag needs to check the disk.",
};

/** The region of the notice. It stays in the page, so that screen readers announce its content. */
export function StorageNotice() {
  const monitor = useMemo(() => new StorageMonitor(async () => (await readHealth()).storage, storage), []);
  useEffect(() => watchWhileVisible(monitor), [monitor]);
  const state = monitor.state.value;
  return (
    <div role="status">
      {state && state !== "ok" && (
        <p class="service-notice">
          <Icon name="alert" />
          <span>{TEXTS[state]}</span>
        </p>
      )}
    </div>
  );
}
