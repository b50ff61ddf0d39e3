// Alerts: tags and queries that send an e-mail when a photo matches, and the state of the e-mail subscription.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as messages from "#messages/alerts";
import * as controls from "#messages/controls";
import { del, get, patch, post } from "../api";
import { Problem, wordsFor } from "../http";
import type { QuerySuggestion, SubscriptionList, SubscriptionResponse } from "../schemas";
import { SuggestedList } from "../search/suggested";
import { account } from "../session";
import { ActionButton } from "../ui/action-button";
import { Field } from "../ui/field";
import { fill } from "../ui/fill";
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
    <Page title={messages.alerts} lead={messages.alertsLead}>
      {list.value ? (
        <Loaded list={list.value} onChange={load} />
      ) : problem.value ? (
        <Failed text={problem.value} onRetry={() => void load()} />
      ) : (
        <div class="list-loading skeleton" role="status" aria-busy="true" aria-label={controls.loading} />
      )}
    </Page>
  );
}

function Loaded({ list, onChange }: { list: SubscriptionList; onChange: () => Promise<void> }) {
  const remove = async ({ id, query, name, pinned, email, paused, digest }: SubscriptionResponse) => {
    try {
      await del("/subscriptions/{subscription_id}", { path: { subscription_id: id } });
      await onChange();
      const body = { query, name, pinned, email, paused, digest };
      const undo = () => void post("/subscriptions", { body }).then(onChange, showError);
      toast(messages.removedAlert(query), "done", { label: controls.undo, run: undo });
    } catch (error) {
      showError(error);
    }
  };
  return (
    <>
      <AlertForm onAdded={onChange} />
      <MailState list={list} onChange={onChange} />
      {list.subscriptions.length === 0 ? (
        <Empty icon="bell" title={messages.noAlertsYet}>
          <p>{fill(messages.noAlertsText, <code>dog</code>, <code>{"person>=2, !car"}</code>)}</p>
        </Empty>
      ) : (
        <ul aria-label={messages.yourAlerts}>
          {list.subscriptions.map((alert) => (
            <li key={alert.id} class="alert-line">
              <div>
                <a class="alert-query" href={`/?q=${encodeURIComponent(alert.query)}`}>
                  {alert.name || alert.query}
                </a>
                <p>{describeMatches(alert)}</p>
              </div>
              <Frequency alert={alert} onChange={onChange} />
              <ActionButton
                label={messages.remove}
                name={messages.removeAlertFor(alert.query)}
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

type Choice = SubscriptionResponse["digest"] | "paused" | "off";

const CHOICES: Readonly<Record<Choice, string>> = {
  "at-once": messages.atOnce,
  daily: messages.daily,
  weekly: messages.weekly,
  paused: messages.paused,
  off: messages.off,
};

/** When the alert sends e-mails. */
function Frequency({ alert, onChange }: { alert: SubscriptionResponse; onChange: () => Promise<void> }) {
  const choose = async (choice: Choice) => {
    const digest = choice === "paused" || choice === "off" ? alert.digest : choice;
    const body = { email: choice !== "off", paused: choice === "paused", digest };
    try {
      await patch("/subscriptions/{subscription_id}", { path: { subscription_id: alert.id }, body });
      await onChange();
    } catch (error) {
      showError(error);
    }
  };
  return (
    <select
      class="input"
      aria-label={messages.emailsAbout(alert.name || alert.query)}
      value={alert.email ? (alert.paused ? "paused" : alert.digest) : "off"}
      onChange={(event) => void choose(event.currentTarget.value as Choice)}
    >
      {Object.entries(CHOICES).map(([choice, label]) => (
        <option key={choice} value={choice}>
          {label}
        </option>
      ))}
    </select>
  );
}

function describeMatches({ matched, fault }: SubscriptionResponse): string {
  if (fault) {
    return messages.noLongerValid(fault);
  }
  if (matched === null) {
    return messages.countingTheMatchingPhotos;
  }
  return matched === 0 ? messages.noPhotosMatch : messages.photosMatch(matched);
}

function AlertForm({ onAdded }: { onAdded: () => Promise<void> }) {
  const ref = useRef<HTMLFormElement>(null);
  const query = useSignal("");
  const problem = useSignal("");
  const correction = useSignal<string | null>(null);
  const suggestions = useSignal<readonly QuerySuggestion[]>([]);
  const isBusy = useSignal(false);
  const run = async (work: () => Promise<void>) => {
    isBusy.value = true;
    try {
      await work();
    } catch (error) {
      problem.value = wordsFor(error);
      correction.value = error instanceof Problem ? error.suggestion : null;
      selectError(ref.current?.querySelector("input"), error);
    }
    isBusy.value = false;
  };
  const clear = () => {
    problem.value = "";
    correction.value = null;
    suggestions.value = [];
  };
  const add = async (text: string) => {
    const { query: added } = await post("/subscriptions", { body: { query: text } });
    query.value = "";
    clear();
    announce(messages.addedAnAlert(added));
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
        <TagOrQuery query={query} problem={problem} onChange={clear} />
        <ActionButton
          label={messages.addAlert}
          icon="add"
          type="submit"
          kind="primary"
          disabled={isBusy.value || !query.value.trim()}
        />
      </form>
      {correction.value !== null && (
        <div class="alert-suggestions">
          <ActionButton
            label={messages.addAlertFor(correction.value)}
            kind="primary"
            size="small"
            disabled={isBusy.value}
            onClick={() => {
              query.value = correction.value ?? "";
              clear();
              void run(() => check(query.value));
            }}
          />
        </div>
      )}
      {suggestions.value.length > 0 && (
        <div class="alert-suggestions" role="status">
          <p>{messages.unknownTag}</p>
          <SuggestedList suggestions={suggestions.value} onChoose={(other) => void run(() => add(other))} />
          <ActionButton
            label={messages.addAnyway(query.value.trim())}
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
      label={messages.tagOrSearch}
      value={query.value}
      onValue={(text) => {
        query.value = text;
        onChange();
      }}
      error={problem.value}
      input={{ autocomplete: "off", spellcheck: false, maxLength: 1000, placeholder: messages.exampleQueries }}
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
  const address = account.value?.email ?? messages.yourAddress;
  const subscribeAgain = async () => {
    try {
      await post("/subscriptions/confirmation");
      announce(messages.sentAgain(address));
      await onChange();
    } catch (error) {
      showError(error);
    }
  };
  return (
    <section class="mail-state" data-state={email} aria-label={messages.email}>
      <Icon name={email === "confirmed" ? "mail" : "alert"} />
      <div>
        {email === "confirmed" && (
          <>
            <h2>{mailbox ? messages.emailsGoToMailbox : messages.emailsGoTo(address)}</h2>
            <p class="muted">
              {mailbox && `${controls.mailboxHint} `}
              {messages.oneEmailPerMinute}
            </p>
          </>
        )}
        {email === "pending" && (
          <>
            <h2>{messages.confirmEmailAddress}</h2>
            <p>{mailbox ? messages.mailboxHasEmail(address) : messages.emailSent(address)}</p>
          </>
        )}
        {email === "none" && (
          <>
            <h2>{messages.emailsAreOff}</h2>
            <p>{messages.subscriptionEnded(address)}</p>
          </>
        )}
        <div class="mail-actions">
          {email === "pending" && (
            <>
              <ActionButton label={messages.confirmedIt} icon="retry" size="small" onClick={() => void onChange()} />
              <ActionButton label={messages.sendAgain} icon="mail" size="small" onClick={() => void subscribeAgain()} />
            </>
          )}
          {email === "none" && (
            <ActionButton
              label={messages.sendNewConfirmation}
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
