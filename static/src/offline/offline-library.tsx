// The photos that this device has kept, while PixTag can't be reached.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/offline";
import { type KeptPhoto, readPhotos, readThumbnail } from "./kept-library";
import "../styles/offline.css";

export function OfflineLibrary() {
  const photos = useSignal<readonly KeptPhoto[]>([]);
  useEffect(() => {
    void readPhotos().then((kept) => {
      photos.value = kept;
    });
  }, []);
  if (photos.value.length === 0) {
    return null;
  }
  return (
    <section class="offline" aria-labelledby="offline-title">
      <h2 id="offline-title">{messages.latestPhotos}</h2>
      <p class="muted">{messages.onlyThumbnails}</p>
      <ul class="offline-photos">
        {photos.value.map((photo) => (
          <Thumbnail key={photo.id} photo={photo} />
        ))}
      </ul>
    </section>
  );
}

function Thumbnail({ photo: { id, name, width, height } }: { photo: KeptPhoto }) {
  const url = useSignal("");
  useEffect(() => {
    let made = "";
    void readThumbnail(id).then((thumbnail) => {
      made = thumbnail ? URL.createObjectURL(thumbnail) : "";
      url.value = made;
    });
    return () => URL.revokeObjectURL(made);
  }, [id]);
  return (
    <li style={{ aspectRatio: `${width} / ${Math.max(1, height)}` }}>
      {url.value && <img src={url.value} alt={name} />}
    </li>
  );
}
