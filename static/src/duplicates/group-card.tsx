// A group of duplicates: its photos, the best first, with the choice which one to keep.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/duplicates";
import { formatCaptureTime } from "../capture-time";
import { formatDateTime } from "../formats";
import { describeImage } from "../library/image-text";
import { findLongSide, pictureSources } from "../library/picture-sources";
import type { ImageSummary } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { fill } from "../ui/fill";
import { lazy } from "../ui/lazy";
import type { Duplicates } from "./duplicates";
import { findReason, type Group, keptOf, type Reason } from "./groups";

const Compare = lazy(() => import("./compare"));

const SHOWN_HEIGHT = 160;

const REASONS: Record<Reason, string> = {
  intact: messages.intact,
  pixels: messages.pixels,
  size: messages.size,
  earlier: messages.earlier,
};

interface GroupCardProps {
  readonly list: Duplicates;
  readonly group: Group;
  readonly onKeep: (group: Group) => void;
}

export function GroupCard({ list, group, onKeep }: GroupCardProps) {
  const isComparing = useSignal(false);
  const { id, images, cursor } = group;
  const kept = keptOf(group, list.chosen.value);
  const [best, second] = images;
  if (!(best && kept)) {
    return null;
  }
  const isBusy = list.busy.value.has(id);
  const label = kept === best ? messages.keepTheBest : messages.keepTheChosen;
  return (
    <section class="duplicates-group" aria-labelledby={`group-${id}`} tabIndex={-1}>
      <header class="duplicates-head">
        <h2 id={`group-${id}`} dir="auto">
          {messages.groupOf(best.name, images.length, cursor !== null)}
        </h2>
        {second && (
          <div class="duplicates-actions">
            <ActionButton
              label={messages.compare}
              name={messages.compareIt(best.name)}
              icon="copies"
              size="small"
              onClick={() => {
                isComparing.value = true;
              }}
            />
            <ActionButton
              label={label}
              name={messages.keepAndMove(label, kept.name, images.length - 1)}
              icon="check"
              size="small"
              kind="primary"
              isBusy={isBusy}
              onClick={() => onKeep(group)}
            />
          </div>
        )}
      </header>
      <fieldset class="duplicates-photos">
        <legend class="hidden-text">{messages.photoToKeep}</legend>
        {images.map((image) => (
          <Member
            key={image.id}
            group={id}
            image={image}
            isKept={image === kept}
            reason={second && image === best ? REASONS[findReason(best, second)] : ""}
            onChoose={() => list.choose(group, image.id)}
          />
        ))}
      </fieldset>
      {cursor !== null && (
        <ActionButton
          label={messages.showMorePhotos}
          name={messages.showMorePhotosOf(best.name)}
          size="small"
          isBusy={isBusy}
          onClick={() => void list.moreImages(group)}
        />
      )}
      {isComparing.value && (
        <Compare
          group={group}
          kept={kept.id}
          onKeep={(image) => list.choose(group, image)}
          onClose={() => {
            isComparing.value = false;
          }}
        />
      )}
    </section>
  );
}

interface MemberProps {
  readonly group: string;
  readonly image: ImageSummary;
  readonly isKept: boolean;
  /** Why it is the best; empty if it is not. */
  readonly reason: string;
  readonly onChoose: () => void;
}

function Member({ group, image, isKept, reason, onChoose }: MemberProps) {
  return (
    <div class="duplicate" data-state={isKept ? "kept" : undefined}>
      <a class="duplicate-link" href={`/photos/${image.id}`}>
        <img
          src={image.links?.thumbnail}
          srcset={pictureSources(image, findLongSide(image, SHOWN_HEIGHT))}
          alt={describeImage(image)}
          loading="lazy"
        />
      </a>
      <label class="duplicate-choice">
        <input type="radio" name={`keep-${group}`} checked={isKept} onChange={onChoose} />
        <span>{fill(messages.keepIt, <span class="hidden-text">{image.name}</span>)}</span>
      </label>
      <p class="duplicate-name" dir="auto">
        {image.name}
      </p>
      {reason && <p class="duplicate-reason">{reason}</p>}
      <p class="duplicate-facts">
        <bdi>{messages.facts(image)}</bdi>
      </p>
      <p class="duplicate-facts">{describeDate(image)}</p>
    </div>
  );
}

function describeDate({ taken_at: at, taken_source: source, created_at: createdAt }: ImageSummary): string {
  return at && source && source !== "upload"
    ? messages.taken(formatCaptureTime(at, source))
    : messages.added(formatDateTime(createdAt));
}
