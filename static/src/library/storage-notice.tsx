// A notice while PixTag refuses uploads or edits, because its disk is full or read-only.

import { useEffect, useMemo } from "preact/hooks";
import * as messages from "#messages/library";
import { storage } from "../http";
import { Icon } from "../ui/icon";
import { readHealth, watchWhileVisible } from "./health";
import { StorageMonitor } from "./storage-monitor";

const TEXTS = {
  low: messages.diskAlmostFull,
  full: messages.diskFull,
  "read-only": messages.diskReadOnly,
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
