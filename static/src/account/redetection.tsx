// Redetect objects in all photos, and show the progress.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/account";
import { get, post } from "../api";
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
      toast(messages.redetectedAllPhotos);
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
      <h3 id="redetection">{messages.redetect}</h3>
      <p class="muted">{messages.redetectionLead}</p>
      {problem.value && <FormError>{problem.value}</FormError>}
      {isBusy.value ? (
        <Progress progress={progress.value} />
      ) : (
        <ActionButton label={messages.redetectAllPhotos} icon="retry" onClick={() => void start()} />
      )}
    </section>
  );
}

function Progress({ progress }: { progress: RedetectionProgress | null }) {
  const { queued = 0, done = 0, queued_all = false } = progress ?? {};
  return (
    <div class="running">
      <p role="status">{queued ? messages.redetected(done, queued, queued_all) : messages.startingWithinAMinute}</p>
      <progress class="progress" aria-label={messages.redetection} {...(queued > 0 && { max: queued, value: done })} />
      <p class="muted">{messages.redetectionContinues}</p>
    </div>
  );
}
