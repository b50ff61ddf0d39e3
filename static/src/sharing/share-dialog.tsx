// The dialog that shares photos, an album or a saved search by a link. Loaded when it is opened.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/shares";
import type { NewShareResponse } from "../schemas";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { Field, PasswordField } from "../ui/field";
import { CreatedShare } from "./created-share";
import { endAfter, findObstacle, headingOf, LIVES, PRIVATE, type ShareTarget, sourceOf } from "./share-terms";
import { createShare, explain } from "./shares";
import "../styles/shares.css";

const USUAL_DAYS = 30;
const MAX_TITLE = 100;
const PASSWORD_LENGTH = { minLength: 8, maxLength: 128 };

interface ShareDialogProps {
  readonly target: ShareTarget;
  readonly onClose: () => void;
}

export default function ShareDialog({ target, onClose }: ShareDialogProps) {
  const created = useSignal<NewShareResponse | null>(null);
  const create = (share: NewShareResponse) => {
    created.value = share;
  };
  return created.value ? (
    <CreatedShare share={created.value} onClose={onClose} />
  ) : (
    <ShareForm target={target} onCreate={create} onClose={onClose} />
  );
}

function ShareForm({ target, onCreate, onClose }: ShareDialogProps & { onCreate: (share: NewShareResponse) => void }) {
  const obstacle = findObstacle(target);
  const title = useSignal("title" in target ? target.title : "");
  const days = useSignal(USUAL_DAYS);
  const password = useSignal("");
  const isWithOriginals = useSignal(false);
  const problem = useSignal(obstacle);
  const isBusy = useSignal(false);
  const create = async () => {
    isBusy.value = true;
    problem.value = "";
    try {
      onCreate(
        await createShare({
          ...sourceOf(target),
          title: title.value.trim(),
          expires_at: endAfter(days.value, Date.now()),
          password: password.value || null,
          originals: isWithOriginals.value,
        }),
      );
    } catch (error) {
      problem.value = explain(error);
      isBusy.value = false;
    }
  };
  return (
    <ConfirmDialog
      title={headingOf(target)}
      action={messages.createLink}
      isReady={!(isBusy.value || obstacle)}
      problem={problem.value}
      onConfirm={() => void create()}
      onClose={onClose}
    >
      <Explanation target={target} />
      <Field
        label={messages.title}
        hint={messages.titleHint}
        value={title.value}
        onValue={(text) => {
          title.value = text;
        }}
        input={{ autocomplete: "off", maxLength: MAX_TITLE, dir: "auto", placeholder: messages.untitled }}
      />
      <label class="field">
        <span class="field-label">{messages.linkWorks}</span>
        <select
          class="input"
          value={String(days.value)}
          onChange={({ currentTarget }) => {
            days.value = Number(currentTarget.value);
          }}
        >
          {LIVES.map(([life, label]) => (
            <option key={life} value={String(life)}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <PasswordField
        label={messages.password}
        hint={messages.passwordHint}
        value={password.value}
        onValue={(text) => {
          password.value = text;
        }}
        input={{ autocomplete: "new-password", ...PASSWORD_LENGTH }}
      />
      <label class="share-originals">
        <input
          type="checkbox"
          checked={isWithOriginals.value}
          onChange={({ currentTarget }) => {
            isWithOriginals.value = currentTarget.checked;
          }}
        />
        <span>
          {messages.allowOriginals}
          <span class="field-hint">{messages.allowOriginalsHint}</span>
        </span>
      </label>
    </ConfirmDialog>
  );
}

/** What visitors see, and what they never see. */
function Explanation({ target }: { target: ShareTarget }) {
  const hidden = target.kind === "images" ? target.privates : 0;
  const isEmpty = target.kind === "images" && hidden === target.ids.length;
  const current = { images: "", album: messages.showsCurrentAlbum, subscription: messages.showsCurrentMatches };
  return (
    <>
      <p>
        {messages.everyoneWithTheLink} {messages.neverPrivate(PRIVATE)} {current[target.kind]}
      </p>
      {hidden > 0 && <p class="share-warning">{isEmpty ? messages.allPrivate : messages.privateLeftOut(hidden)}</p>}
    </>
  );
}
