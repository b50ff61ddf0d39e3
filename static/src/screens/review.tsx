// The review: photos with uncertain boxes, those with the most first. The person decides about one box after the other.

import { useEffect, useMemo } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/review";
import { Card } from "../review/card";
import { useReviewKeys } from "../review/review-keys";
import { ReviewSession } from "../review/review-session";
import { ActionButton } from "../ui/action-button";
import { Empty, Failed } from "../ui/notice";
import { showShortcuts } from "../ui/shortcuts";
import "../styles/stage.css";
import "../styles/panel.css";
import "../styles/review.css";

export default function ReviewScreen() {
  const session = useMemo(() => new ReviewSession(), []);
  useReviewKeys(session);
  useEffect(() => {
    void session.load();
  }, [session]);
  return (
    <div class="review">
      <header class="review-head">
        <h1>{messages.review}</h1>
        <Progress session={session} />
        <ActionButton
          label={controls.undo}
          icon="restore"
          size="small"
          aria-disabled={session.decisions.value.length === 0}
          title={messages.undoLastDecision}
          onClick={() => void session.undo()}
        />
        <ActionButton
          label={messages.keys}
          icon="keyboard"
          size="small"
          kind="quiet"
          class="review-keys"
          onClick={showShortcuts}
        />
      </header>
      <Content session={session} />
    </div>
  );
}

/** The photos of this session, and the decisions so far. */
function Progress({ session }: { session: ReviewSession }) {
  const { images, index, isWhole, progress } = session;
  const { length } = images.value;
  const { decisions, photos } = progress.value;
  return (
    <div class="review-progress">
      {length > 0 && (
        <progress
          class="progress"
          aria-label={messages.photosOfSession}
          max={length}
          value={Math.min(index.value, length)}
        />
      )}
      <p role="status">
        {length > 0 && messages.photoOf(Math.min(index.value + 1, length), length, !isWhole.value)}
        {length > 0 && " "}
        {decisions > 0 && messages.decisionsOn(decisions, photos)}
      </p>
    </div>
  );
}

function Content({ session }: { session: ReviewSession }) {
  const { images, image, photo, isWhole, problem, decisions } = session;
  if (image.value && photo.value) {
    return <Card key={image.value.id} session={session} image={image.value} photo={photo.value} />;
  }
  if (problem.value) {
    return <Failed text={problem.value} onRetry={() => void session.load()} />;
  }
  if (!isWhole.value) {
    return <div class="review-loading skeleton" role="status" aria-busy="true" aria-label={controls.loading} />;
  }
  const skipped = images.value.length - session.progress.value.photos;
  return (
    <Empty
      icon="check"
      title={skipped > 0 ? messages.thatWasTheLastPhoto : messages.allPhotosAreReviewed}
      actions={
        <>
          {images.value.length > 0 && (
            <ActionButton label={messages.previousPhoto} icon="left" onClick={() => session.turn(-1)} />
          )}
          <a class="button" href="/">
            {messages.goToLibrary}
          </a>
        </>
      }
    >
      <p>
        {skipped > 0
          ? messages.skippedPhotos(skipped)
          : decisions.value.length > 0
            ? messages.allCertain
            : messages.allReviewed}
      </p>
    </Empty>
  );
}
