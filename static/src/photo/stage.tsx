// The stage: the photo, fitted or zoomed, with the boxes of its detections.

import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import * as messages from "#messages/photo";
import { describeImage } from "../library/image-text";
import { forgetLocalPicture, localPictures } from "../library/local-pictures";
import type { ImageSummary } from "../schemas";
import { lazy } from "../ui/lazy";
import { useLostPointer } from "../ui/lost-pointer";
import { Failed } from "../ui/notice";
import { draft, penFor } from "./box-draft";
import { Boxes } from "./boxes";
import { gestures } from "./gestures";
import type { Photo } from "./photo";
import type { Viewport } from "./viewport";

const BoxEditor = lazy(() => import("./box-editor"));

interface StageProps {
  readonly photo: Photo;
  readonly image: ImageSummary | null;
  readonly viewport: Viewport;
  readonly turn: (direction: 1 | -1) => void;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

export function Stage({ photo, image, viewport, turn, close, children }: StageProps) {
  const ref = useRef<HTMLDivElement>(null);
  const { handlers, end } = useMemo(
    () => gestures(ref, viewport, turn, close, penFor(viewport)),
    [viewport, turn, close],
  );
  useLostPointer(end);
  const { id, width, height } = image ?? { id: "", width: 0, height: 0 };

  useLayoutEffect(() => {
    const stage = ref.current;
    if (!stage) {
      return;
    }
    const measure = () => {
      viewport.stage.value = { width: stage.clientWidth, height: stage.clientHeight };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(stage);
    measure();
    viewport.measure = measure;
    return () => observer.disconnect();
  }, [viewport]);

  useLayoutEffect(() => {
    viewport.show(width && height ? { width, height } : null);
  }, [viewport, id, width, height]);

  return (
    <div class="stage">
      <div ref={ref} class={areaClass(viewport)} {...handlers}>
        {image && <Picture key={image.id} photo={photo} image={image} viewport={viewport} />}
      </div>
      {draft.value && <BoxEditor photo={photo} viewport={viewport} />}
      {children}
    </div>
  );
}

function areaClass(viewport: Viewport): string {
  if (draft.value?.isDrawing) {
    return "stage-area drawing";
  }
  return viewport.isZoomed.value ? "stage-area zoomed" : "stage-area";
}

function Picture({ photo, image, viewport }: { photo: Photo; image: ImageSummary; viewport: Viewport }) {
  const wantsOriginal = useSignal(false);
  const isSharp = useSignal(false);
  const hasOriginal = useSignal(false);
  useSignalEffect(() => {
    if (viewport.needsOriginal.value) {
      wantsOriginal.value = true;
    }
  });
  const isBroken = useSignal(false);
  const attempt = useSignal(0);
  const renew = async () => {
    isBroken.value = !(await photo.renewLinks().catch(() => false));
    attempt.value += 1;
  };
  const view = viewport.view.value;
  const local = localPictures.value.get(image.id);
  const links = photo.links.value;
  const original = photo.details.value?.links?.original;
  const forget = () => forgetLocalPicture(image.id);
  if (!view || image.state === "pending") {
    return local ? <img class="stage-local" src={local} alt={image.name} draggable={false} onError={forget} /> : null;
  }
  if (isBroken.value) {
    const retry = () => {
      photo.allowRenewal();
      isBroken.value = false;
    };
    return <BrokenStage name={image.name} onRetry={retry} />;
  }
  const frame = {
    width: `${image.width * view.scale}px`,
    height: `${image.height * view.scale}px`,
    transform: `translate(${view.x + viewport.swipe.value.x}px, ${view.y + viewport.swipe.value.y}px)`,
  };
  return (
    <>
      <div class="stage-picture" style={frame}>
        {!isSharp.value && (links?.thumbnail ?? local) && (
          <img class="stage-blurred" src={links?.thumbnail ?? local} alt="" draggable={false} onError={forget} />
        )}
        {links && (
          <img
            key={attempt.value} // the same link is fetched again
            src={links.preview}
            alt={describeImage(image)}
            draggable={false}
            onLoad={() => {
              isSharp.value = true;
            }}
            onError={() => void renew()}
          />
        )}
        {wantsOriginal.value && original && (
          <img
            class={hasOriginal.value ? "stage-original" : "stage-original loading"}
            src={original}
            alt=""
            draggable={false}
            onLoad={() => {
              hasOriginal.value = true;
            }}
          />
        )}
      </div>
      {photo.details.value && <Boxes detections={photo.boxes.value} view={view} />}
    </>
  );
}

function BrokenStage({ name, onRetry }: { name: string; onRetry: () => void }) {
  return (
    <div class="stage-notice">
      <Failed icon="broken" title={name} text={messages.pictureNotLoaded} onRetry={onRetry} />
    </div>
  );
}
