// A link in the lists of the side bar: a cover, a name and a number of photos.

import { formatNumber } from "../formats";
import { Cover } from "./cover";
import type { IconName } from "./icon";
import "../styles/pinned.css";

interface PinnedLinkProps {
  readonly href: string;
  readonly name: string;
  /** The accessible name. */
  readonly label: string;
  readonly cover: { readonly id: string; readonly thumbnail: string } | null;
  readonly icon: IconName;
  /** The number of photos; null while it isn't known. */
  readonly count: number | null;
  readonly isOpen: boolean;
}

export function PinnedLink({ href, name, label, cover, icon, count, isOpen }: PinnedLinkProps) {
  return (
    <a class="pinned-link" href={href} title={name} aria-label={label} aria-current={isOpen ? "true" : undefined}>
      <Cover cover={cover} icon={icon} />
      <span class="pinned-name" dir="auto">
        {name}
      </span>{" "}
      {count !== null && <span class="pinned-count">{formatNumber(count)}</span>}
    </a>
  );
}
