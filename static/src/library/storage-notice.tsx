// A notice while PixTag refuses uploads or edits, because its disk is full. It disappears when there is space again.

import { useEffect, useMemo } from "preact/hooks";
import { storage } from "../http";
import { Icon } from "../ui/icon";
import { readHealth, watchWhileVisible } from "./health";
import { StorageMonitor } from "./storage-monitor";

const ADVICE = "To free space, delete photos in the trash, or other files on this disk.";

/** The region of the notice. It stays in the page, so that screen readers announce its content. */
export function StorageNotice() {
  const monitor = useMemo(() => new StorageMonitor(async () => (await readHealth()).storage, storage), []);
  useEffect(() => watchWhileVisible(monitor), [monitor]);
  return (
    <div role="status">
      {monitor.isRefusing.value && (
        <p class="service-notice">
          <Icon name="alert" />
          <span>
            {monitor.state.value === "full"
              ? "The disk of this PixTag is full. You can view and delete photos, but not upload or edit them."
              : "The disk of this PixTag is almost full. You can't upload photos."}{" "}
            {ADVICE}
          </span>
        </p>
      )}
    </div>
  );
}
