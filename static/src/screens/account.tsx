// The account: the profile, and actions for the whole library.

import { Deletion } from "../account/deletion";
import { Export } from "../account/export";
import { Invitations } from "../account/invitations";
import { Password } from "../account/password";
import { Positions } from "../account/positions";
import { Redetection } from "../account/redetection";
import { Usage } from "../account/usage";
import { del } from "../api";
import { wordsFor } from "../http";
import { go } from "../router";
import { account, end, signOut } from "../session";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { Page } from "../ui/page";
import { toast } from "../ui/toasts";
import "../styles/manage.css";

async function signOutEverywhere(): Promise<void> {
  await del("/auth/me/sessions");
  end();
}

export default function Account() {
  return (
    <Page title="Account">
      <div class="cards">
        <Profile />
        <Usage />
        <Password />
        {account.value?.can_invite && <Invitations />}
        <Export />
        <Redetection />
        <Positions />
        <Deletion />
      </div>
    </Page>
  );
}

function Profile() {
  const leave = async (leaveSession: () => Promise<void>) => {
    try {
      await leaveSession();
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
          <h2>{account.value ? `${account.value.given_name} ${account.value.family_name}` : "You"}</h2>
          <p class="muted">{account.value?.email}</p>
        </div>
      </div>
      <div class="card-actions">
        <ActionButton label="Sign out" icon="leave" onClick={() => void leave(signOut)} />
        <ActionButton label="Sign out everywhere" onClick={() => void leave(signOutEverywhere)} />
      </div>
    </section>
  );
}
