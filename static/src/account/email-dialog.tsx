// The dialogs that change the address of the account: first the new address and the password, then the code.

import { useSignal } from "@preact/signals";
import * as controls from "#messages/controls";
import * as messages from "#messages/profile";
import { post, put } from "../api";
import { wordsFor } from "../http";
import { account } from "../session";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field, PasswordField } from "../ui/field";
import { fill } from "../ui/fill";
import { MailboxLink } from "../ui/mailbox-link";
import { toast } from "../ui/toasts";

interface Requested {
  readonly email: string;
  /** The page that shows the e-mail; null if PixTag sends e-mails. */
  readonly mailbox: string | null;
}

export function EmailDialog({ onClose }: { onClose: () => void }) {
  const requested = useSignal<Requested | null>(null);
  if (requested.value) {
    return <CodeDialog key="code" {...requested.value} onClose={onClose} />;
  }
  return (
    <AddressDialog
      key="address"
      onRequest={(sent) => {
        requested.value = sent;
      }}
      onClose={onClose}
    />
  );
}

function AddressDialog({ onRequest, onClose }: { onRequest: (sent: Requested) => void; onClose: () => void }) {
  const [email, password] = [useSignal(""), useSignal("")];
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const request = async () => {
    isBusy.value = true;
    problem.value = "";
    const address = email.value.trim();
    try {
      const { mailbox } = await post("/auth/me/email", { body: { email: address, password: password.value } });
      onRequest({ email: address, mailbox });
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={messages.changeAddress}
      action={messages.sendCode}
      isReady={email.value.trim() !== "" && password.value !== "" && !isBusy.value}
      problem={problem.value}
      onConfirm={() => void request()}
      onClose={onClose}
    >
      <p>{messages.addressLead}</p>
      <Field
        label={messages.newAddress}
        value={email.value}
        onValue={(text) => {
          email.value = text;
        }}
        input={{ type: "email", autocomplete: "email", maxLength: 128, pattern: ".+@.+[.].+", autofocus: true }}
      />
      <PasswordField
        label={messages.currentPassword}
        value={password.value}
        onValue={(text) => {
          password.value = text;
        }}
        input={{ name: "current-password", autocomplete: "current-password", maxLength: 256 }}
      />
    </ConfirmDialog>
  );
}

function CodeDialog({ email, mailbox, onClose }: Requested & { onClose: () => void }) {
  const code = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const change = async () => {
    isBusy.value = true;
    problem.value = "";
    try {
      await put("/auth/me/email", { body: { email, code: code.value.trim() } });
      const address = email.toLowerCase();
      account.value = account.value && { ...account.value, email: address };
      toast(messages.changedAddress(address));
      onClose();
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={messages.changeAddress}
      action={messages.changeAddress}
      isReady={code.value.trim() !== "" && !isBusy.value}
      problem={problem.value}
      onConfirm={() => void change()}
      onClose={onClose}
    >
      <p>{fill(mailbox === null ? messages.codeSent : messages.mailboxShowsCode, <strong>{email}</strong>)}</p>
      {mailbox !== null && (
        <>
          <MailboxLink mailbox={mailbox} address={email} />
          <p class="muted">{controls.mailboxHint}</p>
        </>
      )}
      <Field
        label={messages.code}
        value={code.value}
        onValue={(text) => {
          code.value = text;
        }}
        input={{ name: "code", inputMode: "numeric", autocomplete: "one-time-code", maxLength: 64, autofocus: true }}
      />
    </ConfirmDialog>
  );
}
