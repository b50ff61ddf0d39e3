// Compares the photos of a group: they are shown in the same place, one after the other, with the same zoom.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import * as messages from "#messages/duplicates";
import { describeImage } from "../library/image-text";
import { ActionButton } from "../ui/action-button";
import { Dialog } from "../ui/dialog";
import type { Group } from "./groups";

interface CompareProps {
  readonly group: Group;
  /** The id of the image to keep. */
  readonly kept: string;
  readonly onKeep: (id: string) => void;
  readonly onClose: () => void;
}

export default function Compare({ group: { images }, kept, onKeep, onClose }: CompareProps) {
  const index = useSignal(0);
  const isZoomed = useSignal(false);
  const view = useRef<HTMLDivElement>(null);
  const image = images[index.value % images.length];
  const next = images[(index.value + 1) % images.length];
  useLayoutEffect(() => {
    const { current } = view;
    current?.scrollTo(
      (current.scrollWidth - current.clientWidth) / 2,
      (current.scrollHeight - current.clientHeight) / 2,
    );
  }, [isZoomed.value]);
  if (!(image && next)) {
    return null;
  }
  const showNext = () => {
    index.value = (index.value + 1) % images.length;
  };
  const isKept = image.id === kept;
  return (
    <Dialog
      title={messages.comparePhotos}
      onClose={onClose}
      actions={
        <ActionButton
          label={isKept ? messages.thisOneIsKept : messages.keepThisOne}
          icon="check"
          onClick={() => onKeep(image.id)}
        />
      }
    >
      <div class="compare">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot scroll */}
        <div
          ref={view}
          class="compare-view"
          data-state={isZoomed.value ? "zoomed" : undefined}
          style={{ aspectRatio: `${images[0]?.width} / ${images[0]?.height}` }}
          role="group"
          aria-label={messages.picture}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll it
          tabIndex={0}
        >
          <div class="compare-canvas">
            {[image, ...(next === image ? [] : [next])].map((each) => (
              <img
                key={each.id}
                class="compare-picture"
                data-state={each === image ? undefined : "hidden"}
                src={each.links?.preview}
                alt={each === image ? describeImage(each) : ""}
              />
            ))}
          </div>
        </div>
        <div class="compare-text" role="status">
          <p>
            {messages.photoOf((index.value % images.length) + 1, images.length)} <bdi>{image.name}</bdi>
          </p>
          <p class="muted">
            <bdi>{messages.facts(image)}</bdi>
          </p>
        </div>
        <div class="compare-controls">
          <ActionButton autofocus label={messages.nextPhoto} icon="retry" kind="primary" onClick={showNext} />
          <ActionButton
            label={isZoomed.value ? messages.zoomOut : messages.zoomIn}
            icon={isZoomed.value ? "minus" : "add"}
            onClick={() => {
              isZoomed.value = !isZoomed.value;
            }}
          />
        </div>
      </div>
    </Dialog>
  );
}
