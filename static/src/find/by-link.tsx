// Find a photograph by a link to it: of its thumbnail, its preview, its original, or its page.

import { useSignal } from "@preact/signals";
import { get } from "../api";
import { wordsFor } from "../http";
import { go } from "../router";
import { Field } from "../ui/field";
import { FormError } from "../ui/notice";
import { photoIn, unsigned } from "./photo-link";

export function ByLink() {
  const link = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const find = async () => {
    const text = link.value.trim();
    problem.value = text ? "" : "Paste a link first.";
    if (!text || isBusy.value) {
      return;
    }
    isBusy.value = true;
    try {
      const id = photoIn(text, location.origin) || (await idOf(text));
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
        label="Link"
        value={link.value}
        onValue={(value) => {
          link.value = value;
        }}
        hint="Of a thumbnail, a preview, an original or a photograph’s page. A link that has expired will do."
        input={{ type: "text", inputMode: "url", autocomplete: "off", spellcheck: false, placeholder: "https://…" }}
      />
      <div>
        <button type="submit" class="button primary" disabled={isBusy.value}>
          Find the photograph
        </button>
      </div>
    </form>
  );
}

async function idOf(link: string): Promise<string> {
  return (await get("/search/thumbnail", { query: { url: unsigned(link) } })).id;
}
