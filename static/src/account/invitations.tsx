// Invite people while registration isn't open. Only the administrator sees this.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/account";
import { post } from "../api";
import { wordsFor } from "../http";
import type { InvitationResponse } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { copyText } from "../ui/copy";
import { Field } from "../ui/field";
import { FormError } from "../ui/notice";
import { toast } from "../ui/toasts";

export function Invitations() {
  const email = useSignal("");
  const problem = useSignal("");
  const invitation = useSignal<InvitationResponse | null>(null);
  const isBusy = useSignal(false);
  const invite = async () => {
    isBusy.value = true;
    problem.value = "";
    invitation.value = null;
    try {
      invitation.value = await post("/auth/me/invitations", { body: { email: email.value.trim() } });
    } catch (error) {
      problem.value = wordsFor(error);
    }
    isBusy.value = false;
  };
  return (
    <section class="card" aria-labelledby="invitations">
      <h3 id="invitations">{messages.invitations}</h3>
      <p class="muted">{messages.invitationsLead}</p>
      <form
        class="form card-form"
        onSubmit={(event) => {
          event.preventDefault();
          void invite();
        }}
      >
        {problem.value && <FormError>{problem.value}</FormError>}
        <Field
          label={messages.emailAddressOfThePerson}
          value={email.value}
          onValue={(text) => {
            email.value = text;
          }}
          input={{ type: "email", autocomplete: "off", required: true, maxLength: 128, pattern: ".+@.+[.].+" }}
        />
        <div class="card-actions">
          <ActionButton label={messages.createLink} icon="add" type="submit" disabled={isBusy.value} />
        </div>
      </form>
      {invitation.value && <Link invitation={invitation.value} />}
    </section>
  );
}

function Link({ invitation: { link, expires_at } }: { invitation: InvitationResponse }) {
  const copy = async () => {
    const isCopied = await copyText(link);
    toast(isCopied ? messages.copiedTheLink : messages.copyingFailed, isCopied ? "done" : "failed");
  };
  return (
    <div class="form card-form" role="status">
      <Field
        label={messages.link}
        hint={messages.linkWorksUntil(expires_at)}
        value={link}
        onValue={() => {}}
        input={{ readOnly: true, onFocus: (event) => event.currentTarget.select() }}
      />
      <div class="card-actions">
        <ActionButton label={messages.copyLink} onClick={() => void copy()} />
      </div>
    </div>
  );
}
