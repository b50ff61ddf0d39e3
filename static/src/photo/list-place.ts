// The place of an open photo in the list that it was opened from.

import { useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { currentFeed } from "../library/current-feed";
import { everything } from "../library/feeds";
import { place } from "../router";
import { findListed } from "./image-actions";
import { neighboursOf } from "./neighbours";
import { photoOf } from "./photo";

const PREFETCH = 5; // with fewer photos after this one, the next page is loaded

/** Return the neighbours of an image in its list. */
export function around(id: string) {
  const { images, keyOf } = currentFeed.value ?? everything();
  const image = photoOf(id).details.value;
  return neighboursOf({ images: images.value, keyOf, key: image && keyOf(image) }, id);
}

/** Load the next page before an end of the list, and the pictures of the neighbours. */
export function useNeighbours(id: string): void {
  const preloaded = useRef<readonly HTMLImageElement[]>([]);
  const feed = currentFeed.value ?? everything();
  const { preceding, following } = around(id);
  const { value: status } = feed.status;
  const { value: above } = feed.above;
  useEffect(() => {
    if (status === "idle" && following < PREFETCH) {
      void feed.more();
    }
    if (above === "idle" && preceding < PREFETCH) {
      void feed.moreAbove();
    }
  }, [feed, status, above, preceding, following]);
  const links = useComputed(() => {
    const { previous, next } = around(place.value.path.split("/")[2] ?? "");
    return [next, previous].map((neighbour) => (neighbour && findListed(neighbour)?.links?.preview) || "").join("\n");
  });
  useSignalEffect(() => {
    preloaded.current = links.value
      .split("\n")
      .filter(Boolean)
      .map((url) => Object.assign(new Image(), { src: url }));
  });
}
