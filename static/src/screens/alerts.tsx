// The saved searches: their photos, their place in the side bar, and e-mails when a photo matches.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/alerts";
import * as controls from "#messages/controls";
import { AlertForm } from "../alerts/alert-form";
import { AlertRow } from "../alerts/alert-row";
import { MailState } from "../alerts/mail-state";
import { wordsFor } from "../http";
import type { SubscriptionList } from "../schemas";
import { readSaved, savedSearches } from "../search/saved-searches";
import { fill } from "../ui/fill";
import { Empty, Failed } from "../ui/notice";
import { Page } from "../ui/page";
import "../styles/alerts.css";

export default function Alerts() {
  const problem = useSignal("");
  const load = async () => {
    problem.value = "";
    try {
      await readSaved();
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  return (
    <Page title={messages.alerts} lead={messages.alertsLead}>
      {savedSearches.value ? (
        <Loaded list={savedSearches.value} />
      ) : problem.value ? (
        <Failed text={problem.value} onRetry={() => void load()} />
      ) : (
        <div class="alerts-loading skeleton" role="status" aria-busy="true" aria-label={controls.loading} />
      )}
    </Page>
  );
}

/** Phones have no side bar, so its searches come first. */
function Loaded({ list }: { list: SubscriptionList }) {
  const alerts = list.subscriptions.toSorted((a, b) => Number(b.pinned) - Number(a.pinned));
  return (
    <>
      <AlertForm />
      <MailState list={list} />
      {alerts.length === 0 ? (
        <Empty icon="pin" title={messages.noAlertsYet}>
          <p>{fill(messages.noAlertsText, <code>dog</code>, <code>{"person>=2, !car"}</code>)}</p>
        </Empty>
      ) : (
        <ul aria-label={messages.yourAlerts}>
          {alerts.map((alert) => (
            <AlertRow key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
    </>
  );
}
