// The details of a photo and their controls: to its right, or below it on phones.

import { formatBytes, formatDateTime } from "../formats";
import { ActionButton } from "../ui/action-button";
import { Detections } from "./detections";
import type { Photo } from "./photo";
import { Similar } from "./similar";
import { TagSection } from "./tag-section";

export function Panel({ photo, onClose }: { photo: Photo; onClose: () => void }) {
  const image = photo.details.value;
  return (
    <aside class="panel" aria-label="Photo details">
      <header class="panel-head">
        <h2>{image?.name ?? "Photo"}</h2>
        <ActionButton label="Close details" icon="down" kind="quiet" isIconOnly class="panel-close" onClick={onClose} />
      </header>
      {image && <Facts photo={photo} />}
      {image?.damage && <p class="panel-part">{image.damage}</p>}
      {image?.state === "trashed" && <Trashed photo={photo} />}
      {image?.state === "ready" && (
        <>
          <TagSection photo={photo} />
          <Detections photo={photo} />
          <Similar image={image} />
          <section class="panel-part">
            <ActionButton
              label={photo.isRedetecting.value ? "Redetecting…" : "Redetect"}
              icon="retry"
              size="wide"
              isBusy={photo.isRedetecting.value}
              onClick={() => void photo.redetect()}
            />
            <p class="muted panel-hint">Your corrections are kept. Last detected with {image.model}.</p>
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
          <dd>{formatDateTime(takenAt)}</dd>
        </div>
      )}
      <div>
        <dt>Added</dt>
        <dd>{formatDateTime(createdAt)}</dd>
      </div>
      <div>
        <dt>File</dt>
        <dd>
          {width > 0 && `${width} × ${height}, `}
          {type.replace("image/", "").toUpperCase()}, {formatBytes(size)}
        </dd>
      </div>
    </dl>
  );
}

function Trashed({ photo }: { photo: Photo }) {
  return (
    <section class="panel-part">
      <p>This photo is in the trash. It will be deleted permanently after 30 days there.</p>
      <ActionButton label="Restore photo" icon="restore" onClick={() => void photo.restore()} />
    </section>
  );
}
