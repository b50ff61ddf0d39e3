// Looking at all photographs again, and how far it has come.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, post } from "../api";
import { Problem, pause, wordsFor } from "../http";
import { number } from "../library/bulk";
import { everything, forgetSearches } from "../library/feeds";
import type { RedetectionProgress } from "../schemas";
import { onSignedOut } from "../session";
import { Icon } from "../ui/icon";
import { FormError } from "../ui/notice";
import { toast } from "../ui/toasts";

const HINT = "pixtag:redetecting"; // whether it is worth asking how far it has come
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
      toast("All photographs were looked at again.");
      forgetSearches();
      void everything().refresh();
    } catch (error) {
      if (signal.aborted) {
        return; // the person is elsewhere; it goes on, and is asked about when they are back
      }
      const isNone = error instanceof Problem && error.status === 404; // the hint was somebody else's
      problem.value = isNone ? "" : wordsFor(error);
    }
    localStorage.removeItem(HINT);
    isBusy.value = false;
  };
  const begin = async () => {
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
      <h2 id="redetection">Look again</h2>
      <p class="muted">
        Every photograph is searched for objects once more, as after a better model has come. What you corrected by hand
        stays.
      </p>
      {problem.value && <FormError>{problem.value}</FormError>}
      {isBusy.value ? (
        <Progress progress={progress.value} />
      ) : (
        <button type="button" class="button" onClick={() => void begin()}>
          <Icon name="retry" /> Look at all photographs again
        </button>
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
          ? `${number(done)} of ${number(queued)}${queued_all ? "" : " or more"} looked at`
          : "It begins within a minute"}
      </p>
      <progress class="progress" aria-label="Looking again" {...(queued > 0 && { max: queued, value: done })} />
      <p class="muted">You can leave this page; it goes on.</p>
    </div>
  );
}
