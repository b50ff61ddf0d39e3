// The API keys: the list, a new key, and how to use one.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/keys";
import { del, get } from "../api";
import { formatTakenAt } from "../capture-time";
import { wordsFor } from "../http";
import type { KeyResponse, NewKeyResponse } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { copyText } from "../ui/copy";
import { Field } from "../ui/field";
import { FormError } from "../ui/notice";
import { toast } from "../ui/toasts";
import { KeyDialog } from "./key-dialog";
import { KeyExamples } from "./key-examples";

export function Keys() {
  const keys = useSignal<readonly KeyResponse[] | null>(null);
  const problem = useSignal("");
  const created = useSignal<NewKeyResponse | null>(null);
  const isCreating = useSignal(false);
  const revoking = useSignal<KeyResponse | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    get("/keys", { signal: ended.signal }).then(
      (response) => {
        keys.value = response.keys;
      },
      (error: unknown) => {
        problem.value = ended.signal.aborted ? "" : wordsFor(error);
      },
    );
    return () => ended.abort();
  }, []);
  const add = (key: NewKeyResponse) => {
    keys.value = [...(keys.value ?? []), key];
    created.value = key;
    isCreating.value = false;
  };
  const remove = (key: KeyResponse) => {
    keys.value = (keys.value ?? []).filter(({ id }) => id !== key.id);
    created.value = created.value?.id === key.id ? null : created.value;
    revoking.value = null;
    toast(messages.revoked(key.name));
  };
  return (
    <section class="card" aria-labelledby="keys" aria-busy={keys.value === null && !problem.value}>
      <h3 id="keys">{messages.keys}</h3>
      <p class="muted">{messages.keysLead}</p>
      {problem.value && <FormError>{problem.value}</FormError>}
      {keys.value !== null && keys.value.length > 0 && <KeyList keys={keys.value} revoking={revoking} />}
      {created.value && <NewKey created={created.value} />}
      <div class="card-actions">
        <ActionButton
          label={messages.newKey}
          icon="add"
          disabled={keys.value === null}
          onClick={() => {
            isCreating.value = true;
          }}
        />
      </div>
      <KeyExamples />
      {isCreating.value && (
        <KeyDialog
          onCreate={add}
          onClose={() => {
            isCreating.value = false;
          }}
        />
      )}
      {revoking.value && (
        <RevokeDialog
          apiKey={revoking.value}
          onRevoke={remove}
          onClose={() => {
            revoking.value = null;
          }}
        />
      )}
    </section>
  );
}

function KeyList({ keys, revoking }: { keys: readonly KeyResponse[]; revoking: Signal<KeyResponse | null> }) {
  return (
    <ul class="key-list" aria-label={messages.yourKeys}>
      {keys.map((key) => (
        <li key={key.id}>
          <div>
            <strong>
              <bdi>{key.name}</bdi>
            </strong>
            <p class="muted">{describe(key)}</p>
          </div>
          <ActionButton
            label={messages.revoke}
            name={messages.revokeKey(key.name)}
            size="small"
            onClick={() => {
              revoking.value = key;
            }}
          />
        </li>
      ))}
    </ul>
  );
}

function describe({ scopes, last_used, expires_at }: KeyResponse): string {
  const allowed = scopes.map((scope) => messages.scopeNames[scope]).join(", ");
  const used = last_used === null ? messages.neverUsed : messages.lastUsed(formatTakenAt(last_used));
  const isOver = expires_at !== null && new Date(expires_at) <= new Date();
  const end = expires_at === null ? [] : [isOver ? messages.ended(expires_at) : messages.worksUntil(expires_at)];
  return [allowed, used, ...end].join(" · ");
}

function NewKey({ created: { name, key } }: { created: NewKeyResponse }) {
  const copy = async () => {
    const isCopied = await copyText(key);
    toast(isCopied ? messages.copiedTheKey : messages.copyingFailed, isCopied ? "done" : "failed");
  };
  return (
    <div class="form card-form" role="status">
      <Field
        label={messages.keyOf(name)}
        hint={messages.shownOnce}
        value={key}
        onValue={() => {}}
        input={{ readOnly: true, onFocus: (event) => event.currentTarget.select() }}
      />
      <div class="card-actions">
        <ActionButton label={messages.copyKey} onClick={() => void copy()} />
      </div>
    </div>
  );
}

interface RevokeDialogProps {
  readonly apiKey: KeyResponse;
  readonly onRevoke: (key: KeyResponse) => void;
  readonly onClose: () => void;
}

function RevokeDialog({ apiKey, onRevoke, onClose }: RevokeDialogProps) {
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const revoke = async () => {
    isBusy.value = true;
    problem.value = "";
    try {
      await del("/keys/{key_id}", { path: { key_id: apiKey.id } });
      onRevoke(apiKey);
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={messages.revokeTitle}
      action={messages.revokeAction}
      isDangerous
      isReady={!isBusy.value}
      problem={problem.value}
      onConfirm={() => void revoke()}
      onClose={onClose}
    >
      <p>{messages.revokeText(apiKey.name)}</p>
    </ConfirmDialog>
  );
}
