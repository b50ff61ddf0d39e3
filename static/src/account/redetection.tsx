// Redetect objects in all photos, and show the progress.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, post } from "../api";
import { formatNumber } from "../formats";
import { Problem, pause, wordsFor } from "../http";
import { everything, forgetSearches } from "../library/feeds";
import type { RedetectionProgress } from "../schemas";
import { onSignedOut } from "../session";
import { ActionButton } from "../ui/action-button";
import { FormError } from "../ui/notice";
import { toast } from "../ui/toasts";

const HINT = "pixtag:redetecting"; // whether a redetection may be running
const POLL_MS = 2000;

onSignedOut(() => localStorage.removeItem(HINT));

export function Redetection() {
  const progress = useSignal<RedetectionProgress | null>(null);
  const problem = useSignal("");
  const isBusy = useSignal(localStorage.getItem(HINT) !== null);
  useEffect(() => {
    const ended = new AbortController();
    if (isBusy.value) {
      void follow(ended.signal);
    }
    return () => ended.abort();
  }, [isBusy.value]);

  const follow = async (signal: AbortSignal) => {
    try {
      do {
        progress.value = await get("/redetection", { signal });
        await pause(progress.value.finished ? 0 : POLL_MS, signal);
      } while (!progress.value.finished);
      localStorage.removeItem(HINT);
      toast("Redetected all photos.");
      forgetSearches();
      void everything().refresh();
    } catch (error) {
      if (signal.aborted) {
        return; // the person left the screen; the redetection continues
      }
      if (error instanceof Problem && error.status === 404) {
        localStorage.removeItem(HINT); // another account left it
      } else {
        problem.value = wordsFor(error); // keep the hint: the redetection continues
      }
    }
    isBusy.value = false;
  };
  const start = async () => {
    problem.value = "";
    try {
      progress.value = await post("/redetection");
      localStorage.setItem(HINT, "1");
      isBusy.value = true;
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  return (
    <section class="card" aria-labelledby="redetection">
      <h3 id="redetection">Redetect</h3>
      <p class="muted">
        Detect objects in all your photos again, for example after a model update. Your corrections are kept.
      </p>
      {problem.value && <FormError>{problem.value}</FormError>}
      {isBusy.value ? (
        <Progress progress={progress.value} />
      ) : (
        <ActionButton label="Redetect all photos" icon="retry" onClick={() => void start()} />
      )}
    </section>
  );
}

function Progress({ progress }: { progress: RedetectionProgress | null }) {
  const { queued = 0, done = 0, queued_all = false } = progress ?? {};
  return (
    <div class="running">
      <p role="status">
        {queued
          ? `${formatNumber(done)} of ${formatNumber(queued)}${queued_all ? "" : " or more"} photos redetected`
          : "Starting within a minute"}
      </p>
      <progress class="progress" aria-label="Redetection" {...(queued > 0 && { max: queued, value: done })} />
      <p class="muted">You can leave this page. The redetection continues.</p>
    </div>
  );
}
