// One image in the grid: its thumbnail, or how far it has come; what it shows, on hover, focus and when it is new.

import { useSignal } from "@preact/signals";
import { del, get } from "../api";
import { wordsFor } from "../http";
import type { ImageSummary } from "../schemas";
import { Icon } from "../ui/icon";
import { toast } from "../ui/toasts";
import { forgetLocalPicture, localPictures } from "../upload/uploads";
import type { Feed } from "./feed";
import { TileMarks } from "./selectable";

const CHIPS = 4;
const THUMBNAIL_PIXELS = 256;
const BLURRED = 1.5; // a thumbnail enlarged beyond this is not sharp enough

interface TileProps {
  readonly image: ImageSummary;
  readonly left: number;
  readonly width: number;
  readonly feed: Feed;
}

/** `beach.jpg: person 2, dog 1`. */
export function inWords({ name, state, tags }: Pick<ImageSummary, "name" | "state" | "tags">): string {
  if (state === "pending") {
    return `${name}: being looked at`;
  }
  const said = tags.map(({ tag, count }) => `${tag} ${count}`).join(", ");
  return `${name}: ${state === "failed" ? "could not be read" : said || "no tags"}`;
}

export function TileView({ image, left, width, feed }: TileProps) {
  const box = { left: `${left}px`, width: `${width}px` };
  const isFresh = feed.fresh.value.has(image.id);
  return (
    <li class={`tile ${image.state}${isFresh ? " fresh" : ""}`} style={box} data-id={image.id}>
      {image.state === "failed" ? (
        <FailedTile image={image} feed={feed} />
      ) : (
        <TileLink image={image} width={width} feed={feed} />
      )}
      <TileMarks image={image} />
    </li>
  );
}

function TileLink({ image, width, feed }: { image: ImageSummary; width: number; feed: Feed }) {
  return (
    <a class="tile-link" href={`/photos/${image.id}`}>
      <span class="hidden-text">{inWords(image)}</span>
      <Picture image={image} width={width} feed={feed} />
      {image.state === "pending" && (
        <span class="tile-state" aria-hidden="true">
          <span class="spinner" /> Looking
        </span>
      )}
      {image.tags.length > 0 && (
        <span class="tile-tags" aria-hidden="true">
          {image.tags.slice(0, CHIPS).map(({ tag, count }) => (
            <span key={tag} class="tile-tag">
              {tag}
              {count > 1 && <b>{count}</b>}
            </span>
          ))}
        </span>
      )}
    </a>
  );
}

function Picture({ image, width, feed }: { image: ImageSummary; width: number; feed: Feed }) {
  const isLoaded = useSignal(false);
  const renewed = useSignal(false);
  const local = localPictures.value.get(image.id);
  const longSide = image.height > image.width ? (width * image.height) / Math.max(1, image.width) : width;
  const small = longSide > THUMBNAIL_PIXELS * BLURRED ? image.links?.preview : image.links?.thumbnail;
  const source = local ?? small;
  if (!source) {
    return <span class="tile-blank skeleton" />;
  }
  // A link works for an hour at most; the first that does not is replaced by a new one.
  const renew = async () => {
    if (local) {
      forgetLocalPicture(image.id);
    } else if (!renewed.value) {
      renewed.value = true;
      feed.put(await get("/images/{image_id}", { path: { image_id: image.id } }));
    }
  };
  return (
    <img
      class={isLoaded.value ? "tile-picture loaded" : "tile-picture"}
      src={source}
      alt=""
      decoding="async"
      draggable={false}
      onLoad={() => {
        isLoaded.value = true;
      }}
      onError={() => void renew().catch(() => {})}
    />
  );
}

function FailedTile({ image, feed }: { image: ImageSummary; feed: Feed }) {
  const remove = async () => {
    try {
      await del("/images/{image_id}", { path: { image_id: image.id } });
      feed.remove(new Set([image.id]));
    } catch (error) {
      toast(wordsFor(error), "failed");
    }
  };
  return (
    <div class="tile-failed">
      <a class="tile-failed-more" href={`/photos/${image.id}`}>
        <Icon name="alert" />
        <span class="tile-failed-name">{image.name}</span>
        <span class="tile-failed-reason">{image.reason}</span>
      </a>
      <button
        type="button"
        class="button small tile-link"
        aria-label={`Remove ${image.name}`}
        onClick={() => void remove()}
      >
        Remove
      </button>
    </div>
  );
}
