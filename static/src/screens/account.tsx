// The account: the profile, and actions for the whole library.

import { Deletion } from "../account/deletion";
import { Export } from "../account/export";
import { Redetection } from "../account/redetection";
import { Usage } from "../account/usage";
import { wordsFor } from "../http";
import { go } from "../router";
import { account, signOut } from "../session";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { Page } from "../ui/page";
import { toast } from "../ui/toasts";
import "../styles/manage.css";

export default function Account() {
  return (
    <Page title="Account">
      <div class="cards">
        <Profile />
        <Usage />
        <Export />
        <Redetection />
        <Deletion />
      </div>
    </Page>
  );
}

function Profile() {
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
          <h2>{account.value ? `${account.value.given_name} ${account.value.family_name}` : "You"}</h2>
          <p class="muted">{account.value?.email}</p>
        </div>
      </div>
      <ActionButton label="Sign out" icon="leave" onClick={() => void leave()} />
    </section>
  );
}
