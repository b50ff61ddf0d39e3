// The cover of a saved search: the newest photo that matches.

import { useSignal } from "@preact/signals";
import type { SubscriptionResponse } from "../schemas";
import { Icon } from "../ui/icon";
import "../styles/saved-cover.css";

export function Cover({ search: { cover, fault } }: { search: SubscriptionResponse }) {
  const broken = useSignal("");
  return (
    <span class="saved-cover" aria-hidden="true">
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
        <Icon name={fault ? "alert" : "search"} size={20} />
      )}
    </span>
  );
}
