// What is known of a photograph, and what can be changed: beside it, or below it on phones.

import { Icon } from "../ui/icon";
import { Objects } from "./detections";
import type { Photo } from "./photo";
import { Similar } from "./similar";
import { Tags } from "./tag-section";
import { bytes, dateTime } from "./words";

export function Panel({ photo, onClose }: { photo: Photo; onClose: () => void }) {
  const image = photo.details.value;
  return (
    <aside class="panel" aria-label="About this photograph">
      <header class="panel-head">
        <h2>{image?.name ?? "Photograph"}</h2>
        <button
          type="button"
          class="button quiet icon-only panel-close"
          aria-label="Close the details"
          onClick={onClose}
        >
          <Icon name="down" />
        </button>
      </header>
      {image && <Facts photo={photo} />}
      {image?.state === "trashed" && <Trashed photo={photo} />}
      {image?.state === "ready" && (
        <>
          <Tags photo={photo} />
          <Objects photo={photo} />
          <Similar image={image} />
          <section class="panel-part">
            <button type="button" class="button wide" onClick={() => void photo.redetect()}>
              {photo.isLookedAt.value ? <span class="spinner" /> : <Icon name="retry" />}
              {photo.isLookedAt.value ? "Looking" : "Look for objects again"}
            </button>
            <p class="muted panel-hint">Your corrections stay. It was looked at by {image.model}.</p>
          </section>
        </>
      )}
    </aside>
  );
}

function Facts({ photo }: { photo: Photo }) {
  const image = photo.details.value;
  if (!image) {
    return null;
  }
  const { taken_at: takenAt, created_at: createdAt, type, size, width, height } = image;
  return (
    <dl class="facts">
      {takenAt && (
        <div>
          <dt>Taken</dt>
          <dd>{dateTime(takenAt)}</dd>
        </div>
      )}
      <div>
        <dt>Added</dt>
        <dd>{dateTime(createdAt)}</dd>
      </div>
      <div>
        <dt>File</dt>
        <dd>
          {width > 0 && `${width} × ${height}, `}
          {type.replace("image/", "").toUpperCase()}, {bytes(size)}
        </dd>
      </div>
    </dl>
  );
}

function Trashed({ photo }: { photo: Photo }) {
  return (
    <section class="panel-part">
      <p>This photograph is in the trash. Thirty days after it was put there, it is gone.</p>
      <button type="button" class="button" onClick={() => void photo.restore()}>
        <Icon name="retry" /> Take it out of the trash
      </button>
    </section>
  );
}
