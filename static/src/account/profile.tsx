// The person: their name and address, and the end of their sessions.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/account";
import * as profileMessages from "#messages/profile";
import { del } from "../api";
import { wordsFor } from "../http";
import { go } from "../router";
import { account, end, signOut } from "../session";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { toast } from "../ui/toasts";
import { EmailDialog } from "./email-dialog";
import { NamesDialog } from "./names-dialog";
import { SignOutDialog } from "./sign-out-dialog";

type OpenDialog = "names" | "email" | "sign-out" | null;

export function Profile() {
  const open = useSignal<OpenDialog>(null);
  const close = () => {
    open.value = null;
  };
  const show = (dialog: OpenDialog) => () => {
    open.value = dialog;
  };
  const leave = async () => {
    try {
      await signOut();
      go("/sign-in", "replace"); // the next person to sign in starts at the library
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <section class="card">
      <div class="profile">
        <span class="avatar" aria-hidden="true">
          <Icon name="person" size={28} />
        </span>
        <div>
          <h3 dir="auto">
            {account.value ? `${account.value.given_name} ${account.value.family_name}` : messages.you}
          </h3>
          <p class="muted">{account.value?.email}</p>
        </div>
      </div>
      <div class="card-actions">
        <ActionButton
          label={profileMessages.changeNameButton}
          disabled={account.value === null}
          onClick={show("names")}
        />
        <ActionButton
          label={profileMessages.changeAddressButton}
          disabled={account.value === null}
          onClick={show("email")}
        />
      </div>
      <div class="card-actions">
        <ActionButton label={messages.signOut} icon="leave" onClick={() => void leave()} />
        <ActionButton label={profileMessages.signOutEverywhereButton} onClick={show("sign-out")} />
      </div>
      {open.value === "names" && <NamesDialog onClose={close} />}
      {open.value === "email" && <EmailDialog onClose={close} />}
      {open.value === "sign-out" && <SignOutDialog leave={leaveEverywhere} onClose={close} />}
    </section>
  );
}

async function leaveEverywhere(): Promise<void> {
  await del("/auth/me/sessions");
  end();
  go("/sign-in", "replace");
}
