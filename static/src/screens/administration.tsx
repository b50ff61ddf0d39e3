// The administration of one machine: the disk, registration and all people.

import { signal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import * as messages from "#messages/administration";
import { Group } from "../account/group";
import { Invitations } from "../account/invitations";
import { People } from "../account/people";
import { Registration } from "../account/registration";
import { get } from "../api";
import { wordsFor } from "../http";
import type { RegistrationState, StorageResponse } from "../schemas";
import { Failed } from "../ui/notice";
import { Page } from "../ui/page";
import "../styles/manage.css";
import "../styles/keys.css";

interface Loaded {
  readonly storage: StorageResponse;
  readonly registration: RegistrationState;
}

export default function Administration() {
  const loaded = useSignal<Loaded | null>(null);
  const problem = useSignal("");
  const load = async () => {
    problem.value = "";
    try {
      const [storage, registration] = await Promise.all([get("/admin/storage"), get("/admin/registration")]);
      loaded.value = { storage, registration };
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  useEffect(() => void load(), []);
  return (
    <Page title={messages.administration}>
      {problem.value && !loaded.value && <Failed text={problem.value} onRetry={() => void load()} />}
      {loaded.value && <Settings {...loaded.value} onDelete={() => void load()} />}
    </Page>
  );
}

function Settings({ storage, registration, onDelete }: Loaded & { onDelete: () => void }) {
  const state = useMemo(() => signal(registration), []);
  return (
    <div class="settings">
      <Group title={messages.thisPixtag}>
        <Disk storage={storage} />
        <Registration state={state} />
        {state.value.mode !== "open" && <Invitations />}
      </Group>
      <Group title={messages.people}>
        <People count={storage.accounts} onDelete={onDelete} />
      </Group>
    </div>
  );
}

function Disk({ storage: { total_bytes, free_bytes, images, bytes } }: { storage: StorageResponse }) {
  const used = total_bytes - free_bytes;
  return (
    <section class="card" aria-labelledby="disk">
      <h3 id="disk">{messages.disk}</h3>
      <div class="usage">
        <div>
          <p>{messages.diskUsed(used, total_bytes)}</p>
          <progress class="progress" value={used / total_bytes} max={1} aria-label={messages.disk} />
        </div>
      </div>
      <p class="muted">{messages.diskFree(free_bytes)}</p>
      <p class="muted">{messages.diskOfPhotos(images, bytes)}</p>
    </section>
  );
}
