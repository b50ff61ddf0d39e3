// The link of a new share, which is shown only once.

import { useEffect, useRef } from "preact/hooks";
import * as messages from "#messages/shares";
import { SHARED_LINKS_PATH } from "../paths";
import type { NewShareResponse } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { copyText } from "../ui/copy";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { toast } from "../ui/toasts";
import { describeEnd } from "./share-terms";

export function CreatedShare({ share, onClose }: { share: NewShareResponse; onClose: () => void }) {
  const copyButton = useRef<HTMLButtonElement>(null);
  useEffect(() => copyButton.current?.focus(), []);
  const copy = async () => {
    const isCopied = await copyText(share.url);
    toast(isCopied ? messages.linkCopied : messages.copyingFailed, isCopied ? "done" : "failed");
  };
  const send = () => {
    // The person may close the share sheet.
    navigator.share({ title: share.title || messages.untitled, url: share.url }).catch(() => {});
  };
  return (
    <Dialog
      title={messages.linkCreated}
      onClose={onClose}
      isKept
      actions={
        <>
          <ActionButton label={messages.done} kind="quiet" onClick={onClose} />
          {"share" in navigator && <ActionButton label={messages.sendLink} icon="share" onClick={send} />}
          <ActionButton
            label={messages.copyLink}
            icon="link"
            kind="primary"
            buttonRef={copyButton}
            onClick={() => void copy()}
          />
        </>
      }
    >
      <Field
        label={messages.link}
        hint={messages.shownOnce}
        value={share.url}
        onValue={() => {}}
        input={{ readOnly: true, dir: "ltr", onFocus: (event) => event.currentTarget.select() }}
      />
      <p>
        {describeEnd(share, Date.now())}.{" "}
        <a href={SHARED_LINKS_PATH} onClick={onClose}>
          {messages.showSharedLinks}
        </a>
      </p>
    </Dialog>
  );
}
