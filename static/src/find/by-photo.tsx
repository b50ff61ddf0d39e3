// Find photos like a given one: the objects detected in it, photos with the same objects, and close matches.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as controls from "#messages/controls";
import * as messages from "#messages/find";
import { Problem, wordsFor } from "../http";
import { Feed } from "../library/feed";
import { Grid } from "../library/grid";
import { describeImage } from "../library/image-text";
import { findLongSide, pictureSources } from "../library/picture-sources";
import type { PictureSearchResponse } from "../schemas";
import { queryForTags } from "../search/query";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { FormError } from "../ui/notice";
import { TagMark } from "../ui/tag-mark";
import { ACCEPT } from "../upload/photo-types";
import { dropHint } from "../upload/picker";
import { searchByPhoto } from "./photo-search";

const NEAR_HEIGHT = 160; // of pictures that are cut to 3:2

/** Whether a retry can't help, because the file is too large or not a photo. */
function isPermanent(failure: unknown): boolean {
  return failure instanceof Problem && [413, 422].includes(failure.status);
}

interface SearchResult extends PictureSearchResponse {
  readonly feed: Feed;
}

export function ByPhoto() {
  const { picture, result, failure, show, retry } = useSearch();
  const undrawable = useSignal<string | null>(null); // a file that this browser can't draw, such as HEIC
  const isBusy = picture.value !== null && result.value === null && failure.value === null;
  const hide = () => {
    undrawable.value = picture.value;
  };
  return (
    <div class={result.value ? "find-both" : ""}>
      <div class={picture.value ? "find-zone compact" : "find-zone"}>
        {picture.value && picture.value !== undrawable.value && (
          <img class="find-picture" src={picture.value} alt={messages.searchExample} onError={hide} />
        )}
        <div class="find-choose">
          {!picture.value && <Icon name="find" size={40} />}
          {!picture.value && <p class="find-lead">{messages.dropPasteOrChoose}</p>}
          <label class="button">
            <Icon name="photos" /> {picture.value ? messages.chooseAnotherPhoto : messages.choosePhoto}
            <input
              class="hidden-text"
              type="file"
              accept={ACCEPT}
              aria-label={messages.photoToSearch}
              onChange={({ currentTarget }) => {
                show(currentTarget.files);
                currentTarget.value = "";
              }}
            />
          </label>
          <p class="muted">{messages.photoNotKept}</p>
        </div>
      </div>
      <div class="find-results">
        <div role="status">
          {isBusy && (
            <p class="find-busy">
              <span class="spinner" /> {messages.detectingObjects}
            </p>
          )}
          {result.value && <Detected result={result.value} />}
        </div>
        {failure.value !== null && (
          <>
            <FormError>{wordsFor(failure.value)}</FormError>
            {!isPermanent(failure.value) && <ActionButton label={controls.tryAgain} icon="retry" onClick={retry} />}
          </>
        )}
        {result.value && result.value.seen.length > 0 && <Matches result={result.value} />}
      </div>
    </div>
  );
}

/** The photo to search by and its result. A newer photo replaces it. */
function useSearch() {
  const picture = useSignal<string | null>(null);
  const result = useSignal<SearchResult | null>(null);
  const failure = useSignal<unknown>(null);
  const file = useRef<File | null>(null);
  const request = useRef<AbortController | null>(null);

  const search = async () => {
    request.current?.abort();
    request.current = new AbortController();
    const { signal } = request.current;
    result.value = null;
    failure.value = null;
    try {
      const results = file.current && (await searchByPhoto(file.current, signal));
      if (results && !signal.aborted) {
        const feed = new Feed(() => Promise.resolve({ images: results.images, next: null }));
        await feed.more();
        result.value = { ...results, feed };
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
      void search();
    }
  };
  useEffect(() => {
    const take = (event: Event, files: FileList | undefined) => {
      if (files?.length) {
        event.preventDefault(); // otherwise it would be uploaded
        show(files);
      }
    };
    const ended = new AbortController();
    const options = { signal: ended.signal };
    document.addEventListener("drop", (event) => take(event, event.dataTransfer?.files), options);
    document.addEventListener("paste", (event) => take(event, event.clipboardData?.files), options);
    const before = dropHint.value;
    dropHint.value = messages.dropToFindSimilarPhotos;
    return () => {
      dropHint.value = before;
      ended.abort();
      request.current?.abort();
      URL.revokeObjectURL(picture.value ?? "");
    };
  }, []);
  return { picture, result, failure, show, retry: () => void search() };
}

function Detected({ result: { seen, images } }: { result: SearchResult }) {
  if (seen.length === 0) {
    return (
      <div class="find-none">
        <h2>{messages.noObjectsDetected}</h2>
        <p class="muted">{messages.noObjectsAdvice}</p>
      </div>
    );
  }
  const query = queryForTags(seen);
  return (
    <div class="find-detected">
      <h2>{messages.detectedObjects}</h2>
      <ul class="chips" aria-label={messages.detectedObjects}>
        {seen.map(({ tag, count }) => (
          <li key={tag}>
            <TagMark tag={tag} count={count} />
          </li>
        ))}
      </ul>
      {images.length > 0 && (
        <a class="find-as-search" href={`/?q=${encodeURIComponent(query)}`}>
          {messages.searchForTheseTags}
        </a>
      )}
    </div>
  );
}

function Matches({ result: { images, near, feed } }: { result: SearchResult }) {
  return (
    <>
      <section class="find-section" aria-labelledby="find-matches">
        <h2 id="find-matches">{images.length > 0 ? messages.matchingPhotos : messages.noMatchingPhotos}</h2>
        {images.length > 0 && <Grid feed={feed} />}
      </section>
      {near.length > 0 && (
        <section class="find-section" aria-labelledby="find-near">
          <h2 id="find-near">{messages.closeMatches}</h2>
          <ul class="near">
            {near.map(({ image, missing }) => (
              <li key={image.id}>
                <a class="near-link" href={`/photos/${image.id}`}>
                  <img
                    class="near-picture"
                    src={image.links?.thumbnail}
                    srcset={pictureSources(image, findLongSide(image, NEAR_HEIGHT))}
                    alt={describeImage(image)}
                    loading="lazy"
                  />
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
