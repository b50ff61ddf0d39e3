// The dialog that ends all sessions. It says what they don't end.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/profile";
import { wordsFor } from "../http";
import { readHealth } from "../library/health";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { fill } from "../ui/fill";

interface SignOutDialogProps {
  readonly leave: () => Promise<void>;
  readonly onClose: () => void;
}

export function SignOutDialog({ leave, onClose }: SignOutDialogProps) {
  const isOnAws = useSignal(false);
  const problem = useSignal("");
  const isBusy = useSignal(false);
  useEffect(() => {
    readHealth().then(
      ({ storage }) => {
        isOnAws.value = storage === null;
      },
      () => {}, // the hint is missing then
    );
  }, []);
  const run = async () => {
    isBusy.value = true;
    problem.value = "";
    try {
      await leave();
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  const showKeys = () => {
    onClose();
    document.getElementById("keys")?.scrollIntoView();
  };
  return (
    <ConfirmDialog
      title={messages.signOutEverywhereTitle}
      action={messages.signOutEverywhere}
      isReady={!isBusy.value}
      problem={problem.value}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      <p>{messages.signOutEverywhereLead}</p>
      {isOnAws.value && <p>{messages.hourHint}</p>}
      <p>
        {fill(
          messages.keysKeepWorking,
          <button type="button" class="link" onClick={showKeys}>
            {messages.keysLink}
          </button>,
        )}
      </p>
    </ConfirmDialog>
  );
}
