// Other photos with at least the same tags.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/photo";
import { post } from "../api";
import { describeImage } from "../library/image-text";
import { findLongSide, pictureSources } from "../library/picture-sources";
import { go } from "../router";
import type { ImageDetails, ImageSummary } from "../schemas";
import { queryForTags } from "../search/query";

const MAX_SIMILAR = 12;
const PICTURE_HEIGHT = 72; // 4.5rem

export function Similar({ image }: { image: ImageDetails }) {
  const similar = useSignal<readonly ImageSummary[] | null>(null);
  const tags = image.tags.map(({ tag, count }) => ({ tag, count }));
  const query = queryForTags(tags);
  useEffect(() => {
    const ended = new AbortController();
    similar.value = null;
    if (tags.length) {
      post("/search", { body: { tags, limit: MAX_SIMILAR + 1 }, signal: ended.signal }).then(
        ({ images }) => {
          similar.value = images.filter(({ id }) => id !== image.id).slice(0, MAX_SIMILAR);
        },
        () => {}, // this section is optional
      );
    }
    return () => ended.abort();
  }, [image.id, query]);
  if (!similar.value) {
    return null;
  }
  return (
    <section class="panel-part" aria-labelledby="photo-similar">
      <h3 id="photo-similar">{messages.similarPhotos}</h3>
      {similar.value.length === 0 ? (
        <p class="muted">{messages.noSimilarPhotos}</p>
      ) : (
        <>
          <ul class="similar">
            {similar.value.map((other) => (
              <li key={other.id}>
                <a
                  href={`/photos/${other.id}`}
                  onClick={(event) => {
                    if (!(event.ctrlKey || event.metaKey || event.shiftKey)) {
                      event.preventDefault();
                      go(`/photos/${other.id}`, "replace");
                    }
                  }}
                >
                  <img
                    src={other.links?.thumbnail}
                    srcset={pictureSources(other, findLongSide(other, PICTURE_HEIGHT))}
                    alt={describeImage(other)}
                    width={other.width}
                    height={other.height}
                  />
                </a>
              </li>
            ))}
          </ul>
          <a class="similar-all" href={`/?q=${encodeURIComponent(query)}`}>
            {messages.showAllInLibrary}
          </a>
        </>
      )}
    </section>
  );
}
