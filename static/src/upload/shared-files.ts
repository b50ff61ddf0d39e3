// The files that another app shared with PixTag. The service worker has kept them, and opened this page.

import * as messages from "#messages/uploads";
import { go, place } from "../router";
import { toast } from "../ui/toasts";
import { sendShared } from "./uploads";

const OUTCOME = "shared";

/** Upload the files, or say that they didn't arrive. Call this after `findLeftBehind`. */
export function takeShared(): void {
  const outcome = place.peek().query.get(OUTCOME);
  if (outcome === null) {
    return;
  }
  go("/", "replace"); // a reload must not do this again
  if (outcome === "files") {
    sendShared();
  } else {
    toast(outcome === "nothing" ? messages.nothingShared : messages.sharingFailed, "failed");
  }
}
