// The link to the page that shows e-mails when PixTag runs on one machine.

import * as messages from "#messages/app";
import { Icon } from "./icon";

interface MailboxLinkProps {
  /** The URL of the page. */
  readonly mailbox: string;
  /** The page shows only the e-mails to this address. */
  readonly address: string;
}

export function MailboxLink({ mailbox, address }: MailboxLinkProps) {
  const url = address ? `${mailbox}?to=${encodeURIComponent(address)}` : mailbox;
  return (
    <a class="button mailbox-link" href={url} target="_blank" rel="noopener noreferrer">
      <Icon name="mail" />
      <span>
        {messages.openMailbox}
        <span class="hidden-text"> {messages.newTab}</span>
      </span>
    </a>
  );
}
