// The review: photos with uncertain boxes, those with the most first. The person decides about one box after the other.

import { useEffect, useMemo } from "preact/hooks";
import { formatNumber, formatPhotos } from "../formats";
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
        <h1>Review</h1>
        <Progress session={session} />
        <ActionButton
          label="Undo"
          icon="restore"
          size="small"
          aria-disabled={session.decisions.value.length === 0}
          title="Undo the last decision (Z)"
          onClick={() => void session.undo()}
        />
        <ActionButton
          label="Keys"
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
  const total = `${formatNumber(length)}${isWhole.value ? "" : "+"}`;
  return (
    <div class="review-progress">
      {length > 0 && (
        <progress
          class="progress"
          aria-label="Photos of this session"
          max={length}
          value={Math.min(index.value, length)}
        />
      )}
      <p role="status">
        {length > 0 && `Photo ${formatNumber(Math.min(index.value + 1, length))} of ${total}. `}
        {decisions > 0 &&
          `${formatNumber(decisions)} ${decisions === 1 ? "decision" : "decisions"} on ${formatPhotos(photos)}.`}
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
    return <div class="review-loading skeleton" role="status" aria-busy="true" aria-label="Loading" />;
  }
  const skipped = images.value.length - session.progress.value.photos;
  return (
    <Empty
      icon="check"
      title={skipped > 0 ? "That was the last photo" : "All photos are reviewed"}
      actions={
        <>
          {images.value.length > 0 && (
            <ActionButton label="Previous photo" icon="left" onClick={() => session.turn(-1)} />
          )}
          <a class="button" href="/">
            Go to library
          </a>
        </>
      }
    >
      <p>
        {skipped > 0
          ? `You skipped ${formatPhotos(skipped)}. They stay in the review.`
          : decisions.value.length > 0
            ? "All counts of these photos are certain now."
            : "PixTag is sure about all boxes, or you have checked them. New photos appear here if it isn't sure."}
      </p>
    </Empty>
  );
}
