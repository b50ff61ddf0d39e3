// The facts about a photo: its dates, its file, and the metadata in the file.

import type { ComponentChildren } from "preact";
import { describeTimeSource, formatCaptureTime } from "../capture-time";
import { formatBytes, formatDateTime } from "../formats";
import type { ImageDetails, ImageMetadata } from "../schemas";
import { describeRating, formatExposure, formatPosition, mapLink } from "./metadata-text";

const STARS = 5;

export function Facts({ image }: { image: ImageDetails }) {
  const { created_at: createdAt, type, size, width, height } = image;
  return (
    <dl class="facts">
      <Taken image={image} />
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

function Taken({ image: { taken_at: at, taken_source: source } }: { image: ImageDetails }) {
  if (!(at && source)) {
    return null;
  }
  return (
    <Fact name="Taken">
      {source === "upload" ? "Unknown" : formatCaptureTime(at, source)}
      <span class="facts-source">
        {source === "upload" ? "the time of the upload is used" : describeTimeSource(source)}
      </span>
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
