// A photo in the review: the picture with the box in question, the question, and the counts of the photo.

import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import * as messages from "#messages/review";
import { formatPercent } from "../formats";
import { normalize } from "../library/tag-names";
import { cancelDraft, startDrawing } from "../photo/box-draft";
import { CountButton } from "../photo/count-button";
import { highlight } from "../photo/highlight";
import type { Photo } from "../photo/photo";
import { Stage } from "../photo/stage";
import { Viewport } from "../photo/viewport";
import type { ImageSummary } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { fill } from "../ui/fill";
import { Icon } from "../ui/icon";
import { Failed } from "../ui/notice";
import { TagMark } from "../ui/tag-mark";
import type { ReviewSession } from "./review-session";

interface CardProps {
  readonly session: ReviewSession;
  readonly image: ImageSummary;
  readonly photo: Photo;
}

export function Card({ session, image, photo }: CardProps) {
  const viewport = useMemo(() => new Viewport(), []);
  const turn = useMemo(() => (by: 1 | -1) => session.turn(by), [session]);
  useEffect(() => {
    const ended = new AbortController();
    photo.links.value ??= image.links;
    void photo.load(ended.signal).then(() => !ended.signal.aborted && session.goOn(photo));
    return () => {
      ended.abort();
      cancelDraft();
      highlight.value = null;
    };
  }, [session, photo, image]);
  useSignalEffect(() => {
    const { value: question } = session.question;
    highlight.value = question && { tag: normalize(question.label), detection: question.id };
  });
  return (
    <div class="review-card">
      <Stage photo={photo} image={photo.details.value ?? image} viewport={viewport} turn={turn} close={doNothing}>
        <button
          type="button"
          class="stage-turn previous"
          aria-label={messages.previousPhoto}
          disabled={session.index.value === 0}
          onClick={() => session.turn(-1)}
        >
          <Icon name="left" size={28} />
        </button>
        <button
          type="button"
          class="stage-turn next"
          aria-label={messages.skipToNextPhoto}
          onClick={() => session.turn(1)}
        >
          <Icon name="right" size={28} />
        </button>
      </Stage>
      <div class="review-side">
        <h2 class="review-name">
          <a href={`/photos/${image.id}`}>{image.name}</a>
        </h2>
        {photo.problem.value ? (
          <Failed text={photo.problem.value} onRetry={() => void photo.load(new AbortController().signal)} />
        ) : (
          <Question session={session} />
        )}
        <Counts session={session} photo={photo} />
        <ActionButton label={messages.drawMissingBox} icon="draw" size="small" kind="quiet" onClick={startDrawing} />
      </div>
    </div>
  );
}

function doNothing(): void {}

function Question({ session }: { session: ReviewSession }) {
  const { value: question } = session.question;
  const { length } = session.questions.value;
  if (!question) {
    return (
      <div class="review-question">
        <p class="muted" role="status">
          {session.photo.value?.details.value ? messages.noMoreQuestions : messages.loading}
        </p>
        <ActionButton
          label={messages.nextPhoto}
          icon="right"
          aria-keyshortcuts="ArrowRight"
          onClick={() => session.turn(1)}
        />
      </div>
    );
  }
  return (
    <section class="review-question" aria-label={messages.question}>
      <p role="status">
        {fill(messages.isThis(question.label), <b>{question.label}</b>)}{" "}
        {question.confidence !== null && <span class="muted">{messages.sure(formatPercent(question.confidence))}</span>}
      </p>
      <div class="review-answers">
        <ActionButton
          label={messages.yes}
          icon="check"
          kind="primary"
          aria-keyshortcuts="y"
          onClick={() => void session.decide("confirm", [question])}
        />
        <ActionButton
          label={messages.no}
          icon="close"
          aria-keyshortcuts="n"
          onClick={() => void session.decide("dismiss", [question])}
        />
      </div>
      {length > 1 && (
        <div class="review-all">
          <ActionButton
            label={messages.allAreRight(length)}
            size="small"
            aria-keyshortcuts="a"
            onClick={() => void session.decide("confirm", session.questions.value)}
          />
        </div>
      )}
    </section>
  );
}

/** The tags of the photo, with their certain counts and controls for the counts. */
function Counts({ session, photo }: { session: ReviewSession; photo: Photo }) {
  const asked = session.question.value && normalize(session.question.value.label);
  const certain = photo.details.value?.certain ?? {};
  return (
    <ul class="review-counts" aria-label={messages.counts} aria-busy={photo.edits.value.length > 0}>
      {photo.tags.value.map(({ tag, count }) => (
        <li key={tag} class={tag === asked ? "review-count asked" : "review-count"}>
          <TagMark tag={tag} count={count} />
          <span class="muted">
            {(certain[tag] ?? 0) < count ? messages.countCertain(certain[tag] ?? 0) : messages.certain}
          </span>
          <CountButton tag={tag} count={count} by={-1} edit={(by) => session.count(tag, by)} />
          <CountButton tag={tag} count={count} by={1} edit={(by) => session.count(tag, by)} />
        </li>
      ))}
    </ul>
  );
}
