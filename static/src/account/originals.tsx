// The download of all originals as zip files.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/account";
import { ActionButton } from "../ui/action-button";
import { lazy } from "../ui/lazy";

const DownloadDialog = lazy(() => import("../download/download-dialog"));

export function Originals() {
  const isOpen = useSignal(false);
  return (
    <section class="card" aria-labelledby="originals">
      <h3 id="originals">{messages.originals}</h3>
      <p class="muted">{messages.originalsLead}</p>
      <div class="card-actions">
        <ActionButton
          label={messages.downloadOriginals}
          icon="download"
          onClick={() => {
            isOpen.value = true;
          }}
        />
      </div>
      {isOpen.value && (
        <DownloadDialog
          source="library"
          onClose={() => {
            isOpen.value = false;
          }}
        />
      )}
    </section>
  );
}
