import { wordsFor } from "../http";
import { go } from "../router";
import { me, signOut } from "../session";
import { Icon } from "../ui/icon";
import { Page } from "../ui/page";
import { toast } from "../ui/toasts";

export default function Account() {
  const leave = async () => {
    try {
      await signOut();
      go("/sign-in", "replace"); // whoever signs in next does not come back here
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <Page title="Account">
      <section class="card">
        <h2>
          {me.value?.given_name} {me.value?.family_name}
        </h2>
        <p class="muted">{me.value?.email}</p>
        <button type="button" class="button" onClick={() => void leave()}>
          <Icon name="leave" /> Sign out
        </button>
      </section>
    </Page>
  );
}
