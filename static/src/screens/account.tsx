// The account: the profile, and actions for the whole library.

import type { ComponentChildren } from "preact";
import * as messages from "#messages/account";
import * as keyMessages from "#messages/keys";
import { Appearance } from "../account/appearance";
import { Deletion } from "../account/deletion";
import { Export } from "../account/export";
import { Invitations } from "../account/invitations";
import { Keys } from "../account/keys";
import { Originals } from "../account/originals";
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
import "../styles/keys.css";

async function signOutEverywhere(): Promise<void> {
  await del("/auth/me/sessions");
  end();
}

export default function Account() {
  return (
    <Page title={messages.account}>
      <div class="settings">
        <Group title={messages.you}>
          <Profile />
          <Password />
          <Appearance />
        </Group>
        {account.value?.can_invite && (
          <Group title={messages.people}>
            <Invitations />
          </Group>
        )}
        <Group title={messages.library}>
          <Usage />
          <Export />
          <Originals />
          <Redetection />
          <Positions />
        </Group>
        <Group title={keyMessages.programs}>
          <Keys />
        </Group>
        <Group title={messages.leavePixtag}>
          <Deletion />
        </Group>
      </div>
    </Page>
  );
}

function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="settings-group">
      <h2>{title}</h2>
      <div class="cards">{children}</div>
    </section>
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
          <h3>{account.value ? `${account.value.given_name} ${account.value.family_name}` : messages.you}</h3>
          <p class="muted">{account.value?.email}</p>
        </div>
      </div>
      <div class="card-actions">
        <ActionButton label={messages.signOut} icon="leave" onClick={() => void leave(signOut)} />
        <ActionButton label={messages.signOutEverywhere} onClick={() => void leave(signOutEverywhere)} />
      </div>
    </section>
  );
}
