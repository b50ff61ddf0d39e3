// The account: the profile, and actions for the whole library.

import * as messages from "#messages/account";
import * as keyMessages from "#messages/keys";
import * as profileMessages from "#messages/profile";
import { Appearance } from "../account/appearance";
import { Deletion } from "../account/deletion";
import { Export } from "../account/export";
import { Group } from "../account/group";
import { Keys } from "../account/keys";
import { Originals } from "../account/originals";
import { Password } from "../account/password";
import { Positions } from "../account/positions";
import { Profile } from "../account/profile";
import { Redetection } from "../account/redetection";
import { SharedLinksCard } from "../account/shared-links-card";
import { Usage } from "../account/usage";
import { account } from "../session";
import { Page } from "../ui/page";
import "../styles/manage.css";
import "../styles/keys.css";

export default function Account() {
  return (
    <Page title={messages.account}>
      <div class="settings">
        <Group title={messages.you}>
          <Profile />
          <Password />
          <Appearance />
        </Group>
        {account.value?.is_admin && (
          <Group title={messages.people}>
            <AdministrationLink />
          </Group>
        )}
        <Group title={messages.library}>
          <Usage />
          <SharedLinksCard />
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

function AdministrationLink() {
  return (
    <section class="card" aria-labelledby="administration">
      <h3 id="administration">{profileMessages.administration}</h3>
      <p class="muted">{profileMessages.administrationLead}</p>
      <a class="button" href="/administration">
        {profileMessages.openAdministration}
      </a>
    </section>
  );
}
