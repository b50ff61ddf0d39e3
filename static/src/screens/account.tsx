// Who you are, and what concerns all of your library.

import { Deletion } from "../account/deletion";
import { Export } from "../account/export";
import { Redetection } from "../account/redetection";
import { Usage } from "../account/usage";
import { wordsFor } from "../http";
import { go } from "../router";
import { me, signOut } from "../session";
import { Icon } from "../ui/icon";
import { Page } from "../ui/page";
import { toast } from "../ui/toasts";
import "../styles/manage.css";

export default function Account() {
  return (
    <Page title="Account">
      <div class="cards">
        <Who />
        <Usage />
        <Export />
        <Redetection />
        <Deletion />
      </div>
    </Page>
  );
}

function Who() {
  const leave = async () => {
    try {
      await signOut();
      go("/sign-in", "replace"); // whoever signs in next does not come back here
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <section class="card">
      <div class="who">
        <span class="avatar" aria-hidden="true">
          <Icon name="person" size={28} />
        </span>
        <div>
          <h2>{me.value ? `${me.value.given_name} ${me.value.family_name}` : "You"}</h2>
          <p class="muted">{me.value?.email}</p>
        </div>
      </div>
      <button type="button" class="button" onClick={() => void leave()}>
        <Icon name="leave" /> Sign out
      </button>
    </section>
  );
}
