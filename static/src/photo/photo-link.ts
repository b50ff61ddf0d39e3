// The link of a photo's page.

import * as messages from "#messages/viewing";
import { copyText } from "../ui/copy";
import { toast } from "../ui/toasts";

/** Copy the link of a photo's page, and say so. */
export async function copyPhotoLink(id: string): Promise<void> {
  const link = `${location.origin}/photos/${id}`;
  const isCopied = await copyText(link);
  toast(isCopied ? messages.linkCopied : messages.linkNotCopied(link), isCopied ? "done" : "failed");
}
