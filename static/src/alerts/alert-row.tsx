// A saved search in the list: its photos, its place in the side bar, and when it sends e-mails.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/alerts";
import * as controls from "#messages/controls";
import { wordsFor } from "../http";
import type { SubscriptionChange, SubscriptionResponse } from "../schemas";
import { change, remove } from "../search/saved-searches";
import { ActionButton } from "../ui/action-button";
import { Cover } from "../ui/cover";
import { lazy } from "../ui/lazy";
import { TagMark } from "../ui/tag-mark";
import { toast } from "../ui/toasts";
import { RenameDialog } from "./rename-dialog";
import { simpleTags } from "./simple-tags";

const ShareDialog = lazy(() => import("../sharing/share-dialog"));

export function AlertRow({ alert }: { alert: SubscriptionResponse }) {
  const name = alert.name || alert.query;
  const isRenaming = useSignal(false);
  const isSharing = useSignal(false);
  const apply = (body: SubscriptionChange) => change(alert, body).catch(showError);
  return (
    <li class="alert-line">
      <Cover cover={alert.cover} icon={alert.fault ? "alert" : "search"} />
      <div class="alert-text">
        <a class="alert-name" href={`/?q=${encodeURIComponent(alert.query)}`} dir="auto">
          {name}
        </a>
        {alert.name && <QueryText query={alert.query} />}
        <p>{describeMatches(alert)}</p>
      </div>
      <div class="alert-choices">
        <label class="alert-pin">
          <input
            type="checkbox"
            aria-label={messages.showInSideBarFor(name)}
            checked={alert.pinned}
            onChange={(event) => void apply({ pinned: event.currentTarget.checked })}
          />
          {messages.showInSideBar}
        </label>
        <Frequency alert={alert} onChoose={(body) => void apply(body)} />
      </div>
      <div class="alert-actions">
        <ActionButton
          label={controls.share}
          name={messages.shareSearch(name)}
          icon="share"
          iconSize={18}
          kind="quiet"
          isIconOnly
          onClick={() => {
            isSharing.value = true;
          }}
        />
        <ActionButton
          label={messages.rename}
          name={messages.renameSearch(name)}
          icon="rename"
          iconSize={18}
          kind="quiet"
          isIconOnly
          onClick={() => {
            isRenaming.value = true;
          }}
        />
        <ActionButton
          label={messages.remove}
          name={messages.removeAlertFor(name)}
          icon="trash"
          iconSize={18}
          kind="quiet"
          isIconOnly
          onClick={() => void removeWithUndo(alert)}
        />
      </div>
      {isSharing.value && (
        <ShareDialog
          target={{ kind: "subscription", id: alert.id, title: alert.name }}
          onClose={() => {
            isSharing.value = false;
          }}
        />
      )}
      {isRenaming.value && (
        <RenameDialog
          alert={alert}
          onClose={() => {
            isRenaming.value = false;
          }}
        />
      )}
    </li>
  );
}

/** The query below a name: as tags, or as text if it asks for more. */
function QueryText({ query }: { query: string }) {
  const tags = simpleTags(query);
  return tags ? (
    <span class="alert-tags">
      {tags.map(({ tag, count }) => (
        <TagMark key={tag} tag={tag} count={count} />
      ))}
    </span>
  ) : (
    <p>{query}</p>
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

interface FrequencyProps {
  readonly alert: SubscriptionResponse;
  readonly onChoose: (body: SubscriptionChange) => void;
}

/** When the saved search sends e-mails. */
function Frequency({ alert, onChoose }: FrequencyProps) {
  const choose = (choice: Choice) => {
    const digest = choice === "paused" || choice === "off" ? alert.digest : choice;
    onChoose({ email: choice !== "off", paused: choice === "paused", digest });
  };
  return (
    <select
      class="input"
      aria-label={messages.emailsAbout(alert.name || alert.query)}
      value={alert.email ? (alert.paused ? "paused" : alert.digest) : "off"}
      onChange={(event) => choose(event.currentTarget.value as Choice)}
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

async function removeWithUndo(alert: SubscriptionResponse): Promise<void> {
  try {
    const restore = await remove(alert);
    const undo = () => void restore().catch(showError);
    toast(messages.removedAlert(alert.name || alert.query), "done", { label: controls.undo, run: undo });
  } catch (error) {
    showError(error);
  }
}

function showError(error: unknown): void {
  toast(wordsFor(error), "failed");
}
