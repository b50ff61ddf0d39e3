// How much the library holds, and how much it may.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { wordsFor } from "../http";
import { number, photographs } from "../library/bulk";
import type { UsageResponse } from "../schemas";
import { FormError } from "../ui/notice";
import { sizeInWords } from "../upload/transfer-rate";

export function Usage() {
  const usage = useSignal<UsageResponse | null>(null);
  const problem = useSignal("");
  useEffect(() => {
    const ended = new AbortController();
    get("/usage", { signal: ended.signal }).then(
      (answer) => {
        usage.value = answer;
      },
      (error: unknown) => {
        problem.value = ended.signal.aborted ? "" : wordsFor(error);
      },
    );
    return () => ended.abort();
  }, []);
  const { images = 0, max_images = 1, bytes = 0, max_bytes = 1 } = usage.value ?? {};
  return (
    <section class="card" aria-labelledby="usage">
      <h2 id="usage">What it holds</h2>
      {problem.value && <FormError>{problem.value}</FormError>}
      <div class="usage" aria-busy={usage.value === null && !problem.value}>
        <Share
          name="Photographs"
          text={`${photographs(images)} of ${number(max_images)}`}
          share={images / max_images}
        />
        <Share name="Storage" text={`${sizeInWords(bytes)} of ${sizeInWords(max_bytes)}`} share={bytes / max_bytes} />
      </div>
      <p class="muted">With what lies in the trash. Each original counts, not its previews.</p>
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
