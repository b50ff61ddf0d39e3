// The list of all accounts, for the administrator.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/administration";
import { del, get } from "../api";
import { formatTakenAt } from "../capture-time";
import { wordsFor } from "../http";
import type { ListedAccount } from "../schemas";
import { account as ownAccount } from "../session";
import { ActionButton } from "../ui/action-button";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field } from "../ui/field";
import { FormError } from "../ui/notice";
import { toast } from "../ui/toasts";

export function People({ count, onDelete }: { count: number; onDelete: () => void }) {
  const people = useSignal<readonly ListedAccount[]>([]);
  const next = useSignal<string | null>(null);
  const isBusy = useSignal(true);
  const problem = useSignal("");
  const deleting = useSignal<ListedAccount | null>(null);
  const load = async (cursor: string | null) => {
    isBusy.value = true;
    problem.value = "";
    try {
      const page = await get("/admin/accounts", { query: cursor === null ? {} : { cursor } });
      people.value = [...people.value, ...page.accounts];
      next.value = page.next;
    } catch (error) {
      problem.value = wordsFor(error);
    }
    isBusy.value = false;
  };
  useEffect(() => void load(null), []);
  const remove = ({ id, email }: ListedAccount) => {
    people.value = people.value.filter((each) => each.id !== id);
    deleting.value = null;
    toast(messages.deleted(email));
    onDelete();
  };
  return (
    <section class="card" aria-labelledby="accounts" aria-busy={isBusy.value}>
      <h3 id="accounts">{messages.peopleCount(count)}</h3>
      {problem.value && <FormError>{problem.value}</FormError>}
      <ul class="key-list" aria-label={messages.accounts}>
        {people.value.map((person) => (
          <li key={person.id}>
            <div>
              <strong dir="auto">{person.name}</strong> <span class="muted">{person.email}</span>
              <p class="muted">{describe(person)}</p>
            </div>
            {person.id !== ownAccount.value?.id && (
              <ActionButton
                label={messages.deleteButton}
                name={messages.deleteAccountOf(person.email)}
                size="small"
                onClick={() => {
                  deleting.value = person;
                }}
              />
            )}
          </li>
        ))}
      </ul>
      {(next.value !== null || problem.value) && (
        <ActionButton label={messages.showMore} disabled={isBusy.value} onClick={() => void load(next.value)} />
      )}
      {deleting.value && (
        <DeletePersonDialog
          person={deleting.value}
          onDelete={remove}
          onClose={() => {
            deleting.value = null;
          }}
        />
      )}
    </section>
  );
}

function describe(person: ListedAccount): string {
  const { is_admin, is_confirmed, images, bytes, created_at, last_sign_in } = person;
  const role = is_admin ? [messages.administrator] : [];
  const state = is_confirmed ? [] : [messages.notConfirmed];
  const signIn = last_sign_in === null ? messages.neverSignedIn : messages.lastSignIn(formatTakenAt(last_sign_in));
  return [...role, ...state, messages.libraryOf(images, bytes), signIn, messages.registeredOn(created_at)].join(" · ");
}

interface DeletePersonDialogProps {
  readonly person: ListedAccount;
  readonly onDelete: (person: ListedAccount) => void;
  readonly onClose: () => void;
}

function DeletePersonDialog({ person, onDelete, onClose }: DeletePersonDialogProps) {
  const typed = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const isConfirmed = typed.value.trim().toLowerCase() === person.email;
  const run = async () => {
    isBusy.value = true;
    problem.value = "";
    try {
      await del("/admin/accounts/{account_id}", {
        path: { account_id: person.id },
        query: { confirm: typed.value.trim() },
      });
      onDelete(person);
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={messages.deleteTitle}
      action={messages.deleteAction}
      isDangerous
      isReady={isConfirmed && !isBusy.value}
      problem={problem.value}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      <p>{messages.deleteText(person.name)}</p>
      <Field
        label={messages.typeToConfirm(person.email)}
        value={typed.value}
        onValue={(text) => {
          typed.value = text;
        }}
        input={{ type: "email", autocomplete: "off", spellcheck: false, autofocus: true }}
      />
    </ConfirmDialog>
  );
}
