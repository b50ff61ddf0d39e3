// The link to the e-mail with the code, if PixTag doesn't send it.

import { useEffect } from "preact/hooks";
import * as controls from "#messages/controls";
import { readHealth } from "../library/health";
import { MailboxLink } from "../ui/mailbox-link";
import { draft, mailbox } from "./form";

export function CodeMailbox() {
  useEffect(() => {
    // A reload forgets what the response to the form said.
    readHealth().then(
      (health) => {
        mailbox.value = health.mailbox;
      },
      () => {}, // the page works without the link
    );
  }, []);
  return mailbox.value === null ? null : (
    <div class="code-mailbox">
      <MailboxLink mailbox={mailbox.value} address={draft.email.value.trim()} />
      <p>{controls.mailboxHint}</p>
    </div>
  );
}
