// An image for tests.

import type { ImageSummary } from "../schemas";

/** Return a ready image, taken and added at the same moment. */
export function testImage(id: string, changes: Partial<ImageSummary> = {}): ImageSummary {
  const state = changes.state ?? "ready";
  return {
    id,
    state,
    name: `${id}.jpg`,
    type: "image/jpeg",
    size: 1,
    width: 4,
    height: 3,
    reason: "",
    damage: "",
    tags: [],
    certain: {},
    favourite: false,
    links: state === "ready" ? { preview: "", large_thumbnail: "", thumbnail: `thumbnail of ${id}` } : null,
    created_at: "2026-01-01T00:00:00Z",
    taken_at: state === "ready" ? "2026-01-01T00:00:00" : null,
    taken_source: state === "ready" ? "exif" : null,
    taken_plausible: true,
    trashed_at: null,
    ...changes,
  };
}
