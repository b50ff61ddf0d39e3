// The cover of an album or a saved search: one of its photos.

import { useSignal } from "@preact/signals";
import { Icon, type IconName } from "./icon";
import "../styles/cover.css";

interface CoverProps {
  readonly cover: { readonly id: string; readonly thumbnail: string } | null;
  /** What is shown without a cover. */
  readonly icon: IconName;
  readonly iconSize?: number;
}

export function Cover({ cover, icon, iconSize = 20 }: CoverProps) {
  const broken = useSignal("");
  return (
    <span class="cover" aria-hidden="true">
      {cover && broken.value !== cover.id ? (
        <img
          src={cover.thumbnail}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => {
            broken.value = cover.id;
          }}
        />
      ) : (
        <Icon name={icon} size={iconSize} />
      )}
    </span>
  );
}
