// Alerts: tags and queries that send an e-mail when a photo matches, and the state of the e-mail subscription.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { del, get, post } from "../api";
import { formatPhotos } from "../formats";
import { Problem, wordsFor } from "../http";
import type { QuerySuggestion, SubscriptionList, SubscriptionResponse } from "../schemas";
import { SuggestedList } from "../search/suggested";
import { account } from "../session";
import { ActionButton } from "../ui/action-button";
import { Field } from "../ui/field";
import { Icon } from "../ui/icon";
import { MailboxLink } from "../ui/mailbox-link";
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
    <Page title="Alerts" lead="Get an e-mail when a new or changed photo matches.">
      {list.value ? (
        <Loaded list={list.value} onChange={load} />
      ) : problem.value ? (
        <Failed text={problem.value} onRetry={() => void load()} />
      ) : (
        <div class="list-loading skeleton" role="status" aria-busy="true" aria-label="Loading" />
      )}
    </Page>
  );
}

function Loaded({ list, onChange }: { list: SubscriptionList; onChange: () => Promise<void> }) {
  const remove = async ({ id, query }: SubscriptionResponse) => {
    try {
      await del("/subscriptions/{subscription_id}", { path: { subscription_id: id } });
      await onChange();
      const undo = () => void post("/subscriptions", { body: { query } }).then(onChange, showError);
      toast(`Removed the alert for ${query}.`, "done", { label: "Undo", run: undo });
    } catch (error) {
      showError(error);
    }
  };
  return (
    <>
      <AlertForm onAdded={onChange} />
      <MailState list={list} onChange={onChange} />
      {list.subscriptions.length === 0 ? (
        <Empty icon="bell" title="No alerts yet">
          <p>
            Enter a tag such as <code>dog</code>, or a search such as <code>person&gt;=2, !car</code>.
          </p>
        </Empty>
      ) : (
        <ul aria-label="Your alerts">
          {list.subscriptions.map((alert) => (
            <li key={alert.id} class="alert-line">
              <div>
                <a class="alert-query" href={`/?q=${encodeURIComponent(alert.query)}`}>
                  {alert.query}
                </a>
                <p>{describeMatches(alert)}</p>
              </div>
              <ActionButton
                label="Remove"
                name={`Remove alert for ${alert.query}`}
                icon="trash"
                iconSize={18}
                kind="quiet"
                isIconOnly
                onClick={() => void remove(alert)}
              />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function describeMatches({ matched }: SubscriptionResponse): string {
  if (matched === null) {
    return "Counting the matching photos";
  }
  return matched === 0 ? "No photos match" : `${formatPhotos(matched)} ${matched === 1 ? "matches" : "match"}`;
}

function AlertForm({ onAdded }: { onAdded: () => Promise<void> }) {
  const ref = useRef<HTMLFormElement>(null);
  const query = useSignal("");
  const problem = useSignal("");
  const suggestions = useSignal<readonly QuerySuggestion[]>([]);
  const isBusy = useSignal(false);
  const run = async (work: () => Promise<void>) => {
    isBusy.value = true;
    try {
      await work();
    } catch (error) {
      problem.value = wordsFor(error);
      selectError(ref.current?.querySelector("input"), error);
    }
    isBusy.value = false;
  };
  const add = async (text: string) => {
    const { query: added } = await post("/subscriptions", { body: { query: text } });
    query.value = "";
    suggestions.value = [];
    announce(`Added an alert for ${added}`);
    await onAdded();
  };
  // If no photo has a tag of the query, the person chooses between the query and the suggestions.
  const check = async (text: string) => {
    suggestions.value = (await post("/subscriptions", { body: { query: text, dry_run: true } })).suggestions;
    if (suggestions.value.length === 0) {
      await add(text);
    }
  };
  return (
    <>
      <form
        ref={ref}
        class="alert-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (query.value.trim() && !isBusy.value) {
            void run(() => check(query.value));
          }
        }}
      >
        <TagOrQuery query={query} problem={problem} onChange={() => (suggestions.value = [])} />
        <ActionButton
          label="Add alert"
          icon="add"
          type="submit"
          kind="primary"
          disabled={isBusy.value || !query.value.trim()}
        />
      </form>
      {suggestions.value.length > 0 && (
        <div class="alert-suggestions" role="status">
          <p>No photo has this tag yet. Did you mean:</p>
          <SuggestedList suggestions={suggestions.value} onChoose={(other) => void run(() => add(other))} />
          <ActionButton
            label={`Add an alert for “${query.value.trim()}” anyway`}
            size="small"
            disabled={isBusy.value}
            onClick={() => void run(() => add(query.value))}
          />
        </div>
      )}
    </>
  );
}

interface TagOrQueryProps {
  readonly query: Signal<string>;
  readonly problem: Signal<string>;
  readonly onChange: () => void;
}

function TagOrQuery({ query, problem, onChange }: TagOrQueryProps) {
  return (
    <Field
      label="Tag or search"
      value={query.value}
      onValue={(text) => {
        query.value = text;
        problem.value = "";
        onChange();
      }}
      error={problem.value}
      input={{ autocomplete: "off", spellcheck: false, maxLength: 1000, placeholder: "dog, person>=2" }}
    />
  );
}

/** Select the text of the input from the character where the query is wrong. */
function selectError(input: HTMLInputElement | null | undefined, error: unknown): void {
  input?.focus();
  if (error instanceof Problem && error.position !== null) {
    input?.setSelectionRange(error.position, input.value.length);
  }
}

function MailState({ list, onChange }: { list: SubscriptionList; onChange: () => Promise<void> }) {
  const { email, mailbox, subscriptions } = list;
  const [first] = subscriptions;
  if (email === "none" && !first) {
    return null; // the first alert subscribes the address
  }
  const address = account.value?.email ?? "your address";
  const subscribeAgain = async () => {
    try {
      await post("/subscriptions", { body: { query: first?.query ?? "" } }); // an existing alert is not added twice
      await onChange();
    } catch (error) {
      showError(error);
    }
  };
  return (
    <section class="mail-state" data-state={email} aria-label="E-mail">
      <Icon name={email === "confirmed" ? "mail" : "alert"} />
      <div>
        {email === "confirmed" && (
          <>
            <h2>E-mails go to {mailbox ? "the mailbox" : address}</h2>
            <p class="muted">
              {mailbox && "PixTag doesn't send e-mails from this machine. It shows them in its mailbox. "}
              You get at most one e-mail per minute. To stop them, remove your alerts.
            </p>
          </>
        )}
        {email === "pending" && (
          <>
            <h2>Confirm your e-mail address</h2>
            <p>
              {mailbox ? "The mailbox has" : "AWS Notifications has sent"} an e-mail to {address}. Open its link to get
              alerts.{!mailbox && " If you can't find it, check your spam folder."}
            </p>
          </>
        )}
        {email === "none" && (
          <>
            <h2>E-mails are off</h2>
            <p>The subscription of {address} has ended or was never confirmed.</p>
          </>
        )}
        <div class="mail-actions">
          {email === "pending" && (
            <ActionButton label="I've confirmed it" icon="retry" size="small" onClick={() => void onChange()} />
          )}
          {email === "none" && (
            <ActionButton
              label="Send new confirmation"
              icon="mail"
              size="small"
              kind="primary"
              onClick={() => void subscribeAgain()}
            />
          )}
          {mailbox && <MailboxLink mailbox={mailbox} address={account.value?.email ?? ""} />}
        </div>
      </div>
    </section>
  );
}

function showError(error: unknown): void {
  toast(wordsFor(error), "failed");
}
