// The end of an account: its e-mail address has to be typed, because nothing brings it back.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { del } from "../api";
import { wordsFor } from "../http";
import { go } from "../router";
import { end, me } from "../session";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { FormError } from "../ui/notice";

export function Deletion() {
  const isOpen = useSignal(false);
  return (
    <section class="card" aria-labelledby="deletion">
      <h2 id="deletion">Delete the account</h2>
      <p class="muted">
        All photographs, tags and alerts go with it, for good. Keep first what you want to keep: the export above has
        the tags and boxes, and each photograph is downloaded from its own page.
      </p>
      <button
        type="button"
        class="button danger"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        Delete the account…
      </button>
      {isOpen.value && (
        <DeletionDialog
          onClose={() => {
            isOpen.value = false;
          }}
        />
      )}
    </section>
  );
}

function DeletionDialog({ onClose }: { onClose: () => void }) {
  const form = useId();
  const typed = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const email = me.value?.email ?? "";
  const isMeant = email !== "" && typed.value.trim().toLowerCase() === email.toLowerCase();
  const erase = async () => {
    isBusy.value = true;
    problem.value = "";
    try {
      await del("/auth/me", { query: { confirm: typed.value.trim() } });
      end();
      go("/sign-in?deleted=1", "replace");
    } catch (error) {
      problem.value = wordsFor(error);
      isBusy.value = false;
    }
  };
  return (
    <Dialog
      title="Delete the account"
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button quiet" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" form={form} class="button danger" disabled={!isMeant || isBusy.value}>
            Delete everything
          </button>
        </>
      }
    >
      <form
        id={form}
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isMeant && !isBusy.value) {
            void erase();
          }
        }}
      >
        {problem.value && <FormError>{problem.value}</FormError>}
        <p>This cannot be undone. Nobody can sign in any more, and the library is removed.</p>
        <Field
          label={`Type ${email} to confirm`}
          value={typed.value}
          onValue={(text) => {
            typed.value = text;
          }}
          input={{ type: "email", autocomplete: "off", spellcheck: false, autofocus: true }}
        />
      </form>
    </Dialog>
  );
}
