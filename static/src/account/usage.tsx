// The size of the library, and its limits.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { formatBytes, formatNumber, formatPhotos } from "../formats";
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
      <h3 id="usage">Usage</h3>
      {problem.value && <FormError>{problem.value}</FormError>}
      <div class="usage" aria-busy={usage.value === null && !problem.value}>
        <Share
          name="Photos"
          text={`${formatPhotos(images)} of ${formatNumber(max_images)}`}
          share={images / max_images}
        />
        <Share name="Storage" text={`${formatBytes(bytes)} of ${formatBytes(max_bytes)}`} share={bytes / max_bytes} />
      </div>
      <p class="muted">This includes the trash. Only originals count, not previews.</p>
      {free_bytes !== null && <p class="muted">{formatBytes(free_bytes)} free on the disk of this PixTag.</p>}
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
