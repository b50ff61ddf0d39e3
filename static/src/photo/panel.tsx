// The details of a photo and their controls: to its right, or below it on phones.

import { ActionButton } from "../ui/action-button";
import { Description, Facts } from "./facts";
import type { Photo } from "./photo";
import { Similar } from "./similar";
import { TagList } from "./tag-list";

export function Panel({ photo, onClose }: { photo: Photo; onClose: () => void }) {
  const image = photo.details.value;
  return (
    <aside class="panel" aria-label="Photo details">
      <header class="panel-head">
        <h2>{image?.name ?? "Photo"}</h2>
        <ActionButton label="Close details" icon="down" kind="quiet" isIconOnly class="panel-close" onClick={onClose} />
      </header>
      {image && <Facts photo={photo} image={image} />}
      {image?.damage && <p class="panel-part">{image.damage}</p>}
      {image && <Description metadata={image.metadata} />}
      {image?.state === "trashed" && <Trashed photo={photo} />}
      {image?.state === "ready" && (
        <>
          <TagList photo={photo} />
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

function Trashed({ photo }: { photo: Photo }) {
  return (
    <section class="panel-part">
      <p>This photo is in the trash. It will be deleted permanently after 30 days there.</p>
      <ActionButton label="Restore photo" icon="restore" onClick={() => void photo.restore()} />
    </section>
  );
}
