// Whether e-mails about saved searches arrive, and what to do if they don't.

import * as messages from "#messages/alerts";
import * as controls from "#messages/controls";
import { post } from "../api";
import { wordsFor } from "../http";
import type { SubscriptionList } from "../schemas";
import { readSaved } from "../search/saved-searches";
import { account } from "../session";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { MailboxLink } from "../ui/mailbox-link";
import { announce, toast } from "../ui/toasts";

export function MailState({ list: { email, mailbox, subscriptions } }: { list: SubscriptionList }) {
  if (email === "none" && !subscriptions.some((search) => search.email)) {
    return null; // the first search with e-mails subscribes the address
  }
  const address = account.value?.email ?? messages.yourAddress;
  const subscribeAgain = async () => {
    try {
      await post("/subscriptions/confirmation");
      announce(messages.sentAgain(address));
      await readSaved();
    } catch (error) {
      showError(error);
    }
  };
  return (
    <section class="mail-state" data-state={email} aria-label={messages.email}>
      <Icon name={email === "confirmed" ? "mail" : "alert"} />
      <div>
        {email === "confirmed" && (
          <>
            <h2>{mailbox ? messages.emailsGoToMailbox : messages.emailsGoTo(address)}</h2>
            <p class="muted">
              {mailbox && `${controls.mailboxHint} `}
              {messages.oneEmailPerMinute}
            </p>
          </>
        )}
        {email === "pending" && (
          <>
            <h2>{messages.confirmEmailAddress}</h2>
            <p>{mailbox ? messages.mailboxHasEmail(address) : messages.emailSent(address)}</p>
          </>
        )}
        {email === "none" && (
          <>
            <h2>{messages.emailsAreOff}</h2>
            <p>{messages.subscriptionEnded(address)}</p>
          </>
        )}
        <div class="mail-actions">
          {email === "pending" && (
            <>
              <ActionButton
                label={messages.confirmedIt}
                icon="retry"
                size="small"
                onClick={() => void readSaved().catch(showError)}
              />
              <ActionButton label={messages.sendAgain} icon="mail" size="small" onClick={() => void subscribeAgain()} />
            </>
          )}
          {email === "none" && (
            <ActionButton
              label={messages.sendNewConfirmation}
              icon="mail"
              size="small"
              kind="primary"
              onClick={() => void subscribeAgain()}
            />
          )}
          {mailbox && <MailboxLink mailbox={mailbox} address={account.value?.email ?? ""} />}
        </div>
      </div>
    </section>
  );
}

function showError(error: unknown): void {
  toast(wordsFor(error), "failed");
}
