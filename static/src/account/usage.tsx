// The size of the library, and its limits.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/account";
import { get } from "../api";
import { wordsFor } from "../http";
import type { UsageResponse } from "../schemas";
import { FormError } from "../ui/notice";

export function Usage() {
  const usage = useSignal<UsageResponse | null>(null);
  const problem = useSignal("");
  useEffect(() => {
    const ended = new AbortController();
    get("/usage", { signal: ended.signal }).then(
      (response) => {
        usage.value = response;
      },
      (error: unknown) => {
        problem.value = ended.signal.aborted ? "" : wordsFor(error);
      },
    );
    return () => ended.abort();
  }, []);
  const { images = 0, max_images = 1, bytes = 0, max_bytes = 1, free_bytes = null } = usage.value ?? {};
  return (
    <section class="card" aria-labelledby="usage">
      <h3 id="usage">{messages.usage}</h3>
      {problem.value && <FormError>{problem.value}</FormError>}
      <div class="usage" aria-busy={usage.value === null && !problem.value}>
        <Share name={messages.photos} text={messages.imagesUsed(images, max_images)} share={images / max_images} />
        <Share name={messages.storage} text={messages.bytesUsed(bytes, max_bytes)} share={bytes / max_bytes} />
      </div>
      <p class="muted">{messages.usageHint}</p>
      {free_bytes !== null && <p class="muted">{messages.bytesFree(free_bytes)}</p>}
    </section>
  );
}

function Share({ name, text, share }: { name: string; text: string; share: number }) {
  return (
    <div>
      <p>{text}</p>
      <progress class="progress" value={share} max={1} aria-label={name} />
    </div>
  );
}
