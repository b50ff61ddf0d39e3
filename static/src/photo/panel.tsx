// The details of a photo and their controls: to its right, or below it on phones.

import * as messages from "#messages/photo";
import { reason } from "#messages/reasons";
import { ActionButton } from "../ui/action-button";
import { AlbumList } from "./album-list";
import { Description, Facts } from "./facts";
import type { Photo } from "./photo";
import { Similar } from "./similar";
import { TagList } from "./tag-list";

export function Panel({ photo, onClose }: { photo: Photo; onClose: () => void }) {
  const image = photo.details.value;
  return (
    <aside class="panel" aria-label={messages.photoDetails}>
      <header class="panel-head">
        <h2>{image?.name ?? messages.photo}</h2>
        <ActionButton
          label={messages.closeDetails}
          icon="down"
          kind="quiet"
          isIconOnly
          class="panel-close"
          onClick={onClose}
        />
      </header>
      {image && <Facts photo={photo} image={image} />}
      {image?.damage && <p class="panel-part">{reason(image.damage)}</p>}
      {image && <Description metadata={image.metadata} />}
      {image?.state === "trashed" && <Trashed photo={photo} />}
      {image?.state === "ready" && (
        <>
          <TagList photo={photo} />
          <AlbumList photo={photo} image={image} />
          <Similar image={image} />
          <section class="panel-part">
            <ActionButton
              label={photo.isRedetecting.value ? messages.redetecting : messages.redetect}
              icon="retry"
              size="wide"
              isBusy={photo.isRedetecting.value}
              onClick={() => void photo.redetect()}
            />
            <p class="muted panel-hint">{messages.correctionsKept}</p>
            <details class="muted panel-hint">
              <summary>{messages.howDetected}</summary>
              <p>{messages.lastDetected(image.model)}</p>
            </details>
          </section>
        </>
      )}
    </aside>
  );
}

function Trashed({ photo }: { photo: Photo }) {
  return (
    <section class="panel-part">
      <p>{messages.photoInTrash}</p>
      <ActionButton label={messages.restorePhoto} icon="restore" onClick={() => void photo.restore()} />
    </section>
  );
}
