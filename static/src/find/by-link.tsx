// Find a photo by a link to its page, thumbnail, preview or original.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/find";
import { get } from "../api";
import { wordsFor } from "../http";
import { go } from "../router";
import { ActionButton } from "../ui/action-button";
import { Field } from "../ui/field";
import { FormError } from "../ui/notice";
import { photoIdIn, withoutSignature } from "./photo-link";

export function ByLink() {
  const link = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const find = async () => {
    const text = link.value.trim();
    problem.value = text ? "" : messages.pasteALinkFirst;
    if (!text || isBusy.value) {
      return;
    }
    isBusy.value = true;
    try {
      const id = photoIdIn(text, location.origin) || (await idOf(text));
      go(`/photos/${id}`);
    } catch (error) {
      problem.value = wordsFor(error);
    }
    isBusy.value = false;
  };
  return (
    <form
      class="form find-link"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      {problem.value && <FormError>{problem.value}</FormError>}
      <Field
        label={messages.link}
        value={link.value}
        onValue={(value) => {
          link.value = value;
        }}
        hint={messages.linkHint}
        input={{ type: "text", inputMode: "url", autocomplete: "off", spellcheck: false, placeholder: "https://…" }}
      />
      <div>
        <ActionButton label={messages.findPhoto} type="submit" kind="primary" disabled={isBusy.value} />
      </div>
    </form>
  );
}

async function idOf(link: string): Promise<string> {
  return (await get("/search/thumbnail", { query: { url: withoutSignature(link) } })).id;
}
