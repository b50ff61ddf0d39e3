// The facts about a photo: its dates, its file, and the metadata in the file.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
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
      <Fact name="Added">{formatDateTime(createdAt)}</Fact>
      <Fact name="File">
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
      <h3 id="photo-description">In the file</h3>
      <dl class="facts">
        {title && <Fact name="Title">{title}</Fact>}
        {description && <Fact name="Caption">{description}</Fact>}
        {rating !== null && (
          <Fact name="Rating">
            <Rating rating={rating} />
          </Fact>
        )}
        {keywords.length > 0 && <Fact name="Keywords">{keywords.join(" · ")}</Fact>}
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
  return (
    <Fact name="Taken">
      <span class="facts-line">
        {source === "upload" ? "Unknown" : formatCaptureTime(at, source)}
        {state === "ready" && (
          <ActionButton
            label="Change date"
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
      <span class="facts-source">
        {source === "upload" ? "the time of the upload is used" : describeTimeSource(source)}
        {!isPlausible && ". This date can't be right."}
      </span>
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
      {camera && <Fact name="Camera">{camera}</Fact>}
      {lens && <Fact name="Lens">{lens}</Fact>}
      {exposure && <Fact name="Exposure">{exposure}</Fact>}
      {position && (
        <Fact name="Place">
          {formatPosition(position)}
          <a class="facts-source" href={mapLink(position)} target="_blank" rel="noreferrer">
            Show in OpenStreetMap
          </a>
        </Fact>
      )}
    </>
  );
}

function Rating({ rating }: { rating: number }) {
  if (rating < 0) {
    return <>Rejected</>;
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
