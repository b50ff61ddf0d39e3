// The newest photo with a tag. It is read when it comes near the screen.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { get } from "../api";
import { findLongSide, pictureSources } from "../library/picture-sources";
import type { ImageSummary } from "../schemas";
import { Icon } from "../ui/icon";
import { writeName } from "./terms";

const HEIGHT = 150; // CSS pixels, about

export function TagCover({ tag }: { tag: string }) {
  const ref = useRef<HTMLSpanElement>(null);
  const image = useSignal<ImageSummary | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) {
          observer.disconnect();
          get("/search", { query: { q: writeName(tag), limit: 1 }, signal: ended.signal }).then(
            ({ images }) => {
              image.value = images[0] ?? null;
            },
            () => {}, // a card without a cover
          );
        }
      },
      { rootMargin: "200px" },
    );
    if (ref.current) {
      observer.observe(ref.current);
    }
    return () => {
      observer.disconnect();
      ended.abort();
    };
  }, [tag]);
  const { links = null } = image.value ?? {};
  return (
    <span ref={ref} class="tag-cover" aria-hidden="true">
      {image.value && links ? (
        <img
          src={links.thumbnail}
          srcset={pictureSources(image.value, findLongSide(image.value, HEIGHT))}
          alt=""
          decoding="async"
          onError={() => {
            image.value = null;
          }}
        />
      ) : (
        <Icon name="tag" size={28} />
      )}
    </span>
  );
}
