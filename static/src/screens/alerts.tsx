// Alerts: the tags and queries that one is told of by e-mail, and whether mail arrives.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { del, get, post } from "../api";
import { Problem, wordsFor } from "../http";
import { photographs } from "../library/bulk";
import type { SubscriptionList, SubscriptionResponse } from "../schemas";
import { me } from "../session";
import { Field } from "../ui/field";
import { Icon } from "../ui/icon";
import { Empty, Failed } from "../ui/notice";
import { Page } from "../ui/page";
import { announce, toast } from "../ui/toasts";
import "../styles/manage.css";

export default function Alerts() {
  const list = useSignal<SubscriptionList | null>(null);
  const problem = useSignal("");
  const load = async () => {
    problem.value = "";
    try {
      list.value = await get("/subscriptions");
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  return (
    <Page title="Alerts" lead="An e-mail when a photograph is added that matches, or is changed so that it does.">
      {list.value ? (
        <Loaded list={list.value} onChange={load} />
      ) : problem.value ? (
        <Failed text={problem.value} onRetry={() => void load()} />
      ) : (
        <div class="tag-table skeleton" role="status" aria-busy="true" aria-label="Loading" />
      )}
    </Page>
  );
}

function Loaded({ list, onChange }: { list: SubscriptionList; onChange: () => Promise<void> }) {
  const remove = async ({ id, query }: SubscriptionResponse) => {
    try {
      await del("/subscriptions/{subscription_id}", { path: { subscription_id: id } });
      await onChange();
      const again = () => void post("/subscriptions", { body: { query } }).then(onChange, tell);
      toast(`No more alerts of ${query}.`, "done", { label: "Undo", run: again });
    } catch (error) {
      tell(error);
    }
  };
  return (
    <>
      <AlertForm onAdded={onChange} />
      <MailState list={list} onChange={onChange} />
      {list.subscriptions.length === 0 ? (
        <Empty icon="bell" title="No alerts yet">
          <p>
            Name a tag such as <code>dog</code>, or ask as you search: <code>person&gt;=2, !car</code>.
          </p>
        </Empty>
      ) : (
        <ul aria-label="Your alerts">
          {list.subscriptions.map((one) => (
            <li key={one.id} class="alert-line">
              <div>
                <a class="alert-query" href={`/?q=${encodeURIComponent(one.query)}`}>
                  {one.query}
                </a>
                <p>{foretold(one)}</p>
              </div>
              <button
                type="button"
                class="button quiet icon-only"
                aria-label={`Remove the alert of ${one.query}`}
                title="Remove"
                onClick={() => void remove(one)}
              >
                <Icon name="trash" size={18} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function foretold({ matched, matched_more }: SubscriptionResponse): string {
  if (matched === 0) {
    return "Would have matched nothing in the last 30 days";
  }
  return `Would have matched ${matched_more ? "more than " : ""}${photographs(matched)} in the last 30 days`;
}

function AlertForm({ onAdded }: { onAdded: () => Promise<void> }) {
  const ref = useRef<HTMLFormElement>(null);
  const query = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const add = async () => {
    isBusy.value = true;
    try {
      const { query: added } = await post("/subscriptions", { body: { query: query.value } });
      query.value = "";
      announce(`You are told of ${added}`);
      await onAdded();
    } catch (error) {
      problem.value = wordsFor(error);
      pointAt(ref.current?.querySelector("input"), error);
    }
    isBusy.value = false;
  };
  return (
    <form
      ref={ref}
      class="alert-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (query.value.trim() && !isBusy.value) {
          void add();
        }
      }}
    >
      <TagOrQuery query={query} problem={problem} />
      <button type="submit" class="button primary" disabled={isBusy.value || !query.value.trim()}>
        <Icon name="add" /> Add
      </button>
    </form>
  );
}

function TagOrQuery({ query, problem }: { query: Signal<string>; problem: Signal<string> }) {
  return (
    <Field
      label="A tag, or a query"
      value={query.value}
      onValue={(text) => {
        query.value = text;
        problem.value = "";
      }}
      error={problem.value}
      input={{ autocomplete: "off", spellcheck: false, maxLength: 1000, placeholder: "dog, person>=2" }}
    />
  );
}

/** Select the character of the input that is at fault, and what follows. */
function pointAt(input: HTMLInputElement | null | undefined, error: unknown): void {
  input?.focus();
  if (error instanceof Problem && error.position !== null) {
    input?.setSelectionRange(error.position, input.value.length);
  }
}

function MailState({ list, onChange }: { list: SubscriptionList; onChange: () => Promise<void> }) {
  const { email, mailbox, subscriptions } = list;
  const [first] = subscriptions;
  if (email === "none" && !first) {
    return null; // the first alert begins it
  }
  const address = me.value?.email ?? "your address";
  const ask = async () => {
    try {
      await post("/subscriptions", { body: { query: first?.query ?? "" } }); // the same again is the same one
      await onChange();
    } catch (error) {
      tell(error);
    }
  };
  return (
    <section class={`mail-state ${email}`} aria-label="E-mail">
      <Icon name={email === "confirmed" ? "mail" : "alert"} />
      <div>
        {email === "confirmed" && (
          <>
            <h2>Mail goes to {address}</h2>
            <p class="muted">At most one a minute, with all that is new. Each has a link that ends it.</p>
          </>
        )}
        {email === "pending" && (
          <>
            <h2>Confirm your address first</h2>
            <p>
              AWS Notifications has sent a mail to {address}. Open the link in it; until then no alert arrives. If it is
              not there, look among the spam.
            </p>
          </>
        )}
        {email === "none" && (
          <>
            <h2>No mail is sent at the moment</h2>
            <p>The subscription of {address} has ended, or was never confirmed. Ask for a new confirmation.</p>
          </>
        )}
        <div class="mail-actions">
          {email === "pending" && (
            <button type="button" class="button small" onClick={() => void onChange()}>
              <Icon name="retry" size={16} /> I have confirmed it
            </button>
          )}
          {email === "none" && (
            <button type="button" class="button small primary" onClick={() => void ask()}>
              <Icon name="mail" size={16} /> Send a new confirmation
            </button>
          )}
          {mailbox && (
            <a href={`${mailbox}?to=${encodeURIComponent(address)}`} target="_blank" rel="noopener noreferrer">
              Open this laptop's mailbox
            </a>
          )}
        </div>
      </div>
    </section>
  );
}

function tell(error: unknown): void {
  toast(wordsFor(error), "failed");
}
