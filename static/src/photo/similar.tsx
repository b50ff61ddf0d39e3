// Other photographs that show at least as much.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { post } from "../api";
import { inWords } from "../library/tile";
import { go } from "../router";
import type { ImageDetails, ImageSummary } from "../schemas";
import { queryFor } from "./words";

const SHOWN = 12;

export function Similar({ image }: { image: ImageDetails }) {
  const found = useSignal<readonly ImageSummary[] | null>(null);
  const tags = image.tags.map(({ tag, count }) => ({ tag, count }));
  const query = queryFor(tags);
  useEffect(() => {
    const ended = new AbortController();
    found.value = null;
    if (tags.length) {
      post("/search", { body: { tags, limit: SHOWN + 1 }, signal: ended.signal }).then(
        ({ images }) => {
          found.value = images.filter(({ id }) => id !== image.id).slice(0, SHOWN);
        },
        () => {}, // they are an extra
      );
    }
    return () => ended.abort();
  }, [image.id, query]);
  if (!found.value) {
    return null;
  }
  return (
    <section class="panel-part" aria-labelledby="photo-similar">
      <h3 id="photo-similar">Similar photographs</h3>
      {found.value.length === 0 ? (
        <p class="muted">No other shows as much.</p>
      ) : (
        <>
          <ul class="similar">
            {found.value.map((one) => (
              <li key={one.id}>
                <a
                  href={`/photos/${one.id}`}
                  onClick={(event) => {
                    if (!(event.ctrlKey || event.metaKey || event.shiftKey)) {
                      event.preventDefault();
                      go(`/photos/${one.id}`, "replace");
                    }
                  }}
                >
                  <img src={one.links?.thumbnail} alt={inWords(one)} width={one.width} height={one.height} />
                </a>
              </li>
            ))}
          </ul>
          <a class="similar-all" href={`/?q=${encodeURIComponent(query)}`}>
            Show them in the library
          </a>
        </>
      )}
    </section>
  );
}
