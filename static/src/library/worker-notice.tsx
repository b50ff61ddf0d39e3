// A notice while the worker is stopped. It disappears when the worker runs again.

import { computed } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import * as messages from "#messages/library";
import { Icon } from "../ui/icon";
import { everything } from "./feeds";
import { readHealth, watchWhileVisible } from "./health";
import { WorkerMonitor, type WorkerState } from "./worker-monitor";

async function readState(): Promise<WorkerState> {
  return (await readHealth()).worker;
}

/** The region of the notice. It stays in the page, so that screen readers announce its content. */
export function WorkerNotice({ isShown }: { readonly isShown: boolean }) {
  const monitor = useMemo(createMonitor, []);
  useEffect(() => watchWhileVisible(monitor), [monitor]);
  return (
    <div role="status">
      {isShown && monitor.isStopped.value && (
        <p class="service-notice">
          <Icon name="alert" />
          <span>{messages.workerStopped}</span>
        </p>
      )}
    </div>
  );
}

/** A new monitor after each sign-in, because signing out replaces the library's feed. */
function createMonitor(): WorkerMonitor {
  const { images } = everything();
  return new WorkerMonitor(
    readState,
    computed(() => images.value.some(({ state }) => state === "pending")),
  );
}
