// One image in the grid: its thumbnail, its state, and its tags if the person wants to see them.

import { useSignal } from "@preact/signals";
import * as messages from "#messages/library";
import { reason } from "#messages/reasons";
import { del, get } from "../api";
import { wordsFor } from "../http";
import type { ImageSummary } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { Icon } from "../ui/icon";
import { toast } from "../ui/toasts";
import { BrokenPicture, RetryPicture } from "./broken-picture";
import { DeleteFailedDialog } from "./delete-failed-dialog";
import type { Feed } from "./feed";
import { describeImage } from "./image-text";
import { forgetLocalPicture, localPictures } from "./local-pictures";
import { pictureSources } from "./picture-sources";
import { TileMarks, useTileMarks } from "./selectable";
import { TileTags } from "./tile-tags";

const MAX_RETRIES = 2;

interface TileProps {
  readonly image: ImageSummary;
  /** In CSS pixels, from the top left corner of the section. */
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly feed: Feed;
  /** Of its controls: 0 for one tile of the grid, otherwise -1. */
  readonly tabIndex: 0 | -1;
}

export function TileView({ image, top, left, width, height, feed, tabIndex }: TileProps) {
  const style = { translate: `calc(var(--flow) * ${left}px) ${top}px`, width: `${width}px`, height: `${height}px` };
  const isFresh = feed.arrivals.fresh.value.has(image.id);
  const marks = useTileMarks(image);
  const classes = ["tile", isFresh && "fresh", marks?.isSelected && "tile-selected", marks?.note && "tile-noted"];
  return (
    <li class={classes.filter(Boolean).join(" ")} style={style} data-id={image.id} data-state={image.state}>
      {image.state === "failed" ? (
        <FailedTile image={image} feed={feed} tabIndex={tabIndex} />
      ) : (
        <TileLink image={image} width={width} feed={feed} tabIndex={tabIndex} />
      )}
      {image.favourite && (
        <span class="tile-favourite" aria-hidden="true">
          <Icon name="heart" size={16} isFilled />
        </span>
      )}
      {marks && <TileMarks image={image} {...marks} />}
    </li>
  );
}

function TileLink({ image, width, feed, tabIndex }: Pick<TileProps, "image" | "width" | "feed" | "tabIndex">) {
  const isBroken = useSignal(false);
  const setBroken = (value: boolean) => {
    isBroken.value = value;
  };
  return (
    <>
      <a class="tile-link" href={`/photos/${image.id}`} tabIndex={tabIndex}>
        <span class="hidden-text">{describeImage(image)}</span>
        {isBroken.value ? (
          <BrokenPicture name={image.name} />
        ) : (
          <Picture image={image} width={width} feed={feed} onBroken={() => setBroken(true)} />
        )}
        {image.state === "pending" && (
          <span class="tile-state" aria-hidden="true">
            <span class="spinner" /> {messages.detecting}
          </span>
        )}
        {image.damage && (
          <span class="tile-state" aria-hidden="true" title={reason(image.damage)}>
            <Icon name="alert" /> {messages.damaged}
          </span>
        )}
        {image.tags.length > 0 && <TileTags tags={image.tags} width={width} />}
      </a>
      {isBroken.value && <RetryPicture name={image.name} tabIndex={tabIndex} onRetry={() => setBroken(false)} />}
    </>
  );
}

interface PictureProps {
  readonly image: ImageSummary;
  readonly width: number;
  readonly feed: Feed;
  readonly onBroken: () => void;
}

function Picture({ image, width, feed, onBroken }: PictureProps) {
  const attempt = useSignal(0);
  const device = localPictures.value.get(image.id);
  const local = image.links ? undefined : device; // some browsers draw other colours than PixTag
  const longSide = image.height > image.width ? (width * image.height) / Math.max(1, image.width) : width;
  const source = local ?? image.links?.thumbnail;
  if (!source) {
    return <span class="tile-blank skeleton" />;
  }
  // Links expire after an hour, so get new ones. Photos of old versions may have only one thumbnail.
  const retry = async () => {
    if (local) {
      forgetLocalPicture(image.id);
      return;
    }
    if (attempt.value === 0) {
      feed.renew(await get("/images/{image_id}", { path: { image_id: image.id } }));
    }
    attempt.value += 1;
    if (attempt.value > MAX_RETRIES) {
      onBroken();
    }
  };
  return (
    <img
      key={attempt.value} // the same link is fetched again
      class="tile-picture"
      src={source}
      srcset={local || attempt.value === MAX_RETRIES ? undefined : pictureSources(image, longSide)}
      alt=""
      decoding="async"
      draggable={false}
      onLoad={() => {
        if (device && !local) {
          forgetLocalPicture(image.id);
        }
      }}
      onError={() => void retry().catch(onBroken)}
    />
  );
}

function FailedTile({ image, feed, tabIndex }: Pick<TileProps, "image" | "feed" | "tabIndex">) {
  const isAsking = useSignal(false);
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
      <a class="tile-failed-more" href={`/photos/${image.id}`} tabIndex={tabIndex}>
        <Icon name="alert" />
        <span class="tile-failed-name">{image.name}</span>
        <span class="tile-failed-reason">{reason(image.reason)}</span>
      </a>
      <ActionButton
        label={messages.deleteButton}
        name={messages.deleteIt(image.name)}
        size="small"
        class="tile-link"
        tabIndex={tabIndex}
        onClick={() => {
          isAsking.value = true;
        }}
      />
      {isAsking.value && (
        <DeleteFailedDialog
          name={image.name}
          onConfirm={() => void remove()}
          onClose={() => {
            isAsking.value = false;
          }}
        />
      )}
    </div>
  );
}
