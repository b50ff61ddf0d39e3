// The facts about a photo: its dates, its file, and the metadata in the file.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import * as messages from "#messages/photo";
import { describeTimeSource, formatCaptureTime } from "../capture-time";
import { formatBytes, formatDateTime } from "../formats";
import type { ImageDetails, ImageMetadata } from "../schemas";
import { ActionButton } from "../ui/action-button";
import { lazy } from "../ui/lazy";
import { describeRating, formatExposure, formatPosition, mapLink } from "./metadata-text";
import type { Photo } from "./photo";

const DateDialog = lazy(() => import("./date-dialog"));
const STARS = 5;

export function Facts({ photo, image }: { photo: Photo; image: ImageDetails }) {
  const { created_at: createdAt, type, size, width, height } = image;
  return (
    <dl class="facts">
      <Taken photo={photo} image={image} />
      <Fact name={messages.added}>{formatDateTime(createdAt)}</Fact>
      <Fact name={messages.file}>
        {width > 0 && `${width} × ${height}, `}
        {type.replace("image/", "").toUpperCase()}, {formatBytes(size)}
      </Fact>
      <Shot metadata={image.metadata} />
    </dl>
  );
}

/** What people have written about the photo in other programs. */
export function Description({ metadata }: { metadata: ImageMetadata }) {
  const { title, description, rating, keywords } = metadata;
  if (!(title || description || rating !== null || keywords.length)) {
    return null;
  }
  return (
    <section class="panel-part" aria-labelledby="photo-description">
      <h3 id="photo-description">{messages.inTheFile}</h3>
      <dl class="facts">
        {title && <Fact name={messages.title}>{title}</Fact>}
        {description && <Fact name={messages.caption}>{description}</Fact>}
        {rating !== null && (
          <Fact name={messages.rating}>
            <Rating rating={rating} />
          </Fact>
        )}
        {keywords.length > 0 && <Fact name={messages.keywords}>{keywords.join(" · ")}</Fact>}
      </dl>
    </section>
  );
}

function Taken({ photo, image }: { photo: Photo; image: ImageDetails }) {
  const isEditing = useSignal(false);
  const { taken_at: at, taken_source: source, taken_plausible: isPlausible, state } = image;
  if (!(at && source)) {
    return null;
  }
  const sourceText = source === "upload" ? messages.uploadTimeUsed : describeTimeSource(source);
  return (
    <Fact name={messages.taken}>
      <span class="facts-line">
        {source === "upload" ? messages.unknown : formatCaptureTime(at, source)}
        {state === "ready" && (
          <ActionButton
            label={messages.changeDate}
            icon="edit"
            iconSize={16}
            kind="quiet"
            isIconOnly
            class="facts-edit"
            onClick={() => {
              isEditing.value = true;
            }}
          />
        )}
      </span>
      <span class="facts-source">{isPlausible ? sourceText : messages.implausible(sourceText)}</span>
      {isEditing.value && (
        <DateDialog
          photo={photo}
          image={image}
          onClose={() => {
            isEditing.value = false;
          }}
        />
      )}
    </Fact>
  );
}

function Shot({ metadata }: { metadata: ImageMetadata }) {
  const { camera, lens, position } = metadata;
  const exposure = formatExposure(metadata);
  return (
    <>
      {camera && <Fact name={messages.camera}>{camera}</Fact>}
      {lens && <Fact name={messages.lens}>{lens}</Fact>}
      {exposure && <Fact name={messages.exposure}>{exposure}</Fact>}
      {position && (
        <Fact name={messages.place}>
          {formatPosition(position)}
          <a class="facts-source" href={mapLink(position)} target="_blank" rel="noreferrer">
            {messages.showInOpenstreetmap}
          </a>
        </Fact>
      )}
    </>
  );
}

function Rating({ rating }: { rating: number }) {
  if (rating < 0) {
    return <>{messages.rejected}</>;
  }
  return (
    <span role="img" aria-label={describeRating(rating)}>
      {"★".repeat(rating)}
      {"☆".repeat(Math.max(0, STARS - rating))}
    </span>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
