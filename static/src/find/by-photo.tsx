// Find photographs like a picture: what was seen on it, those that show as much, and those that come near.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Problem, wordsFor } from "../http";
import { Feed } from "../library/feed";
import { Grid } from "../library/grid";
import { inWords } from "../library/tile";
import type { PictureSearchResponse } from "../schemas";
import { textOf } from "../search/query";
import { Icon } from "../ui/icon";
import { FormError } from "../ui/notice";
import { dropMeans } from "../upload/picker";
import { ACCEPT } from "../upload/queue";
import { findLike } from "./photo-search";

/** What is too large or no photograph stays so, however often it is sent. */
function isRefused(failure: unknown): boolean {
  return failure instanceof Problem && [413, 422].includes(failure.status);
}

interface Found extends PictureSearchResponse {
  readonly feed: Feed;
}

export function ByPicture() {
  const { picture, found, failure, show, again } = useSearch();
  const unseen = useSignal<string | null>(null); // what this browser cannot draw, HEIC for one
  const isBusy = picture.value !== null && found.value === null && failure.value === null;
  const hide = () => {
    unseen.value = picture.value;
  };
  return (
    <>
      <div class={picture.value ? "find-zone small" : "find-zone"}>
        {picture.value && picture.value !== unseen.value && (
          <img class="find-picture" src={picture.value} alt="What you show" onError={hide} />
        )}
        <div class="find-ask">
          {!picture.value && <Icon name="find" size={40} />}
          {!picture.value && <p class="find-lead">Drop a picture here, paste one, or choose one.</p>}
          <label class="button">
            <Icon name="photos" /> {picture.value ? "Choose another" : "Choose a picture"}
            <input
              class="hidden-text"
              type="file"
              accept={ACCEPT}
              aria-label="Picture to show"
              onChange={({ currentTarget }) => {
                show(currentTarget.files);
                currentTarget.value = "";
              }}
            />
          </label>
          <p class="muted">It is looked at once and not kept.</p>
        </div>
      </div>
      <div role="status">
        {isBusy && (
          <p class="find-busy">
            <span class="spinner" /> Looking for objects…
          </p>
        )}
        {found.value && <Seen found={found.value} />}
      </div>
      {failure.value !== null && (
        <>
          <FormError>{wordsFor(failure.value)}</FormError>
          {!isRefused(failure.value) && (
            <button type="button" class="button" onClick={again}>
              <Icon name="retry" /> Try again
            </button>
          )}
        </>
      )}
      {found.value && found.value.seen.length > 0 && <Matches found={found.value} />}
    </>
  );
}

/** The picture that is shown, and what it finds; a picture shown later takes the place of one before. */
function useSearch() {
  const picture = useSignal<string | null>(null);
  const found = useSignal<Found | null>(null);
  const failure = useSignal<unknown>(null);
  const file = useRef<File | null>(null);
  const asked = useRef<AbortController | null>(null);

  const again = async () => {
    asked.current?.abort();
    asked.current = new AbortController();
    const { signal } = asked.current;
    found.value = null;
    failure.value = null;
    try {
      const results = file.current && (await findLike(file.current, signal));
      if (results && !signal.aborted) {
        const feed = new Feed(() => Promise.resolve({ images: results.images, next: null }));
        await feed.more();
        found.value = { ...results, feed };
      }
    } catch (error) {
      failure.value = signal.aborted ? failure.value : error;
    }
  };
  const show = (files: FileList | null | undefined) => {
    if (files?.[0]) {
      URL.revokeObjectURL(picture.value ?? "");
      file.current = files[0];
      picture.value = URL.createObjectURL(files[0]);
      void again();
    }
  };
  useEffect(() => {
    const take = (event: Event, files: FileList | undefined) => {
      if (files?.length) {
        event.preventDefault(); // it is no upload
        show(files);
      }
    };
    const ended = new AbortController();
    const options = { signal: ended.signal };
    document.addEventListener("drop", (event) => take(event, event.dataTransfer?.files), options);
    document.addEventListener("paste", (event) => take(event, event.clipboardData?.files), options);
    const before = dropMeans.value;
    dropMeans.value = "Drop to find photographs like it";
    return () => {
      dropMeans.value = before;
      ended.abort();
      asked.current?.abort();
      URL.revokeObjectURL(picture.value ?? "");
    };
  }, []);
  return { picture, found, failure, show, again: () => void again() };
}

function Seen({ found: { seen, images } }: { found: Found }) {
  if (seen.length === 0) {
    return (
      <div class="find-none">
        <h2>No object was seen on this picture</h2>
        <p class="muted">Show one on which things are larger, sharper or better lit.</p>
      </div>
    );
  }
  const query = textOf(
    seen.map(({ tag, count }) => ({
      kind: "tags",
      terms: [{ tag, least: count, most: null, negated: false }],
    })),
  );
  return (
    <div class="find-seen">
      <h2>Seen on it</h2>
      <ul class="chips" aria-label="Seen on it">
        {seen.map(({ tag, count }) => (
          <li key={tag} class="chip">
            {tag} <b>{count}</b>
          </li>
        ))}
      </ul>
      {images.length > 0 && (
        <a class="find-as-search" href={`/?q=${encodeURIComponent(query)}`}>
          Search for these tags
        </a>
      )}
    </div>
  );
}

function Matches({ found: { images, near, feed } }: { found: Found }) {
  return (
    <>
      <section class="find-section" aria-labelledby="find-matches">
        <h2 id="find-matches">{images.length > 0 ? "These show as much" : "Nothing shows as much"}</h2>
        {images.length > 0 && <Grid feed={feed} />}
      </section>
      {near.length > 0 && (
        <section class="find-section" aria-labelledby="find-near">
          <h2 id="find-near">These come near</h2>
          <ul class="near">
            {near.map(({ image, missing }) => (
              <li key={image.id}>
                <a class="near-link" href={`/photos/${image.id}`}>
                  <img class="near-picture" src={image.links?.thumbnail} alt={inWords(image)} loading="lazy" />
                  <span class="near-reason">{missing.join(", ")}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
